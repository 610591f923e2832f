// Chance that makes more runs take part in trials than would: so that these come to their ends in a world of few runs.

import type { ProcessClock, SeededTime } from '../../../src/testing/simulation/seeded-time.ts'

/** @param loaded whether two of three draws are so low that they fall within the share of any trial. */
export function loadedCoin(time: SeededTime, loaded: boolean): SeededTime {
  if (!loaded) return time
  return {
    now: () => time.now(),
    get steps() {
      return time.steps
    },
    at: (due, fire) => time.at(due, fire),
    step: async (until) => time.step(until),
    jump: (to) => time.jump(to),
    process: () => load(time.process()),
  }
}

function load(clock: ProcessClock): ProcessClock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    at: (due, fire) => clock.at(due, fire),
    soon: (fire) => clock.soon(fire),
    random() {
      const drawn = clock.random()
      // what is low stays as fine as it was
      return drawn < 0.65 ? drawn / 6.6 : drawn
    },
    get alive() {
      return clock.alive
    },
    kill: () => clock.kill(),
  }
}
