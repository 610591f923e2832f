// Recorded runs, run again unchanged by the simulator, take as long as they did.

import { describe, expect, test } from 'vitest'
import { simulate } from '../../src/reflection/simulate/simulate.ts'
import { randomHistory } from './random-history.ts'

const seeds = [1, 2, 3, 4, 5, 6]

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

describe('an unchanged replay', () => {
  test('of runs of random graphs takes what they took, within two percent at the median', async () => {
    const errors: number[] = []
    for (const seed of seeds) {
      const { records, declaration, recorded } = await randomHistory(seed)
      const waits = records.flatMap(({ chains }) =>
        [...chains.values()].flatMap(({ attempts }) => attempts.flatMap((attempt) => attempt.waits)),
      )
      const replayed = simulate({ records, declaration, recorded })
      const own = records.map(({ run, acceptedAt, endedAt = 0 }) => {
        const took = endedAt - acceptedAt
        return Math.abs((replayed?.get(run)?.duration ?? Infinity) - took) / took
      })
      errors.push(...own)
      // it is no test without contention
      expect(waits.filter(({ for: what }) => what === 'slot').length).toBeGreaterThan(records.length)
      expect(waits.filter(({ for: what }) => what === 'limiter:api').length, `seed ${seed}`).toBeGreaterThan(
        0,
      )
      for (const { run, status } of records)
        expect(replayed?.get(run)?.failed, `${run} of seed ${seed}`).toBe(status === 'failed')
      // where two things fell due in one millisecond, who was first is not always recorded, and all after differs
      expect(median(own), `seed ${seed}`).toBeLessThanOrEqual(0.1)
    }
    expect(median(errors)).toBeLessThanOrEqual(0.02)
  })
})
