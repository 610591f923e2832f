// Tests of poison: an input that fails again and again is not tried any more, until somebody says so.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { type ChainOptions, chain } from '../../src/chain/create-chain.ts'
import { testFolder } from '../sqlite/folder.ts'
import { createRig, type Rig } from './rig.ts'

interface World {
  broken: boolean
  calls: number
}

function load(world: World, options: Pick<ChainOptions, 'poison' | 'version'> = { poison: { after: 2 } }) {
  return chain<unknown>('load', options).step('read', () => {
    world.calls++
    if (world.broken) throw new Error('no such file')
    return 'rows'
  })
}

const endOf = async (rig: Rig, wanted: AnyChain, input: unknown, id?: string): Promise<string> => {
  const run = await rig.start(wanted, input, id === undefined ? {} : { id })
  return (await rig.until(run.settled())).status
}

test('an input that failed so often is parked as a dead letter with its history, and not tried', async () => {
  const world = { broken: true, calls: 0 }
  const chain_ = load(world)
  const rig = await createRig([chain_])
  expect(await endOf(rig, chain_, { file: 'a', as: 1 }, 'one')).toBe('failed')
  expect(await endOf(rig, chain_, { as: 1, file: 'a' }, 'two')).toBe('failed')
  const third = await rig.start(chain_, { file: 'a', as: 1 }, { id: 'three' })
  expect(await rig.until(third.settled())).toMatchObject({
    status: 'dead-letter',
    detail:
      'chain "load" failed 2 times in a row with this input: run one at step read of chain load with "no such file", run two at step read of chain load with "no such file"',
  })
  expect(world.calls).toBe(2)
  expect(rig.events().find(({ type }) => type === 'run.parked')).toMatchObject({
    reason: 'dead-letter',
    failed: [
      { run: 'one', chain: 'load', step: 'read', message: 'no such file' },
      { run: 'two', chain: 'load', step: 'read', message: 'no such file' },
    ],
  })
  const dead = await rig.supervisor.list({ status: ['dead-letter'] })
  expect(dead.map(({ run }) => run)).toEqual(['three'])
  expect((await third.explain()).sentence).toMatch(
    /^parked as dead-letter since .* retry the run, which tries it for real/,
  )
  await expect(rig.until(third.result())).rejects.toMatchObject({ code: 'RUN_PARKED' })
})

test('other inputs, and other versions of the chain, are tried', async () => {
  const world = { broken: true, calls: 0 }
  const chain_ = load(world)
  const rig = await createRig([chain_])
  for (const input of [1, 1, 2, undefined, null]) expect(await endOf(rig, chain_, input)).toBe('failed')
  expect(await endOf(rig, chain_, 1)).toBe('dead-letter')
  const next = load(world, { poison: { after: 2 }, version: '2' })
  await rig.crash([next])
  expect(await endOf(rig, next, 1)).toBe('failed')
})

test('retry() tries a dead letter for real, and its success makes the input one like any other', async () => {
  const world = { broken: true, calls: 0 }
  const chain_ = load(world)
  const rig = await createRig([chain_])
  for (let n = 0; n < 2; n++) await endOf(rig, chain_, 1)
  const dead = await rig.start(chain_, 1)
  await rig.advance()
  await rig.until(dead.retry())
  expect((await rig.until(dead.settled())).status).toBe('failed')
  expect(await endOf(rig, chain_, 1)).toBe('dead-letter')
  world.broken = false
  await rig.crash()
  const again = await rig.supervisor.get(dead.id)
  await rig.until((again as typeof dead).retry())
  expect(await rig.until((again as typeof dead).result())).toBe('rows')
  expect(await endOf(rig, chain_, 1)).toBe('succeeded')
  world.broken = true
  expect(await endOf(rig, chain_, 1)).toBe('failed')
  expect(await endOf(rig, chain_, 1)).toBe('failed')
  expect(await endOf(rig, chain_, 1)).toBe('dead-letter')
})

test('counts outlive crashes, in memory and in a file', async () => {
  for (const file of [undefined, join(testFolder(), 'a.db')]) {
    const world = { broken: true, calls: 0 }
    const chain_ = load(world)
    const rig = await createRig([chain_], file === undefined ? {} : { file })
    await endOf(rig, chain_, 1)
    await rig.crash()
    await endOf(rig, chain_, 1)
    await rig.crash()
    expect(await endOf(rig, chain_, 1)).toBe('dead-letter')
    await rig.until(rig.supervisor.stop())
  }
})

test('a success between two failures begins the count anew, and a cancel does not count', async () => {
  const world = { broken: true, calls: 0 }
  const chain_ = chain<number>('load', { poison: { after: 2 } })
    .wait('go')
    .step('read', () => {
      if (world.broken) throw new Error('no')
    })
  const rig = await createRig([chain_])
  const ends = async (how: 'fail' | 'succeed' | 'cancel'): Promise<string> => {
    world.broken = how !== 'succeed'
    const run = await rig.start(chain_, 1)
    await rig.advance()
    await rig.until(how === 'cancel' ? run.cancel() : run.signal('go'))
    return (await rig.until(run.settled())).status
  }
  expect(await ends('fail')).toBe('failed')
  expect(await ends('cancel')).toBe('cancelled')
  expect(await ends('succeed')).toBe('succeeded')
  expect(await ends('fail')).toBe('failed')
  expect(await ends('fail')).toBe('failed')
  expect(await endOf(rig, chain_, 1)).toBe('dead-letter')
})

