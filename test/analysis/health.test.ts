import { expect, test } from 'vitest'
import type { ChainHealth } from '../../src/analysis/report-times.ts'
import { chain } from '../../src/chain/create-chain.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { type Rig, createRig } from '../engine/rig.ts'
import { reportOn } from './journals.ts'

/** Fails where the input says so. */
const flip = chain<boolean>('flip').step('throw', ({ input }) => {
  if (input) throw new TypeError('tails')
})

async function runs(rig: Rig, of: AnyChain, inputs: readonly boolean[]): Promise<void> {
  for (const input of inputs) await rig.until(rig.supervisor.settled(of, input as never))
}

const healthOf = (rig: Rig, chainId: string): ChainHealth | undefined =>
  reportOn(rig).health.find(({ chain: id }) => id === chainId)

const all = (n: number, failed: boolean): readonly boolean[] => Array.from({ length: n }, () => failed)

test('a chain that has not run, or seldom, is unknown and never well', async () => {
  const rig = await createRig([flip])
  expect(healthOf(rig, 'flip')).toMatchObject({ state: 'unknown', cause: 'it has not run', confidence: 0 })
  await runs(rig, flip, all(51, false))
  expect(healthOf(rig, 'flip')).toMatchObject({ state: 'unknown', cause: '51 successes of the 52 needed' })
  await runs(rig, flip, [false])
  const well = healthOf(rig, 'flip')
  expect(well).toMatchObject({ state: 'ok', cause: 'none of its last 52 executions failed' })
  expect(well?.evidence.high).toBeLessThanOrEqual(0.05)
  expect(well?.confidence).toBeGreaterThan(0.9)
})

test('one failure of many is no illness; many lately are, with where they began', async () => {
  const rig = await createRig([flip])
  await runs(rig, flip, [...all(60, false), true])
  expect(healthOf(rig, 'flip')?.state).toBe('ok')
  await runs(rig, flip, all(12, true))
  expect(healthOf(rig, 'flip')).toMatchObject({
    state: 'failing',
    evidence: { runs: 73, failed: 13, root: { chain: 'flip', step: 'throw', message: 'tails', count: 13 } },
  })
})

test('it is well again only when neither its last few nor the many before fail too often', async () => {
  const rig = await createRig([flip])
  await runs(rig, flip, [...all(60, false), ...all(12, true), ...all(25, false)])
  // none of the last 20 failed, but 12 of the last 97 did
  expect(healthOf(rig, 'flip')?.state).toBe('degraded')
  await runs(rig, flip, all(200, false))
  expect(healthOf(rig, 'flip')?.state).toBe('ok')
})

test('what is blocked says by what, and is not blamed', async () => {
  const after = chain<boolean>('after')
    .needs({ flip })
    .step('go', () => 1)
  const rig = await createRig([after])
  await runs(rig, after, all(6, true))
  const { health, verdict } = reportOn(rig)
  expect(health.map(({ chain: id, state, cause }) => [id, state, cause])).toEqual([
    ['flip', 'failing', 'all of its last 6 executions failed'],
    ['after', 'unknown', 'it has not run: "flip", which it needs, failed'],
  ])
  expect(verdict).toEqual({
    state: 'failing',
    sentence: '"flip" failing; of "flip" all of its last 6 executions failed, mostly at step "throw": tails',
  })
})

test('a promise is kept or not by success and by time, and its budget burns in two windows', async () => {
  const slow = chain<boolean>('slow', { slo: { success: 0.9, within: '1s' } })
    .step('look', ({ input, now }) => now() + (input ? 5_000 : 10))
    .sleep('wait', ({ steps }) => steps.look)
  const rig = await createRig([slow])
  await runs(rig, slow, [...all(10, false), ...all(10, true)])
  const found = healthOf(rig, 'slow')
  expect(found?.state).toBe('failing')
  expect(found?.slo).toMatchObject({ success: 0.9, within: 1_000, met: { estimate: 0.5 } })
  expect(found?.slo?.burn.map(({ rate, burning }) => [rate, burning])).toEqual([
    [5, false],
    [5, false],
    [5, true],
  ])
})
