// The decisions of each step kind: author code over recorded data, run outside of the machine and journalled.

import type { ChainContext } from '../../machines/state.ts'
import type {
  ChainSpec,
  ChooseSpec,
  EachSpec,
  ParallelSpec,
  RepeatSpec,
  SleepSpec,
} from '../definition/spec.ts'
import { walk } from '../definition/spec.ts'
import type { Outcome } from '../execution/attempt.ts'
import { atOnce } from '../execution/at-once.ts'
import { validate } from '../execution/validate.ts'
import { CatenaryError } from '../kernel/errors.ts'

/** The index of the first case that holds; the number of cases where none does. */
export function chooseBranch({ cases, name }: ChooseSpec, context: ChainContext): number {
  const index = cases.findIndex((one, place) =>
    atOnce(one.when(context), `guard ${place + 1} of choose "${name}"`),
  )
  return index === -1 ? cases.length : index
}

/** What an `each` will work through: fixed before the first item starts. */
export interface Expansion {
  readonly keys: readonly string[]
  readonly items: readonly unknown[]
}

export function expandItems(each: EachSpec, context: ChainContext): Expansion {
  const given = atOnce(each.items(context), `items of each "${each.name}"`)
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
    throw new CatenaryError(
      'BAD_DEFINITION',
      `the items of each "${each.name}" are not iterable: return an array or another iterable`,
    )
  }
  const items = [...(given as Iterable<unknown>)]
  const keys = items.map((item, index) => {
    const key: unknown = atOnce(each.key(item, index), `key of each "${each.name}"`)
    if (typeof key === 'string' || typeof key === 'number') return String(key)
    throw new CatenaryError(
      'BAD_DEFINITION',
      `the key of item ${index} of each "${each.name}" is no text: give { key } a function that returns one`,
    )
  })
  const seen = new Set<string>()
  for (const key of keys) {
    if (seen.has(key)) {
      throw new CatenaryError(
        'BAD_DEFINITION',
        `two items of each "${each.name}" have the key "${key}": give { key } a function whose results are unique`,
      )
    }
    seen.add(key)
  }
  return { keys, items }
}

/** When a sleep ends (ms since the epoch). */
export function wakeTime({ until, name }: SleepSpec, context: ChainContext, now: number): number {
  if (typeof until === 'number') return now + until
  const due = Number(atOnce(until(context), `until of sleep "${name}"`))
  if (!Number.isFinite(due)) {
    throw new CatenaryError(
      'BAD_DEFINITION',
      `sleep "${name}" was given no time to wake at: return a Date or milliseconds since the epoch`,
    )
  }
  return due
}

export function untilVerdict(
  { until, name, max }: RepeatSpec,
  context: ChainContext,
): 'enough' | 'again' | 'exhausted' {
  const round = context.rounds[name] ?? 1
  const scope = { input: context.input, needs: context.needs, steps: context.steps, round }
  if (atOnce(until(scope), `until of repeat "${name}"`)) return 'enough'
  return round < max ? 'again' : 'exhausted'
}

/** The effects whose end a failed `parallel` waits for. */
export function settlingSteps({ branches }: ParallelSpec): readonly string[] {
  return Object.values(branches).flatMap((entries) =>
    [...walk(entries)].flatMap(({ name }) => [name, `${name}:fallback`]),
  )
}

/** What the chain's output schema makes of its output; a decision, so the schema must answer at once. */
export function fitOutput({ id, output: schema }: ChainSpec, value: unknown): unknown {
  if (schema === undefined) return value
  let outcome: Outcome | undefined
  validate(schema, value, `output of chain "${id}"`, (judged) => {
    outcome = judged
  })
  if (outcome === undefined) {
    throw new CatenaryError(
      'DECISION_ASYNC',
      `the output schema of chain "${id}" is asynchronous: give it to the last step instead`,
    )
  }
  if (outcome.ok) return outcome.value
  throw new CatenaryError('OUTPUT_INVALID', outcome.failure.message)
}
