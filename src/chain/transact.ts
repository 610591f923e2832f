// The options of a step that writes the host's own rows in the transaction of its outcome.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { CatenaryError } from '../kernel/errors.ts'
import type { StepOptionsSpec } from '../definition/spec.ts'
import { type StepOptions, stepOptions } from './options.ts'

/**
 * How a `transact` step is tried and described. What would have to interrupt its function, or run it beside itself,
 * is not there: it is synchronous. Its schemas must be, too. Its fallback is an ordinary function without `db`.
 */
export type TransactOptions<
  C = never,
  F = unknown,
  Schema extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined,
  U = never,
> = Pick<StepOptions<C, F, Schema, U>, (typeof known)[number]>

/** What a `transact` step with such an output schema may return: nothing that comes later. */
export type AcceptedNow<Schema> = Schema extends StandardSchemaV1<infer In, unknown> ? In : unknown

const known = [
  'attempts',
  'backoff',
  'fallback',
  'compensate',
  'input',
  'output',
  'description',
  'stub',
  'reads',
  'writes',
  'uses',
] as const

/** Checks them; one that only an asynchronous step can keep is refused, as ignoring it would surprise. */
export function transactOptions(name: string, options: TransactOptions): StepOptionsSpec {
  const others = Object.keys(options).filter((option) => !(known as readonly string[]).includes(option))
  if (others.length > 0) {
    throw new CatenaryError(
      'BAD_OPTION',
      `transact "${name}" takes no ${others.join(', ')}: its function is synchronous and its rows are exactly once, so leave it out, or use step()`,
    )
  }
  return { ...stepOptions(name, options), idempotent: true }
}
