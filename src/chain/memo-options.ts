// The option `memo` of chains and steps: checked as it is given.

import type { ChainMemoSpec, StepMemoSpec } from '../definition/memo.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, refuseUnknownOptions } from '../kernel/known-options.ts'

/** How the output of a step is used again. `S` is what the key is told from. */
export interface StepMemo<S = never> {
  /**
   * What the output depends on; two attempts with equal keys share one output. Default the chain's input, what it
   * needs, the outputs of the steps before it, and the item of an `each`.
   */
  readonly key?: (scope: S) => unknown
  /** How long an output is used, in ms or as `'1h'`. Default for ever, see `maxMemos`. */
  readonly ttl?: Duration
  /** Say a new one when the function changes so that old outputs must not be used. Default `'1'`. */
  readonly version?: string
}

/** How the output of a chain is used again by other runs. */
export interface ChainMemo {
  /** How long an output is used, in ms or as `'1h'`. Default for ever, see `maxMemos`. */
  readonly ttl?: Duration
  /** Say a new one when old outputs must not be used, though the chain's `version` stays. Default `'1'`. */
  readonly version?: string
  /** What its output depends on besides its input and what it needs: part of the key. Default nothing. */
  readonly env?: () => Readonly<Record<string, string>>
}

const knownOfSteps: KnownOptions<StepMemo> = { key: true, ttl: true, version: true }
const knownOfChains: KnownOptions<ChainMemo> = { env: true, ttl: true, version: true }

export function stepMemo(name: string, given: unknown): StepMemoSpec {
  const { where, ttl, version, rest } = checked(given, `memo of step "${name}"`, knownOfSteps)
  const { key } = rest
  if (key !== undefined && typeof key !== 'function')
    throw bad(`key of ${where} is no function: give one that tells the key from { input, needs, steps }`)
  return { version, ...ttl, ...(key === undefined ? {} : { key: key as NonNullable<StepMemoSpec['key']> }) }
}

export function chainMemo(id: string, given: unknown): ChainMemoSpec {
  const { where, ttl, version, rest } = checked(given, `memo of chain "${id}"`, knownOfChains)
  const { env } = rest
  if (env !== undefined && typeof env !== 'function')
    throw bad(`env of ${where} is no function: give one that returns texts by name`)
  return { version, ...ttl, ...(env === undefined ? {} : { env: env as () => unknown }) }
}

interface Checked {
  readonly where: string
  readonly ttl: { readonly ttl?: number }
  readonly version: string
  readonly rest: Readonly<Record<string, unknown>>
}

function checked(given: unknown, where: string, known: Readonly<Record<string, true>>): Checked {
  if (typeof given !== 'object' || given === null)
    throw bad(`${where} is no object: give {} for all defaults, or leave it out`)
  refuseUnknownOptions(given, known, where)
  const { ttl, version = '1', ...rest } = given as Readonly<Record<string, unknown>>
  if (typeof version !== 'string') throw bad(`version of ${where} is no text`)
  if (ttl === undefined) return { where, ttl: {}, version, rest }
  const ms = toMs(ttl as Duration, `ttl of ${where}`)
  if (ms > 0) return { where, ttl: { ttl: ms }, version, rest }
  throw new CatenaryError('BAD_DURATION', `ttl of ${where} is 0: give more, or leave the memo out`)
}

/** After how many failed runs an input is not tried again. */
export function poisonAfter(given: unknown, where: string): { readonly after: number } {
  if (given === false) return { after: Infinity }
  refuseUnknownOptions(given, { after: true }, where)
  const { after } = given as { readonly after?: unknown }
  if (Number.isInteger(after) && (after as number) >= 1) return { after: after as number }
  throw bad(`after of ${where} is ${String(after)}: give a whole number from 1, or false instead of it all`)
}

function bad(problem: string): CatenaryError {
  return new CatenaryError('BAD_OPTION', problem)
}
