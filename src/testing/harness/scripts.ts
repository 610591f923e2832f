// What a step does in a test, in the place of its own function: succeed, fail, hang, be slow, or be moody by seed.

import type { CompensationContext, StepContext } from '../../definition/context.ts'
import type { Clock } from '../../kernel/clock.ts'
import { type Duration, toMs } from '../../kernel/duration.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { refuseUnknownOptions } from '../../kernel/known-options.ts'
import { createRandom } from '../../kernel/random.ts'
import { shown } from '../../kernel/shown.ts'
import { numberProblem, refuse } from '../given.ts'

/** What a script is told beside the context of its step. */
export interface Stage {
  /** The item, in an `each`; undefined elsewhere. */
  readonly item: unknown
  /** Virtual time. */
  readonly clock: Clock
  /** Calls the function that the chain's author wrote. Not of a `transact` step: there is no database. */
  readonly real: () => unknown
}

/** Stands in for the function of a step: what it returns or throws is the attempt's outcome. */
export type Script = (context: StepContext & Partial<CompensationContext>, stage: Stage) => unknown

/**
 * Every attempt succeeds with this output.
 *
 * @example
 * ```ts
 * const greet = chain('greet').step('ask', () => 'who?')
 * const t = await harness(greet, { steps: { ask: succeed('Ada') } })
 * console.log((await t.end()).output) // Ada
 * ```
 */
export const succeed =
  (output?: unknown): Script =>
  () =>
    output

/**
 * Every attempt fails with this: an error, or the message of one. `NonRetryable` and `RetryAfter` mean what they do.
 *
 * @example
 * ```ts
 * const greet = chain('greet').step('ask', () => 'who?')
 * const t = await harness(greet, { steps: { ask: fail('no answer') } })
 * console.log((await t.end()).status) // failed
 * ```
 */
export const fail =
  (error: unknown): Script =>
  () => {
    throw errorOf(error)
  }

/**
 * No attempt ends by itself: only its timeout, or a cancel, ends it.
 *
 * @param options.deaf it goes on after its signal is aborted. Default false: it ends then.
 * @example
 * ```ts
 * const slow = chain('slow').step('ask', () => 'who?', { timeout: '30s' })
 * const t = await harness(slow, { steps: { ask: hang() } })
 * await t.advance('30s')
 * console.log((await t.end()).status) // failed
 * ```
 */
export const hang =
  ({ deaf = false }: { readonly deaf?: boolean } = {}): Script =>
  async ({ signal }) =>
    new Promise<never>((_, reject) => {
      if (!deaf) signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })

/**
 * Every attempt takes so long (virtual time), and then does what `then` says.
 *
 * @throws CatenaryError BAD_DURATION for a text that is none, BAD_OPTION
 * @example
 * ```ts
 * const greet = chain('greet').step('ask', () => 'who?')
 * const t = await harness(greet, { steps: { ask: slow('2s', succeed('Ada')) } })
 * await t.advance('2s')
 * console.log((await t.end()).output) // Ada
 * ```
 */
export function slow(by: Duration, then: Script = succeed()): Script {
  refuseNoScript(then, 'slow()')
  const ms = toMs(by, 'slow')
  return async (context, stage) => {
    const { signal } = context
    await new Promise<void>((resolve, reject) => {
      const cancel = stage.clock.at(stage.clock.now() + ms, resolve)
      signal.addEventListener(
        'abort',
        () => {
          cancel()
          reject(signal.reason as Error)
        },
        { once: true },
      )
    })
    return then(context, stage)
  }
}

/**
 * Such a share of the attempts fails, drawn by seed: the same seed fails the same ones, in each harness and in each run
 * of `explore` anew. The others do what `then` says.
 *
 * @param share from 0 to 1.
 * @param options.seed default 1.
 * @param options.error what it fails with. Default an error that says the seed.
 * @throws CatenaryError BAD_OPTION for a share that is none, and for options that are none
 * @example
 * ```ts
 * const greet = chain('greet').step('ask', () => 'who?', { attempts: 50 })
 * const t = await harness(greet, { steps: { ask: flaky(0.5, succeed('Ada'), { seed: 7 }) } })
 * await t.advance('1h')
 * console.log((await t.end()).status) // succeeded
 * ```
 */
export function flaky(
  share: number,
  then: Script = succeed(),
  options: { readonly seed?: number; readonly error?: unknown } = {},
): Script {
  if (!(share >= 0 && share <= 1))
    throw new CatenaryError('BAD_OPTION', `flaky() takes a share from 0 to 1: it is ${shown(share)}`)
  refuseNoScript(then, 'flaky()')
  refuseUnknownOptions(options, { seed: true, error: true }, 'flaky()')
  const { seed = 1, error = `flaky by seed ${seed}` } = options
  refuse([numberProblem(seed, 'seed of flaky()')])
  // a harness has one clock, and begins anew
  const draws = new WeakMap<Clock, () => number>()
  return (context, stage) => {
    const { clock } = stage
    const random = draws.get(clock) ?? createRandom(seed)
    draws.set(clock, random)
    if (random() < share) throw errorOf(error)
    return then(context, stage)
  }
}

function refuseNoScript(given: unknown, where: string): void {
  if (typeof given !== 'function')
    throw new CatenaryError(
      'BAD_OPTION',
      `${where} goes on with a script: give succeed(value) or fail(error)`,
    )
}

/** What is thrown for what a test gave: texts become errors. */
export function errorOf(given: unknown): unknown {
  return typeof given === 'string' || given === undefined ? new Error(given ?? 'failed by the test') : given
}
