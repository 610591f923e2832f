// The hands of an exploration on a harness: all that they do is also written down, as the code of a test.

import { CatenaryError } from '../../kernel/errors.ts'
import type { Harness } from '../harness/harness.ts'
import type { HeldAttempt } from '../harness/held-attempt.ts'

export interface Hands {
  readonly t: Harness
  /** What was done, a line for each. */
  readonly lines: readonly string[]
  /** Does it; what is refused to whoever asks is what may happen to anybody, and goes on. */
  do(line: string, act: () => unknown): Promise<void>
  /** Does something with an attempt that is in flight. */
  with(of: HeldAttempt, what: string, act: (attempt: HeldAttempt) => unknown): Promise<void>
  /** The process dies, and the next one takes over; one before it dies over that commit of its recovery. */
  crash(during?: number): Promise<void>
}

/** @param done called after each. */
export function createHands(t: Harness, done: () => void): Hands {
  const lines: string[] = []
  const hands: Hands = {
    t,
    lines,
    async do(line, act) {
      const at = lines.push(line) - 1
      try {
        await act()
      } catch (error) {
        if (!CatenaryError.is(error)) throw error
        lines[at] = `${line}.catch(() => {})`
      }
      done()
    },
    async with(of, what, act) {
      const name = nameOf(of, t)
      const same = (await t.attempts(name)).filter((one) => one.chain === of.chain)
      const index = same.indexOf(of)
      const found = index === 0 ? `await t.attempt('${name}')` : `await t.attempts('${name}')`
      const one = index === 0 ? `(${found})` : `(${found})[${index}]!`
      const waits = what.startsWith('ignoreAbort') ? '' : 'await '
      await hands.do(`${waits}${one}.${what}`, () => act(of))
    },
    crash: async (during) =>
      during === undefined
        ? hands.do('await t.crash()', () => t.crash())
        : hands.do(`await t.crash({ during: ${during} })`, () => t.crash({ during })),
  }
  return hands
}

/** The step's name as a harness of the chain takes it. */
export function nameOf({ chain, step }: HeldAttempt, t: Harness): string {
  return chain === t.chain.id ? step : `${chain}/${step}`
}
