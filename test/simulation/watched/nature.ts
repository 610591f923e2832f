// How the steps of a watched world do: which chains are sick at the moment, how long items take, and what passes by itself.

import type { StepContext } from '../../../src/definition/context.ts'
import { chanceOf } from '../../../src/testing/simulation/draw.ts'
import type { ProcessClock } from '../../../src/testing/simulation/seeded-time.ts'

export interface Nature {
  /** What comes of a body that has done its deed. */
  suffer(chain: string, done: unknown, context: StepContext): unknown
}

/** What fails until its chain is well again. */
class Illness extends Error {
  override readonly name = 'Illness'
}

/** What passes at the second try. */
class Hiccup extends Error {
  override readonly name = 'Hiccup'
}

export function createNature(seed: number, clock: ProcessClock, sick: ReadonlySet<string>): Nature {
  const rest = async (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.at(clock.now() + ms, resolve))
  const worked = async (
    done: unknown,
    { idempotencyKey, attempt, signal }: StepContext,
  ): Promise<unknown> => {
    const output = await done
    const chance = chanceOf(seed, idempotencyKey)
    await rest(300 + Math.floor(chance * 60))
    if (signal.aborted) throw signal.reason
    if (sick.has('batch')) throw new Illness('nothing can be worked on')
    if (attempt === 1 && chanceOf(seed, `hiccup ${idempotencyKey}`) < 0.3) throw new Hiccup('not this time')
    return output
  }
  const judged = (chain: string, output: unknown): unknown => {
    if (sick.has(chain)) throw new Illness(`${chain} is sick`)
    return output
  }
  return {
    suffer(chain, done, context) {
      if (chain === 'batch') return worked(done, context)
      return done instanceof Promise ? done.then((output) => judged(chain, output)) : judged(chain, done)
    },
  }
}
