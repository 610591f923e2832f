// How time passes in a simulated world: moment by moment, hearing what escapes the engine, to the end of its process.

import type { Host } from '../../src/testing/simulation/host.ts'
import type { Proof } from '../../src/testing/simulation/proof.ts'
import type { SeededTime } from '../../src/testing/simulation/seeded-time.ts'

export interface Passing {
  /** Lets all happen until then, or until an invariant is broken. */
  pass(until: number): Promise<void>
  /** Stops the supervisor of a process, which must come to its end. */
  stop(host: Host | undefined): Promise<void>
  /** No longer hears what escapes. */
  close(): void
}

const mostSteps = 60_000

/** @param after looks at what has happened, after every single thing. */
export function createPassing(time: SeededTime, proof: Proof, after: () => void): Passing {
  const stray = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    proof.check('stray', false, () => text)
  }
  process.on('uncaughtException', stray)
  process.on('unhandledRejection', stray)
  /** Does one thing that may happen until then; false where there is none. */
  const step = async (until: number): Promise<boolean> => {
    let more = true
    try {
      more = await time.step(until)
    } catch (error) {
      stray(error)
    }
    proof.check('stray', true, () => '')
    after()
    return more
  }
  return {
    async pass(until) {
      while (proof.breach === undefined && time.steps < mostSteps && time.now() < until)
        if (!(await step(until))) time.jump(until)
    },
    async stop(host) {
      let stopped = host?.supervisor === undefined
      void host?.supervisor?.stop({ drain: 10_000 }).then(() => {
        stopped = true
      })
      for (let n = 0; !stopped && n < 2_000; n++) await step(Number.MAX_VALUE)
      proof.check('idle', stopped, () => 'the process comes to no end')
    },
    close() {
      process.off('uncaughtException', stray)
      process.off('unhandledRejection', stray)
    },
  }
}
