// The checks of a chain under test as assertions that any test runner understands, and as matchers for `expect`.

import { AssertionError } from 'node:assert'
import { type Check, checkIn, checkRun, checkWaited, type Ran, type Waited } from './checks.ts'
import type { Harness } from './harness.ts'

/**
 * Throws unless the chain's machine is in this state.
 *
 * @param state its path, such as `fetch.running`, or the end of one.
 * @throws AssertionError that says in which states it is
 * @example
 * ```ts
 * const t = await harness(chain('greet').step('ask', () => 'who?', { attempts: 2 }))
 * assertIn(t, 'ask.running')
 * ```
 */
export function assertIn(t: Harness, state: string): void {
  assert(checkIn(t, state))
}

/**
 * Throws unless the step has run, and so as expected.
 *
 * @param step its name; `extract/fetch` for one of another chain, in whatever call of that; `report/sub/fetch`, as the
 *   timeline has it, in the call `sub` of chain `report`.
 * @throws AssertionError that says how it has run; CatenaryError STEP_UNKNOWN for a name that no step has
 * @example
 * ```ts
 * const t = await harness(chain('greet').step('ask', () => 'who?'))
 * await (await t.attempt('ask')).succeed('Ada')
 * assertRun(t, 'ask', { attempts: 1, outcome: 'succeeded' })
 * ```
 */
export function assertRun(t: Harness, step: string, expected?: Ran): void {
  assert(checkRun(t, step, expected))
}

/**
 * Throws unless a step has waited so long in all (virtual time): for slots, between its attempts, for its signal, or as
 * it slept.
 *
 * @param step its name, as of `assertRun`.
 * @param expected in ms or as `'30s'`, exactly; or `{ atLeast, atMost }`.
 * @throws AssertionError that says how long; CatenaryError STEP_UNKNOWN, BAD_DURATION
 * @example
 * ```ts
 * const t = await harness(chain('order').wait('approval'))
 * await t.advance('2h')
 * await t.signal('approval')
 * assertWaitedFor(t, 'approval', '2h')
 * ```
 */
export function assertWaitedFor(t: Harness, step: string, expected: Waited): void {
  assert(checkWaited(t, step, expected))
}

/** What `expect(t)` has after `expect.extend(matchers)`; declare it where your runner looks for types of matchers. */
export interface ChainMatchers<R = void> {
  /** See `assertIn`. */
  toBeIn(state: string): R
  /** See `assertRun`. */
  toHaveRun(step: string, expected?: Ran): R
  /** See `assertWaitedFor`. */
  toHaveWaitedFor(step: string, expected: Waited): R
}

interface Match {
  readonly pass: boolean
  message(): string
}

/**
 * The same for `expect` of vitest and Jest: `toBeIn`, `toHaveRun`, `toHaveWaitedFor`.
 *
 * @example
 * ```ts
 * expect.extend(matchers)
 * const t = await harness(chain('pull').step('fetch', () => 1, { attempts: 2 }), { steps: { fetch: [fail('no'), succeed()] } })
 * await t.advance('1m')
 * expect(t).toHaveRun('fetch', { attempts: 2 })
 * ```
 */
export const matchers = {
  toBeIn: (t: Harness, state: string): Match => match(checkIn(t, state)),
  toHaveRun: (t: Harness, step: string, expected?: Ran): Match => match(checkRun(t, step, expected)),
  toHaveWaitedFor: (t: Harness, step: string, expected: Waited): Match =>
    match(checkWaited(t, step, expected)),
}

function assert({ holds, is, wanted }: Check): void {
  if (holds) return
  throw new AssertionError({ message: `expected ${wanted}, but ${is}`, actual: is, expected: wanted })
}

function match({ holds, is, wanted }: Check): Match {
  return { pass: holds, message: () => `expected ${holds ? 'not ' : ''}${wanted}, but ${is}` }
}
