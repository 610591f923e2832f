// Over random traffic: the retry budget is never exceeded, in any window, and nobody who waits is forgotten.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { RetryBudget } from '../../src/execution/retry-budget.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

const terms = fc.record({
  ratio: fc.double({ min: 0, max: 1, noNaN: true }),
  window: fc.integer({ min: 1, max: 5_000 }),
  minimum: fc.integer({ min: 0, max: 8 }),
})

const deeds = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('attempts' as const), times: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('retry' as const) }),
    fc.record({ do: fc.constant('leave' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 3_000 }) }),
  ),
  { maxLength: 80 },
)

test('at no retry are there more in the window than its share of the attempts, or its minimum', async () => {
  await fc.assert(
    fc.asyncProperty(terms, deeds, async (given, what) => {
      const clock = createVirtualClock()
      const budget = new RetryBudget(clock, () => given)
      const attempts: number[] = []
      const retries: number[] = []
      const waiting: (() => void)[] = []
      const within = (times: readonly number[]): number =>
        times.filter((at) => at > clock.now() - given.window).length
      const retried = (): void => {
        retries.push(clock.now())
        expect(within(retries)).toBeLessThanOrEqual(Math.max(given.minimum, given.ratio * within(attempts)))
      }
      for (const deed of what) {
        if (deed.do === 'attempts') {
          for (let at = 0; at < deed.times; at++) {
            attempts.push(clock.now())
            budget.attempted()
          }
        } else if (deed.do === 'retry') {
          if (budget.tryTake()) retried()
          else waiting.push(budget.wait(retried))
        } else if (deed.do === 'leave') waiting.pop()?.()
        else await clock.advance(deed.ms)
      }
      budget.stop()
    }),
  )
})

test('whoever waits gets through in time, in order, where a minimum is always allowed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 30 }),
      async (minimum, count) => {
        const clock = createVirtualClock()
        const window = 1_000
        const budget = new RetryBudget(clock, () => ({ ratio: 0.1, window, minimum }))
        const order: number[] = []
        for (let at = 0; at < count; at++) budget.wait(() => void order.push(at))
        await clock.advance((Math.ceil(count / minimum) + 1) * (window * 1.1))
        expect(order).toEqual(Array.from({ length: count }, (_, at) => at))
      },
    ),
  )
})
