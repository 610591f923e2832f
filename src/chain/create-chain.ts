// `chain(id)`: where every chain begins.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { AttributeKinds, AttributesOf } from '../definition/attributes.ts'
import { type SloOptions, deprecation, objective } from '../definition/objective.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, refuseUnknownOptions } from '../kernel/known-options.ts'
import type { Io } from './any-chain.ts'
import { Chain } from './chain.ts'
import { type ConcurrencyOptions, concurrent } from './concurrency.ts'
import { type ChainMemo, chainMemo, poisonAfter } from './memo-options.ts'
import { type ScheduleOptions, scheduled } from './schedule.ts'

/** What is known of a chain from the beginning. `In` is its input as steps see it, `Given` as a start gives it. */
export interface ChainOptions<In = never, Given = unknown, D = AttributeKinds> {
  /** Say a new one when step bodies change so that live runs must not go on with them. Default `'1'`. */
  readonly version?: string
  /** What the chain's output must fit (any Standard Schema). */
  readonly output?: StandardSchemaV1
  /** For people, and shown in the machine. Default none. */
  readonly description?: string
  /** Who looks after it, for tools. Default none. */
  readonly owner?: string
  /** For tools. Default none. */
  readonly tags?: readonly string[]
  /** Higher goes first where slots are short. Default 0. */
  readonly priority?: number
  /**
   * It must have ended so long after its run was accepted, or, where another chain calls it, after the call; in ms or
   * as `'1h'`. Else it fails, and with it all that it was doing. What it needs and calls inherits it. Default none.
   */
  readonly deadline?: Duration
  /** At most `limit` executions with the same key at once, over all runs; the rest wait, in order or only the newest. */
  readonly concurrency?: ConcurrencyOptions<In>
  /**
   * The searchable attributes that its runs may have: each `'string'`, `'number'` or `'boolean'`. Default: any may be
   * given.
   */
  readonly attributes?: D
  /** Its output is used again by other runs with the same input and needs; not where it is called. Default never. */
  readonly memo?: ChainMemo
  /**
   * After so many runs in a row that failed with one and the same input, further runs of it are parked as dead letters
   * instead of being tried; `retry()` tries one for real, and a success forgets. `false` for never. Default as the
   * supervisor's `poison`.
   */
  readonly poison?: { readonly after: number } | false
  /** What its runs should keep to: watched and reported, and nothing else comes of it. Default no promise. */
  readonly slo?: SloOptions
  /** It should be used no more: `true`, or a sentence that says what to use instead. For tools. Default `false`. */
  readonly deprecated?: string | boolean
  /** When the supervisor starts it by itself: one schedule, or several. Default never. */
  readonly schedule?: ScheduleOptions<Given> | readonly ScheduleOptions<Given>[]
}

const known: KnownOptions<ChainOptions & { readonly input: StandardSchemaV1 }> = {
  version: true,
  input: true,
  output: true,
  description: true,
  owner: true,
  tags: true,
  priority: true,
  deadline: true,
  concurrency: true,
  memo: true,
  poison: true,
  attributes: true,
  schedule: true,
  slo: true,
  deprecated: true,
}
const knownOfGroups: KnownOptions<ConcurrencyOptions> = { key: true, limit: true, strategy: true }

/**
 * Begins a chain: a workflow of steps with an id that is unique among the chains of a supervisor.
 *
 * @param options.input any Standard Schema (zod, valibot, arktype); checked before a run is accepted.
 * @example
 * ```ts
 * const greet = chain<string>('greet').step('hello', ({ input }) => `hello, ${input}`)
 * ```
 */
export function chain<Schema extends StandardSchemaV1, D extends AttributeKinds = AttributeKinds>(
  id: string,
  options: ChainOptions<StandardSchemaV1.InferOutput<Schema>, StandardSchemaV1.InferInput<Schema>, D> & {
    readonly input: Schema
  },
): Chain<
  Io<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, AttributesOf<D>>,
  {},
  never,
  undefined
>
export function chain<T = undefined, D extends AttributeKinds = AttributeKinds>(
  id: string,
  options?: ChainOptions<T, T, D>,
): Chain<Io<T, T, AttributesOf<D>>, {}, never, undefined>
export function chain(
  id: string,
  options: ChainOptions & { readonly input?: StandardSchemaV1 } = {},
): Chain<Io, {}, never, undefined> {
  if (typeof id !== 'string')
    throw new CatenaryError(
      'BAD_DEFINITION',
      `a chain needs an id, as in chain('report'): it is ${typeof id}`,
    )
  refuseUnknownOptions(options, known, `chain "${id}"`)
  refuseUnknownOptions(options.concurrency, knownOfGroups, `concurrency of chain "${id}"`)
  const {
    version = '1',
    tags = [],
    priority = 0,
    concurrency,
    deadline,
    schedule,
    memo,
    poison,
    slo,
    deprecated,
    ...rest
  } = options
  return new Chain({
    id,
    version,
    tags,
    priority,
    ...(deadline === undefined ? {} : { deadline: toMs(deadline, `deadline of chain "${id}"`) }),
    ...concurrent(concurrency),
    ...rest,
    ...(memo === undefined ? {} : { memo: chainMemo(id, memo) }),
    ...(poison === undefined ? {} : { poison: poisonAfter(poison, `poison of chain "${id}"`) }),
    ...objective(id, slo),
    ...deprecation(id, deprecated),
    ...scheduled(id, schedule),
    needs: [],
    follows: [],
    rule: 'all_success',
    entries: [],
  })
}
