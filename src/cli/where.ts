// What `--where` asks of attributes, read from the line.

import type { AttributeQuery, NumberRange } from '../journal/store.ts'
import { usageError } from './exit.ts'

const form = /^(?<name>[^<>=]+)(?<sign><=|>=|=)(?<value>.*)$/s

/** @returns undefined where nothing is asked. */
export function attributesOf(given: readonly string[]): Readonly<Record<string, AttributeQuery>> | undefined {
  if (given.length === 0) return undefined
  const found = new Map<string, AttributeQuery>()
  for (const one of given) {
    const { name, sign, value } = form.exec(one)?.groups ?? {}
    if (name === undefined || value === undefined)
      throw bad(one, 'give NAME=VALUE, NAME>=NUMBER or NAME<=NUMBER')
    const before = found.get(name)
    if (sign === '=') {
      if (before !== undefined) throw bad(one, `${name} is asked for twice`)
      found.set(name, valueOf(value))
      continue
    }
    const end = value === '' ? Number.NaN : Number(value)
    if (!Number.isFinite(end)) throw bad(one, 'give a number')
    if (before !== undefined && typeof before !== 'object') throw bad(one, `${name} is asked for twice`)
    const range: NumberRange = sign === '>=' ? { ...before, min: end } : { ...before, max: end }
    found.set(name, range)
  }
  return Object.fromEntries(found)
}

function valueOf(text: string): AttributeQuery {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text.length > 1 && text.startsWith('"') && text.endsWith('"')) return text.slice(1, -1)
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : text
}

function bad(given: string, cure: string): Error {
  return usageError(`--where ${JSON.stringify(given)}: ${cure}`)
}
