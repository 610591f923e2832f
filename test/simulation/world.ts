// The world of a seed: seven of ten are worlds of runs, two of services and schedules, one of what the watchers do.

import {
  type SimulationOptions,
  type SimulationResult,
  simulate,
} from '../../src/testing/simulation/simulate.ts'
import { simulateStanding } from './standing/world.ts'
import { simulateWatched } from './watched/world.ts'

/** Runs the world of `seed`; the same seed gives the same result, event by event. */
export async function simulateWorld(
  seed: number,
  options: SimulationOptions = {},
): Promise<SimulationResult> {
  if (seed % 10 === 2) return simulateWatched(seed, options)
  return seed % 5 === 4 ? simulateStanding(seed, options) : simulate(seed, options)
}
