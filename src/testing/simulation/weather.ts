// The weather of a seed: how its store and its steps misbehave.

import type { Temper } from './deeds.ts'
import type { Draw } from './draw.ts'

/** How often the store fails; changed in place when faults cease. */
export interface Faults {
  failBefore: number
  failAfter: number
  powerCut: number
  failRead: number
  readonly slowest: number
}

export function drawFaults(draw: Draw): Faults {
  const rate = (): number => (draw.likely(40) ? 0.01 : 0)
  return {
    failBefore: rate(),
    failAfter: rate(),
    powerCut: rate(),
    failRead: draw.likely(30) ? 0.02 : 0,
    slowest: draw.pick([0, 0, 5, 200]),
  }
}

export function drawTemper(draw: Draw, seed: number): Temper {
  return {
    seed,
    throws: draw.pick([0, 10, 25, 50]),
    slow: draw.pick([10, 30, 60]),
    stubborn: draw.pick([0, 10]),
    fatal: draw.pick([0, 0, 0, 1, 3]),
    unfit: draw.pick([0, 0, 2]),
  }
}
