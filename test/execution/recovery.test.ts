import { expect, test } from 'vitest'
import type { ChainContext } from '../../machines/state.ts'
import { recover } from '../../src/execution/recovery.ts'
import { stepOptions } from '../../src/chain/options.ts'
import { systemClock } from '../../src/kernel/clock.ts'

/** The wait before the retry after `tries` failures, where chance gives `random`. */
function waitAfter(
  tries: number,
  random: number,
  jitter: 'full' | 'decorrelated' | 'none',
): number | undefined {
  const options = stepOptions('ask', { attempts: 99, backoff: { initial: 100, max: '1h', jitter } })
  const failure = { kind: 'thrown', message: 'no', retryable: true }
  const context = { tries: { ask: tries }, lost: {}, failures: { ask: failure } }
  const clock = { ...systemClock, now: () => 0, random: () => random }
  return recover('ask', options, context as unknown as ChainContext, clock).due
}

test('a decorrelated wait begins at its initial and spreads further from retry to retry', () => {
  expect([1, 2, 3].map((tries) => waitAfter(tries, 0, 'decorrelated'))).toEqual([100, 100, 100])
  const widest = [1, 2, 3, 4].map((tries) => waitAfter(tries, 0.999_999, 'decorrelated') ?? 0)
  expect(widest).toEqual([300, 600, 1_050, 1_725])
})

test('a decorrelated wait stays finite after a thousand retries', () => {
  expect(waitAfter(98, 0.999_999_9, 'decorrelated')).toBe(3_600_000)
})

test('other waits grow by their factor alone', () => {
  expect([1, 2, 3].map((tries) => waitAfter(tries, 0, 'none'))).toEqual([100, 200, 400])
})
