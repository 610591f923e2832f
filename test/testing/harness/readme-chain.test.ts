import { expect, test } from 'vitest'
import { NonRetryable, chain } from '../../../src/index.ts'
import { coverage, fail, hang, harness, succeed } from '../../../src/testing.ts'

// as in the README
const extract = chain('extract').step(
  'fetch',
  ({ attempt }) => {
    if (attempt === 1) throw new Error('connection reset')
    return ['Ada', 'Grace']
  },
  { attempts: 5, backoff: { initial: '50ms' }, timeout: '30s' },
)

test('extract waits for a slot, outlives a crash and a reset, and ends in each of its ways', async () => {
  const fetch = [hang(), fail('connection reset'), succeed(['Ada']), fail(new NonRetryable('gone')), hang()]
  const t = await harness(extract, { occupied: true, steps: { fetch } })
  await t.free()
  await t.crash()
  await t.advance('50ms')
  await t.again()
  await t.again()
  await t.cancel()
  expect(coverage(extract).missing).toEqual([])
})
