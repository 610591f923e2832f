// The reducer of an `each`: one actor counts all its items, because a thousand child actors cost a thousand times more.

import type { RecoveryVerdict } from './chain-rules.ts'
import type { FailureLike } from './state.ts'

/** Where an item stands. */
export type ItemStatus = 'waiting' | 'running' | 'recovering' | 'backing-off' | 'succeeded' | 'failed'

/** All items of an `each`, by index. Changed in place by `advanceEach` only: copying 10,000 items for each would be quadratic. */
export interface EachContext {
  readonly keys: readonly string[]
  readonly onFailure: 'fail' | 'collect'
  readonly status: ItemStatus[]
  /** By index: outputs of the succeeded. */
  readonly outputs: unknown[]
  /** By key: attempts ended without success; absent where none. */
  readonly tries: Record<string, number>
  readonly lost: Record<string, number>
  /** By key: when the next attempt is due (ms since the epoch). */
  readonly due: Record<string, number>
  readonly failures: Record<string, FailureLike>
  /** By key: when an item that has started must be done (ms since the epoch); absent where none has a deadline. */
  deadlines?: Record<string, number>
  ended: number
  /** The first item that failed for good. */
  failed: string | null
}

export type EachEvent =
  | {
      readonly type: 'started'
      readonly key: string
      readonly attempt: number
      readonly deadline?: number | undefined
    }
  | { readonly type: 'succeeded'; readonly key: string; readonly output: unknown }
  | { readonly type: 'failed'; readonly key: string; readonly failure: FailureLike }
  | { readonly type: 'recovered'; readonly key: string; readonly verdict: RecoveryVerdict }
  | { readonly type: 'due'; readonly key: string }
  | { readonly type: 'lost'; readonly key: string }

export type EachEnd =
  | { readonly status: 'succeeded'; readonly output: readonly unknown[] }
  | { readonly status: 'failed'; readonly failure: FailureLike }

const expected: Readonly<Record<EachEvent['type'], ItemStatus>> = {
  started: 'waiting',
  succeeded: 'running',
  failed: 'running',
  recovered: 'recovering',
  due: 'backing-off',
  lost: 'running',
}

const places = new WeakMap<readonly string[], Map<string, number>>()

/** The place of a key among the items. */
export function placeOf({ keys }: Pick<EachContext, 'keys'>, key: string): number | undefined {
  let map = places.get(keys)
  if (map === undefined) {
    map = new Map(keys.map((one, index) => [one, index]))
    places.set(keys, map)
  }
  return map.get(key)
}

export function beginEach(keys: readonly string[], onFailure: 'fail' | 'collect'): EachContext {
  return {
    keys,
    onFailure,
    status: keys.map(() => 'waiting'),
    outputs: keys.map(() => null),
    tries: byKey(),
    lost: byKey(),
    due: byKey(),
    failures: byKey(),
    ended: 0,
    failed: null,
  }
}

/** A copy that can be changed without the original. */
export function copyEach(each: EachContext): EachContext {
  return {
    ...each,
    status: [...each.status],
    outputs: [...each.outputs],
    tries: byKey(each.tries),
    lost: byKey(each.lost),
    due: byKey(each.due),
    failures: byKey(each.failures),
    ...(each.deadlines === undefined ? {} : { deadlines: byKey(each.deadlines) }),
  }
}

/** Without a prototype: an item's key may be any text, `constructor` too. */
function byKey<T>(entries: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, entries)
}

/** @returns why the event does not fit, where it does not; the items are then as they were. */
export function advanceEach(each: EachContext, event: EachEvent): string | undefined {
  const { key } = event
  const place = placeOf(each, key)
  if (place === undefined) return `there is no item "${key}"`
  if (each.status[place] !== expected[event.type]) {
    return `item "${key}" is ${each.status[place]}, not ${expected[event.type]}`
  }
  switch (event.type) {
    case 'started':
      each.status[place] = 'running'
      if (event.deadline !== undefined) {
        each.deadlines ??= byKey()
        each.deadlines[key] = event.deadline
      }
      return undefined
    case 'succeeded':
      each.status[place] = 'succeeded'
      each.outputs[place] = event.output
      each.ended++
      return undefined
    case 'failed':
      each.status[place] = 'recovering'
      each.tries[key] = (each.tries[key] ?? 0) + 1
      each.failures[key] = event.failure
      return undefined
    case 'lost':
      each.status[place] = 'waiting'
      each.tries[key] = (each.tries[key] ?? 0) + 1
      each.lost[key] = (each.lost[key] ?? 0) + 1
      return undefined
    case 'due':
      each.status[place] = 'waiting'
      return undefined
    case 'recovered':
      if (event.verdict.next === 'retry') {
        each.status[place] = 'backing-off'
        each.due[key] = event.verdict.due ?? 0
      } else {
        each.status[place] = 'failed'
        each.ended++
        each.failed ??= key
      }
      return undefined
  }
}

/** How the whole ended, once it has: with the first failure, or when every item has. */
export function eachSettled(each: EachContext): EachEnd | undefined {
  if (each.onFailure === 'fail' && each.failed !== null) {
    const failure = each.failures[each.failed] as FailureLike
    return { status: 'failed', failure: { ...failure, message: `item "${each.failed}": ${failure.message}` } }
  }
  if (each.ended < each.keys.length) return undefined
  if (each.onFailure === 'fail') return { status: 'succeeded', output: each.outputs }
  return {
    status: 'succeeded',
    output: each.keys.map((key, place) =>
      each.status[place] === 'succeeded'
        ? { status: 'succeeded', output: each.outputs[place] }
        : { status: 'failed', failure: each.failures[key] },
    ),
  }
}
