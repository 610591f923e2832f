import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { createMachine } from 'xstate'
import type { PlanNode } from '../../src/journal/run-plan.ts'
import { withDeadlines } from '../../src/engine/runs/deadlines.ts'
import { createRig, type Rig } from './rig.ts'

const start = 1_000_000
const never = async (): Promise<never> => new Promise(() => {})
const endsOf = (rig: Rig) =>
  rig
    .events()
    .flatMap((event) =>
      event.type === 'chain.ended'
        ? [[event.chain, event.status, event.failure?.kind, event.at - start]]
        : [],
    )

describe('a chain that passes its deadline', () => {
  test('fails with its attempt aborted, and says so', async () => {
    let aborted = false
    const c = chain('c', { deadline: '1m' }).step('slow', async ({ signal }) => {
      signal.addEventListener('abort', () => (aborted = true))
      return never()
    })
    const rig = await createRig([c])
    const result = await rig.until(rig.supervisor.settled(c))
    expect(result).toMatchObject({
      status: 'failed',
      failures: [
        {
          chain: 'c',
          failure: { kind: 'deadline', message: 'chain "c" passed its deadline, 1970-01-01T00:17:40.000Z' },
        },
      ],
    })
    expect(aborted).toBe(true)
    expect(rig.told('chain')).toEqual(['chain.started c', 'chain.cut-short c', 'chain.ended c failed'])
    expect(endsOf(rig)).toEqual([['c', 'failed', 'deadline', 60_000]])
  })

  test('undoes what it began, which has no deadline', async () => {
    const undone: unknown[] = []
    let rig: Rig
    const c = chain('c', { deadline: '1m' })
      .step('a', () => 1, {
        compensate: async ({ failure }) => {
          await new Promise<void>((resolve) => void rig.clock.at(rig.now() + 600_000, resolve))
          undone.push(failure?.kind)
        },
      })
      .wait('approval')
    rig = await createRig([c])
    await rig.until(rig.supervisor.settled(c))
    expect(undone).toEqual(['deadline'])
    expect(endsOf(rig)).toEqual([['c', 'failed', 'deadline', 660_000]])
  })

  test('is woken from its sleep by it, also after a restart', async () => {
    const c = chain('c', { deadline: '2h' }).sleep('nap', '1d')
    const rig = await createRig([c])
    await rig.start(c)
    await rig.advance('1h')
    expect(await rig.until(rig.supervisor.list())).toMatchObject([
      { status: 'waiting', wakeAt: start + 7_200_000 },
    ])
    await rig.crash()
    await rig.advance('1d')
    expect(endsOf(rig)).toEqual([['c', 'failed', 'deadline', 7_200_000]])
  })

  test('that passed while no process ran fails as soon as one does', async () => {
    const c = chain('c', { deadline: '1m' }).wait('approval')
    const rig = await createRig([c])
    await rig.start(c)
    await rig.advance('30s')
    rig.clock.kill()
    await rig.advance('1h')
    await rig.crash()
    await rig.advance()
    expect(rig.told('run.ended')).toEqual(['run.ended failed'])
  })

  test('is cut while it is paused, and while it waits for its concurrency group', async () => {
    const c = chain('c', { deadline: '1m', concurrency: { limit: 1 } }).wait('approval')
    const rig = await createRig([c])
    const first = await rig.start(c, undefined, { id: 'first', deadline: '30s' })
    await rig.start(c, undefined, { id: 'second', deadline: '20s' })
    await rig.until(first.pause())
    await rig.advance('2m')
    expect(endsOf(rig)).toEqual([
      ['c', 'failed', 'deadline', 20_000],
      ['c', 'failed', 'deadline', 30_000],
    ])
  })

  test('ends a user’s own machine as well', async () => {
    const guest = fromMachine('guest', createMachine({ initial: 'a', states: { a: {} } }), { deadline: '1m' })
    const rig = await createRig([guest])
    await rig.start(guest)
    await rig.advance('2m')
    expect(endsOf(rig)).toEqual([['guest', 'failed', 'deadline', 60_000]])
  })
})

describe('a deadline is inherited', () => {
  test('by what a chain needs, which blocks it', async () => {
    const extract = chain('extract').step('fetch', never)
    const report = chain('report', { deadline: '1m' })
      .needs({ extract })
      .step('x', () => 1)
    const rig = await createRig([report])
    await rig.start(report)
    await rig.advance('2m')
    expect(endsOf(rig)).toEqual([
      ['extract', 'failed', 'deadline', 60_000],
      ['report', 'upstream_failed', undefined, 60_000],
    ])
  })

  test('by what a chain calls, whose own counts from the call', async () => {
    const callee = chain('callee', { deadline: '1m' }).step('x', never)
    const slow = chain('slow', { deadline: '90s' }).sleep('nap', '1m').call('sub', callee)
    const quick = chain('quick').sleep('nap', '1m').call('sub', callee)
    const rig = await createRig([slow, quick])
    await rig.start([slow, quick])
    await rig.advance('5m')
    expect(endsOf(rig).map(([key, , , at]) => [key, at])).toEqual([
      ['slow', 90_000],
      ['slow/sub', 90_000],
      ['quick/sub', 120_000],
      ['quick', 120_000],
    ])
  })

  test('by steps, which are told the earliest', async () => {
    const told: unknown[] = []
    const c = chain('c', { deadline: '1h' }).step('a', ({ deadline }) => void told.push(deadline))
    const rig = await createRig([c])
    await rig.until(rig.supervisor.run(c))
    await rig.until(rig.supervisor.run(c, undefined, { deadline: start + 60_000 }))
    await rig.until(rig.supervisor.run(c, undefined, { deadline: new Date(start + 50_000) }))
    const bare = chain('bare').step('a', ({ deadline }) => void told.push(deadline))
    const other = await createRig([bare])
    await other.until(other.supervisor.run(bare))
    expect(told.slice(1)).toEqual([start + 60_000, start + 50_000, undefined])
    expect(told[0]).toBeGreaterThanOrEqual(start + 3_600_000)
  })

  test('from the last of those that need a chain, unless somebody asked for it', () => {
    const node = (key: string, ...needs: readonly string[]): PlanNode => ({
      key,
      chain: key,
      version: '1',
      rule: 'all_success',
      needs: needs.map((one) => ({ name: one, key: one, kind: 'hard' })),
    })
    const own: Readonly<Record<string, number>> = { a: 10, b: 20, shared: 50 }
    const plan = (targets: readonly string[], run?: number) =>
      withDeadlines(
        [node('a', 'shared'), node('b', 'shared'), node('shared', 'deep'), node('deep')],
        targets,
        (id) => ({ deadline: own[id] }) as never,
        { now: 100, run },
      ).map(({ deadline }) => deadline)
    expect(plan(['a', 'b'])).toEqual([110, 120, 120, 120])
    expect(plan(['a', 'b', 'shared'])).toEqual([110, 120, 150, 150])
    expect(plan(['a', 'b'], 105)).toEqual([105, 105, 105, 105])
  })
})

test('a deadline that is none is refused', async () => {
  const c = chain('c').step('a', () => 1)
  const rig = await createRig([c])
  for (const deadline of ['soon', Number.NaN, new Date(Number.NaN), {}]) {
    await expect(rig.start(c, undefined, { deadline })).rejects.toThrow(/deadline/)
  }
})

test('a run without deadlines records none', async () => {
  const c = chain('c').step('a', () => 1)
  const rig = await createRig([c])
  await rig.until(rig.supervisor.run(c))
  expect(JSON.stringify(rig.events())).not.toContain('deadline')
})
