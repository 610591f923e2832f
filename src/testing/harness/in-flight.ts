// Finds attempts that are in flight by what a test calls them: their step, their item.

import { isDeepStrictEqual } from 'node:util'
import type { JournalEvent } from '../../journal/event.ts'
import { keyOfCall, keyOfEvent } from './called-key.ts'
import type { HeldAttempt } from './held-attempt.ts'

/** The rounds of the repeats around an `each` stand before the keys of its items. */
const rounds = /^(?:#\d+)+\//

/** @param home the chain whose steps go by their names alone. @param name `parent/sub/fetch` is one of that call. */
export function ofStep(all: readonly HeldAttempt[], name: string, home: string): readonly HeldAttempt[] {
  const slash = name.lastIndexOf('/')
  const where = slash < 0 ? home : name.slice(0, slash)
  const step = name.slice(slash + 1)
  if (!where.includes('/')) return all.filter((one) => one.step === step && one.chain === where)
  const [owner = ''] = step.split(':', 1)
  return all.filter(({ step: of, context: { runId, idempotencyKey: key } }) => {
    const begin = `${runId}/${where}/${owner}`
    return of === step && key.startsWith(begin) && ['', '/', ':'].includes(key.charAt(begin.length))
  })
}

/**
 * @param item one that is equal, or the key of one that is an object: of others a key might be another one.
 * @param eventsOf a run's durable events.
 */
export function ofItem(
  all: readonly HeldAttempt[],
  item: unknown,
  eventsOf: (run: string) => readonly JournalEvent[],
): HeldAttempt | undefined {
  const equal = all.find((one) => isDeepStrictEqual(one.item, item))
  if (equal !== undefined || typeof item !== 'string') return equal
  return all.find((one) => {
    if (typeof one.item !== 'object' || one.item === null) return false
    const key = recordedKey(one, eventsOf(one.context.runId))
    return key === item || key?.replace(rounds, '') === item
  })
}

function recordedKey({ step, context }: HeldAttempt, events: readonly JournalEvent[]): string | undefined {
  const call = keyOfCall(step, context)
  const start = events.find((event) => event.type === 'attempt.started' && keyOfEvent(event) === call)
  return start !== undefined && 'item' in start ? start.item : undefined
}
