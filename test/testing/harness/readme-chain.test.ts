import { beforeAll, expect, test } from 'vitest'
import { NonRetryable, chain } from '../../../src/index.ts'
import { coverage, harness } from '../../../src/testing.ts'
import { extendExpect } from './extend-expect.ts'

beforeAll(extendExpect)

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
  const t = await harness(extract, { occupied: true })
  await t.free()
  await t.crash()
  await (await t.attempt('fetch')).fail('connection reset')
  await t.advance('50ms')
  await (await t.attempt('fetch')).succeed(['Ada'])
  await t.again()
  await (await t.attempt('fetch')).fail(new NonRetryable('gone'))
  await t.again()
  await t.cancel()
  expect(coverage(extract).missing).toEqual([])
})
