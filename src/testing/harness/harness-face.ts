// `harness`, and beside it `harness.fromTrace`: two ways to bring a chain under test.

import type { AnyChain, InputOf, OutputOf } from '../../chain/any-chain.ts'
import type { Trace } from '../../observe/trace.ts'
import { createHarness } from './create-harness.ts'
import { fromTrace, type TraceTestOptions } from './from-trace.ts'
import type { Harness, HarnessOptions } from './harness.ts'

export interface MakeHarness {
  /** Runs a chain for a test. */
  <C extends AnyChain>(chain: C, options?: HarnessOptions<InputOf<C>>): Promise<Harness<OutputOf<C>>>
  /**
   * Replays a run that was traced elsewhere, as by `catenary trace`: attempts end as and when they did, signals come
   * and processes die when they did. What the trace does not hold is the test's, as in any harness.
   *
   * @param trace the path of a trace, or one that was parsed.
   * @param chain the chain that was run, as it is now.
   * @throws CatenaryError BAD_TRACE for what is no trace of this chain; TRACE_DIVERGED names the first event that the
   *   chain of now does not come to again
   * @example
   * ```ts
   * const greet = chain('greet').step('ask', () => 'who?')
   * const then = await harness(greet, { steps: { ask: fail('no answer') } })
   * const now = await harness.fromTrace(await then.run.trace(), greet)
   * console.log((await now.end()).status) // failed
   * ```
   */
  fromTrace<C extends AnyChain>(
    trace: string | URL | Trace,
    chain: C,
    options?: TraceTestOptions<InputOf<C>>,
  ): Promise<Harness<OutputOf<C>>>
}

/**
 * Runs a chain for a test: its own machine and the real engine, on a store in memory and a clock that only the test
 * moves. Every attempt waits until the test ends it, or does what a script says.
 *
 * @throws CatenaryError BAD_DEFINITION, BAD_OPTION as `createSupervisor` does, and what starting a run throws
 * @example
 * ```ts
 * const greet = chain<string>('greet').step('ask', () => 'who?', { attempts: 3, backoff: { initial: '1s' } })
 * const t = await harness(greet, { input: 'Ada' })
 * await (await t.attempt('ask')).fail('no answer')
 * await t.advance('1s')
 * await (await t.attempt('ask')).succeed('Ada')
 * console.log((await t.end()).status) // succeeded
 * ```
 */
export const harness: MakeHarness = Object.assign(createHarness, { fromTrace })