test('what a chain needs counts against the chain that the run was for, which tells where it failed', async () => {
  const world = { broken: true, calls: 0 }
  const base = load(world, {})
  const report = chain<unknown>('report', { poison: { after: 1 } })
    .needs({ base })
    .step('print', () => 1)
  const rig = await createRig([report])
  expect(await endOf(rig, report, 1, 'one')).toBe('failed')
  const second = await rig.start(report, 1)
  expect(await rig.until(second.settled())).toMatchObject({
    detail:
      'chain "report" failed once with this input: run one at step read of chain load with "no such file"',
  })
  expect(await endOf(rig, base, 1)).toBe('failed')
})

test("the supervisor's poison is for all chains but those that say otherwise", async () => {
  const world = { broken: true, calls: 0 }
  const plain = load(world, {})
  const never = chain('never', { poison: false }).step('fail', () => {
    throw new Error('no')
  })
  const rig = await createRig([plain, never], { poison: { after: 1 } })
  expect([await endOf(rig, plain, 1), await endOf(rig, plain, 1)]).toEqual(['failed', 'dead-letter'])
  expect([await endOf(rig, never, undefined), await endOf(rig, never, undefined)]).toEqual([
    'failed',
    'failed',
  ])
})

test('without poison nothing is counted', async () => {
  const world = { broken: true, calls: 0 }
  const plain = load(world, {})
  const rig = await createRig([plain])
  for (let n = 0; n < 4; n++) expect(await endOf(rig, plain, 1)).toBe('failed')
  expect(await rig.store.keepsakes('poison')).toEqual([])
})

test('a history that is long tells of its last runs, and messages that are long of their beginning', async () => {
  const chain_ = chain<number>('load', { poison: { after: 7 } }).step('read', ({ runId }) => {
    throw new Error(`${runId} ${'x'.repeat(10_000)}`)
  })
  const rig = await createRig([chain_])
  for (let n = 1; n <= 7; n++) await endOf(rig, chain_, 1, `run-${n}`)
  const run = await rig.start(chain_, 1)
  const end = await rig.until(run.settled())
  const detail = 'detail' in end ? end.detail : ''
  expect(detail).toMatch(/^chain "load" failed 7 times in a row with this input, last run run-3 at/)
  expect(detail.length).toBeLessThan(2_000)
})

test('a dead letter may be cancelled', async () => {
  const world = { broken: true, calls: 0 }
  const chain_ = load(world)
  const rig = await createRig([chain_])
  for (let n = 0; n < 2; n++) await endOf(rig, chain_, 1)
  const dead = await rig.start(chain_, 1)
  await rig.advance()
  await rig.until(dead.cancel())
  expect((await rig.until(dead.settled())).status).toBe('cancelled')
  expect(world.calls).toBe(2)
})

test('a process that dies at any commit counts each failed run once', async () => {
  const total = async (cut: number | undefined): Promise<Rig> => {
    const chain_ = load({ broken: true, calls: 0 }, { poison: { after: 3 } })
    const rig = await createRig([chain_])
    const start = async (id: string): Promise<void> => {
      rig.supervisor.start(chain_, 1, { id }).catch(() => {})
      while (rig.events().length < (cut ?? 0)) if (!(await rig.steps(1))) return
    }
    const ids = ['a', 'b', 'c', 'd']
    for (const id of ids) {
      await start(id)
      if (cut !== undefined && rig.events().length >= cut) {
        cut = undefined
        await rig.crash()
        await rig.start(chain_, 1, { id })
      }
      await rig.advance('1m')
    }
    return rig
  }
  const events = (await total(undefined)).events().length
  for (let cut = 1; cut <= events; cut++) {
    const rig = await total(cut)
    const where = `killed with ${cut} events`
    expect(rig.told('run.ended', 'run.parked'), where).toEqual([
      'run.ended failed',
      'run.ended failed',
      'run.ended failed',
      'run.parked dead-letter',
    ])
    const [kept] = await rig.store.keepsakes('poison')
    expect(JSON.parse(kept?.body ?? '{}'), where).toMatchObject({ failures: 3 })
    await rig.until(rig.supervisor.stop())
  }
})

test('poison that makes no sense is refused', async () => {
  expect(() => chain('x', { poison: { after: 0 } })).toThrow(/after of poison of chain "x" is 0/)
  expect(() => chain('x', { poison: 3 as never })).toThrow(/poison of chain "x"/)
  await expect(createRig([], { poison: { after: 1.5 } })).rejects.toThrow(/poison is an object/)
})
