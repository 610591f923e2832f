import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAllowance } from '../../src/kernel/allowance.ts'

test('never is more done than the rate and one second besides, and what comes below the rate is never refused', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.array(
        fc.record({ after: fc.integer({ min: 0, max: 3_000 }), wanted: fc.integer({ min: 0, max: 20_000 }) }),
        { maxLength: 50 },
      ),
      (rate, asked) => {
        let now = 0
        const allowance = createAllowance({ monotonic: () => now }, rate)
        let done = 0
        for (const { after, wanted } of asked) {
          now += after
          allowance.fill()
          const before = allowance.left
          expect(before).toBeLessThanOrEqual(rate)
          for (let one = 0; one < wanted && allowance.left >= 1; one++) {
            allowance.left--
            done++
          }
          expect(done).toBeLessThanOrEqual(rate + (now * rate) / 1_000 + 1e-6)
          // who was away for a second may do a second's worth
          if (after >= 1_000) expect(before).toBe(rate)
        }
      },
    ),
  )
})

test('filling it often gives no more and no less than filling it seldom', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 999 }), (rate, ms) => {
      let now = 0
      const clock = { monotonic: () => now }
      const [often, seldom] = [createAllowance(clock, rate), createAllowance(clock, rate)]
      often.left = 0
      seldom.left = 0
      for (; now < ms; now++) often.fill()
      often.fill()
      seldom.fill()
      expect(often.left).toBeCloseTo(seldom.left, 6)
    }),
  )
})
