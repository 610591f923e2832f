// The world of a seed: four of five are worlds of runs, the fifth one of services and schedules.

import {
  type SimulationOptions,
  type SimulationResult,
  simulate,
} from '../../src/testing/simulation/simulate.ts'
import { simulateStanding } from './standing/world.ts'

/** Runs the world of `seed`; the same seed gives the same result, event by event. */
export async function simulateWorld(
  seed: number,
  options: SimulationOptions = {},
): Promise<SimulationResult> {
  return seed % 5 === 4 ? simulateStanding(seed, options) : simulate(seed, options)
}
