// How each built-in that JSON does not know is tagged: its name and a body that JSON carries.

import { Buffer } from 'node:buffer'
import { types } from 'node:util'
import type { Step } from './payload-path.ts'

/** Reads and tags the value one step down. */
type Inside = (step: Step, read: () => unknown) => unknown
type Tag = readonly [name: string, body: unknown]

/** The tag of a built-in, or undefined for what is none; `sorted` makes equal maps and sets equal texts. */
export function tagBuiltIn(value: object, sorted: boolean, inside: Inside): Tag | undefined {
  if (types.isNativeError(value) || value instanceof Error) return ['error', errorBody(value, inside)]
  if (types.isUint8Array(value)) {
    return ['bytes', Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')]
  }
  if (!isDirect(value)) return undefined
  if (types.isDate(value)) return ['date', dateText(value)]
  if (types.isMap(value)) return ['map', ordered(mapBody(value, inside), sorted)]
  if (types.isSet(value)) return ['set', ordered(setBody(value, inside), sorted)]
  return undefined
}

/** Whether of a built-in itself, and not of a class that extends it and that would be lost. */
function isDirect(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object
  const root = Object.getPrototypeOf(prototype) as object | null
  return root !== null && Object.getPrototypeOf(root) === null
}

// The built-ins' own methods are called, not those that an object may have in their place.
function dateText(date: Date): string | null {
  return Number.isNaN(Date.prototype.getTime.call(date)) ? null : Date.prototype.toISOString.call(date)
}

function mapBody(map: ReadonlyMap<unknown, unknown>, inside: Inside): unknown[] {
  return [...Map.prototype.entries.call(map)].map(([key, entry], index) => [
    inside(['key', index], () => key),
    inside(['get', key], () => entry),
  ])
}

function setBody(set: ReadonlySet<unknown>, inside: Inside): unknown[] {
  return [...Set.prototype.values.call(set)].map((item, index) => inside(['item', index], () => item))
}

function ordered(body: unknown[], sorted: boolean): unknown[] {
  if (!sorted) return body
  const texts = new Map(body.map((entry) => [entry, JSON.stringify(entry)]))
  const text = (entry: unknown): string => texts.get(entry) ?? ''
  return body.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0))
}

function errorBody(error: Error, inside: Inside): Record<string, unknown> {
  const fields = error as unknown as Readonly<Record<string, unknown>>
  const body: Record<string, unknown> = {
    name: inside('name', () => String(fields['name'])),
    message: inside('message', () => String(fields['message'])),
  }
  const put = (name: string, keep: (value: unknown) => boolean): void => {
    let kept = false
    const tagged = inside(name, () => {
      const value = fields[name]
      kept = keep(value)
      return kept ? value : null
    })
    if (kept) body[name] = tagged
  }
  put('stack', (stack) => typeof stack === 'string')
  put('code', (code) => typeof code === 'string' || typeof code === 'number')
  if ('cause' in error) put('cause', () => true)
  if (error instanceof AggregateError) put('errors', Array.isArray)
  return body
}
