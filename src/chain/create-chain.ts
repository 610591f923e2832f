// `chain(id)`: where every chain begins.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { Chain, type Io } from './chain.ts'

export interface ChainOptions {
  /** Say a new one when step bodies change so that live runs must not go on with them. Default `'1'`. */
  readonly version?: string
  readonly output?: StandardSchemaV1
  readonly description?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  /** Higher goes first where slots are short. Default 0. */
  readonly priority?: number
  /** At most `limit` executions with the same key at once, over all runs; the rest wait in order. */
  readonly concurrency?: { readonly key?: (input: never) => string; readonly limit: number }
}

/**
 * Begins a chain: a workflow of steps with an id that is unique among the chains of a supervisor.
 *
 * @param options.input any Standard Schema (zod, valibot, arktype); checked before a run is accepted.
 * @example
 * ```ts
 * const greet = chain<string>('greet').step('hello', ({ input }) => `hello, ${input}`)
 * ```
 */
export function chain<Schema extends StandardSchemaV1>(
  id: string,
  options: ChainOptions & { readonly input: Schema },
): Chain<
  Io<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>>,
  unknown,
  never,
  undefined
>
export function chain<T = undefined>(
  id: string,
  options?: ChainOptions,
): Chain<Io<T, T>, unknown, never, undefined>
export function chain(
  id: string,
  options: ChainOptions & { readonly input?: StandardSchemaV1 } = {},
): Chain<Io, unknown, never, undefined> {
  const { version = '1', tags = [], priority = 0, concurrency, ...rest } = options
  return new Chain({
    id,
    version,
    tags,
    priority,
    ...(concurrency === undefined
      ? {}
      : {
          concurrency: {
            key: (concurrency.key as ((input: unknown) => string) | undefined) ?? (() => ''),
            limit: concurrency.limit,
          },
        }),
    ...rest,
    needs: [],
    follows: [],
    rule: 'all_success',
    entries: [],
  })
}
