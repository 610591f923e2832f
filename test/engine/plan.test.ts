// Planning a run: what its chains' inputs cost, and what shape of output it was asked for.

import { expect, test, vi } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { chain } from '../../src/chain/create-chain.ts'
import * as codec from '../../src/kernel/codec.ts'
import { createRig } from './rig.ts'

vi.mock('../../src/kernel/codec.ts', async (original) => {
  const real = await original<typeof codec>()
  return { ...real, encode: vi.fn(real.encode), canonical: vi.fn(real.canonical) }
})

test('the input of a run is encoded once, however many of its chains have it', async () => {
  const input = { text: 'x'.repeat(10_000), at: new Date(5) }
  const needs: Record<string, AnyChain<typeof input>> = {}
  for (let i = 0; i < 20; i++) needs[`u${i}`] = chain<typeof input>(`u${i}`).step('s', () => i)
  const join = chain<typeof input>('join')
    .needs(needs)
    .step('s', ({ input: { text, at } }) => [text.length, at.getTime()])
  const rig = await createRig([join])
  vi.mocked(codec.encode).mockClear()
  const large = (calls: readonly (readonly unknown[])[]): number =>
    calls.filter(([value]) => JSON.stringify(value ?? '').length > 10_000).length
  expect(await rig.until(rig.supervisor.run(join, input))).toEqual([10_000, 5])
  expect(large(vi.mocked(codec.encode).mock.calls)).toBe(1)
  expect(large(vi.mocked(codec.canonical).mock.calls)).toBe(1)
})

test('a run that was asked for a list of one gives its output by chain, to whoever asks for it', async () => {
  const one = chain('one').step('s', async () => 1)
  const rig = await createRig([one])
  const listed = await rig.start([one], undefined, { id: 'listed' })
  const alone = await rig.start(one, undefined, { id: 'alone' })
  const outputs = async (): Promise<unknown> =>
    Promise.all(['listed', 'alone'].map(async (id) => rig.until((await rig.supervisor.get(id))!.result())))
  expect(await outputs()).toEqual([{ one: 1 }, 1])
  expect(await rig.until(listed.result())).toEqual({ one: 1 })
  expect(await rig.until(alone.result())).toBe(1)
  await rig.crash()
  expect(await outputs()).toEqual([{ one: 1 }, 1])
})
