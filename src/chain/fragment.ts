// What authors hand the builder, as the plain parts of a spec: fragments, bodies, scopes.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ChainSpec, EntrySpec, StepBody, WaitSpec } from '../definition/spec.ts'
import type { Duration } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { refuseUnknownOptions } from '../kernel/known-options.ts'
import { shown } from '../kernel/shown.ts'
import { milliseconds } from './options.ts'

/** @throws CatenaryError where an author has given no function that adds a part, or parts. */
export function refuseNoBuilder(build: unknown, of: string, cure: string): void {
  if (typeof build !== 'function')
    throw new CatenaryError('BAD_DEFINITION', `a part of ${of} is ${shown(build)}: give it as ${cure}`)
}

/** @throws CatenaryError where they do not go by their names. */
export function branchesOf(name: string, branches: unknown): readonly (readonly [string, unknown])[] {
  if (typeof branches !== 'object' || branches === null || Array.isArray(branches))
    throw new CatenaryError(
      'BAD_DEFINITION',
      `the branches of parallel "${name}" are ${shown(branches)}: give them by name, as { head: (b) => b.step(...) }`,
    )
  return Object.entries(branches)
}

/** The entries that an author's callback adds to an empty chain. */
export function fragmentOf(empty: { readonly spec: ChainSpec }, build: unknown): readonly EntrySpec[] {
  refuseNoBuilder(build, `chain "${empty.spec.id}"`, '(b) => b.step(...)')
  const built = (build as (fragment: unknown) => unknown)(empty)
  const spec = (built as { readonly spec?: ChainSpec } | undefined)?.spec
  if (spec === undefined || spec.id !== empty.spec.id) {
    throw new CatenaryError(
      'BAD_DEFINITION',
      `a part of chain "${empty.spec.id}" returned no part of it: return what the last method returned, as in (b) => b.step(...)`,
    )
  }
  if (spec.needs !== empty.spec.needs || spec.follows !== empty.spec.follows || spec.returns !== undefined) {
    throw new CatenaryError(
      'BAD_DEFINITION',
      `needs, follows and returns belong to chain "${spec.id}" as a whole: call them on the chain, not in a part of it`,
    )
  }
  return spec.entries
}

/** A chain's spec; what is no chain is reported by validation. */
export function specOf(chain: unknown): ChainSpec {
  return (chain as { readonly spec?: ChainSpec } | undefined)?.spec ?? (undefined as never)
}

/** The body of an `each`: a function, or the chain to run for each item. */
export function bodyOf(body: unknown): StepBody | ChainSpec {
  return typeof body === 'function' ? (body as StepBody) : specOf(body)
}

/** A function of the scope, also where a plain value was given. */
export function scopeOr(given: unknown): (scope: unknown) => unknown {
  return typeof given === 'function' ? (given as (scope: unknown) => unknown) : () => given
}

export function waitOptions(
  name: string,
  schema: StandardSchemaV1 | undefined,
  options: {
    readonly timeout?: Duration
    readonly onTimeout?: 'fail' | 'continue'
    readonly reply?: unknown
  },
): Omit<WaitSpec, 'kind' | 'name'> {
  const problem = (text: string): never => {
    throw new CatenaryError('BAD_OPTION', `wait "${name}": ${text}`)
  }
  if (schema !== undefined && !isSchema(schema))
    problem(
      'the second argument is no schema of zod, valibot or arktype; without one give undefined, then options',
    )
  refuseUnknownOptions(options, { timeout: true, onTimeout: true, reply: true }, `wait "${name}"`)
  const { timeout, onTimeout = 'fail', reply } = options
  if (onTimeout !== 'fail' && onTimeout !== 'continue') problem("onTimeout is 'fail' or 'continue'")
  if (reply !== undefined && typeof reply !== 'function') problem('reply is no function')
  return {
    ...(schema === undefined ? {} : { schema }),
    ...(timeout === undefined ? {} : { timeout: milliseconds(timeout, `timeout of wait "${name}"`) }),
    onTimeout,
    ...(reply === undefined ? {} : { reply: reply as NonNullable<WaitSpec['reply']> }),
  }
}

/** Any Standard Schema; some libraries make theirs of functions. */
function isSchema(given: unknown): boolean {
  return (
    ((typeof given === 'object' && given !== null) || typeof given === 'function') && '~standard' in given
  )
}
