// The one query box over events: `chain:x type:attempt.failed after:-5m timeout`; a minus before a word turns it round.

import type { EventRow } from '../../src/inspector/protocol.ts'

export interface EventQuery {
  readonly matches: (event: EventRow) => boolean
  /** What could not be understood, as a sentence. */
  readonly problem?: string
}

type Test = (event: EventRow) => boolean

const fields = ['chain', 'step', 'item', 'type', 'attempt', 'seq', 'after', 'before'] as const
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** @param now what relative times such as `-5m` count from (ms since the epoch). */
export function readQuery(text: string, now: number): EventQuery {
  const tests: Test[] = []
  const problems: string[] = []
  for (const [word] of text.matchAll(/-?(?:\w+:)?(?:"[^"]*"|\S+)/g)) {
    const not = word.startsWith('-') && word.length > 1
    const [, field, value = ''] = /^(?:(\w+):)?(.*)$/s.exec(not ? word.slice(1) : word) ?? []
    const test = testOf(field, value.replaceAll('"', ''), now)
    if (typeof test === 'string') problems.push(test)
    else tests.push(not ? (event) => !test(event) : test)
  }
  return {
    matches: (event) => tests.every((test) => test(event)),
    ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
  }
}

function testOf(field: string | undefined, value: string, now: number): Test | string {
  switch (field) {
    case undefined:
      return textTest(value)
    case 'chain':
      return ({ chain }) => chain === value || chain?.startsWith(`${value}~`) === true
    case 'step':
      return ({ step }) => step === value || step?.startsWith(`${value}:`) === true
    case 'item':
      return ({ item }) => item === value
    case 'type':
      return ({ type }) => type === value || type.startsWith(`${value}.`) || type.endsWith(`.${value}`)
    case 'attempt':
      return ({ attempt }) => attempt === Number(value)
    case 'seq':
      return ({ seq }) => seq === Number(value)
    case 'after':
    case 'before': {
      const at = momentOf(value, now)
      if (at === undefined) return `${field}: takes a time such as -5m, 10:02 or 2026-05-04T10:02`
      return field === 'after' ? (event) => event.at >= at : (event) => event.at <= at
    }
    default:
      return `there is no ${field}: use ${fields.join(', ')}`
  }
}

function textTest(value: string): Test {
  const words = value.toLowerCase()
  return (event) =>
    event.type.includes(words) ||
    event.chain?.toLowerCase().includes(words) === true ||
    event.step?.toLowerCase().includes(words) === true ||
    event.item?.toLowerCase().includes(words) === true ||
    JSON.stringify(event.body).toLowerCase().includes(words)
}

function momentOf(value: string, now: number): number | undefined {
  const [, amount, unit = ''] = /^-(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) ?? []
  if (amount !== undefined) return now - Number(amount) * (units[unit] ?? 0)
  if (/^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(value)) {
    const [hours = 0, minutes = 0, seconds = 0] = value.split(':').map(Number)
    return new Date(now).setHours(hours, minutes, 0, 0) + seconds * 1_000
  }
  const parsed = /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(parsed) ? undefined : parsed
}
