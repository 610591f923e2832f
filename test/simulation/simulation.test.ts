import { describe, expect, test } from 'vitest'
import { type Invariant, invariants } from '../../src/testing/simulation/proof.ts'
import type { SimulationResult } from '../../src/testing/simulation/simulate.ts'
import { simulateWorld } from './world.ts'

const first = 1
const count = 80

async function worlds(): Promise<readonly SimulationResult[]> {
  const results: SimulationResult[] = []
  for (let seed = first; seed < first + count; seed++) results.push(await simulateWorld(seed))
  return results
}

describe('the simulation', () => {
  test(
    'no seeded world of crashes, faults and commands breaks an invariant',
    { timeout: 300_000 },
    async () => {
      const results = await worlds()
      const broken = results.flatMap(({ seed, breach }) =>
        breach === undefined ? [] : [`npm run simulate -- --seed ${seed} --verbose: ${breach.message}`],
      )
      expect(broken).toEqual([])
      for (const { seed, chains, events, crashes } of results) {
        expect(chains, `chains of seed ${seed}`).toBeGreaterThanOrEqual(3)
        expect(events, `events of seed ${seed}`).toBeGreaterThanOrEqual(30)
        expect(crashes, `crashes of seed ${seed}`).toBeGreaterThanOrEqual(1)
      }
      const untested = (Object.keys(invariants) as Invariant[]).filter(
        (name) => results.reduce((sum, { hits }) => sum + hits[name], 0) < 10,
      )
      expect(untested, 'invariants that were hardly put to the test').toEqual([])
    },
  )

  test('a seed gives the same world, event by event, each time', async () => {
    const tell = async (): Promise<readonly string[]> => {
      const lines: string[] = []
      await simulateWorld(7, { narrate: (line) => lines.push(line) })
      return lines
    }
    const told = await tell()
    expect(told.length).toBeGreaterThan(50)
    expect(await tell()).toEqual(told)
  })
})
