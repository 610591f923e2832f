// Services in a running supervisor: started in order, restarted as their groups say, stopped in reverse.

import { describe, expect, test } from 'vitest'
import type { AnyActorRef } from 'xstate'
import { chain } from '../../../src/chain/create-chain.ts'
import { group, service } from '../../../src/chain/service.ts'
import { supervise } from '../../../src/engine/create-supervisor.ts'
import { createMemoryStore } from '../../../src/journal/memory-store.ts'
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts'
import { createRig } from '../rig.ts'
import { byHand, standing } from './hand.ts'

describe('starting and stopping', () => {
  test('services start in order and stop in reverse, through groups', async () => {
    const told: string[] = []
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => byHand(id, {}, told).service) as [
      never,
      never,
      never,
      never,
    ]
    const rig = await createRig([a, group('g', {}, [b, group('h', {}, [c])]), d])
    expect(told).toEqual(['start a', 'start b', 'start c', 'start d'])
    expect(standing(rig.supervisor)).toEqual([
      'a ready',
      'g running',
      'b ready',
      'h running',
      'c ready',
      'd ready',
    ])
    expect(rig.supervisor.healthz()).toMatchObject({ ok: true, state: 'running' })
    told.length = 0
    await rig.until(rig.supervisor.stop())
    expect(told).toEqual(['stop d', 'stop c', 'stop b', 'stop a'])
    expect(rig.supervisor.healthz()).toMatchObject({ ok: false, state: 'stopped' })
    expect(rig.told('services')).toEqual(['services.ended stop'])
  })

  test('an attempt in flight has its services until it ends', async () => {
    const told: string[] = []
    const db = byHand('db', {}, told)
    let end = (): void => {}
    const work = chain('work').step('do', async () => {
      await new Promise<void>((resolve) => (end = resolve))
      told.push('work done')
    })
    const rig = await createRig([db.service, work])
    await rig.start(work)
    const stopped = rig.supervisor.stop()
    await rig.advance()
    expect(told).toEqual(['start db'])
    end()
    await rig.until(stopped)
    expect(told).toEqual(['start db', 'work done', 'stop db'])
  })

  test('who ignores its abort is given up after its time, and its late end is recorded', async () => {
    const deaf = byHand('deaf', { obedient: false, shutdown: '2s' })
    const rig = await createRig([deaf.service])
    const { services } = rig.supervisor
    const terminated = services.terminateChild('deaf')
    await rig.advance('1999ms')
    expect(standing(rig.supervisor)).toEqual(['deaf stopping'])
    await rig.advance('1ms')
    expect(await terminated).toEqual({ ok: true })
    expect(standing(rig.supervisor)).toEqual(['deaf stopped'])
    deaf.lives[0]?.fail()
    await rig.advance()
    expect(rig.events().filter(({ type }) => type === 'service.exited')).toMatchObject([
      { reason: 'killed' },
      { reason: 'error', late: true, failure: { message: 'deaf broke' } },
    ])
  })

  test('who is to stop by what its own ready() set off is waited for, and not begun again beside itself', async () => {
    const told: string[] = []
    const db = byHand('db', { says: true })
    let lives = 0
    const cache = service(
      'cache',
      async ({ ready, signal }) => {
        const life = ++lives
        told.push(`begin ${life}`)
        ready()
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        await new Promise<void>((resolve) => rig.clock.at(rig.clock.now() + 50, resolve))
        told.push(`end ${life}`)
      },
      { needs: [db.service] },
    )
    let tries = 0
    const reader = service(
      'reader',
      () => {
        if (++tries === 1) throw new Error('not yet')
        return new Promise(() => {})
      },
      { needs: [cache] },
    )
    const tree = group('g', { strategy: 'one_for_all', intensity: 5 }, [cache, reader])
    const rig = await createRig([db.service, tree])
    db.lives[0]?.context.ready()
    await rig.advance('100ms')
    expect(told).toEqual(['begin 1', 'end 1', 'begin 2'])
    expect(standing(rig.supervisor)).toEqual(['db ready', 'g running', 'cache ready', 'reader ready'])
  })

  test('a start that throws fails the whole start, and those before it stop', async () => {
    const told: string[] = []
    const a = byHand('a', {}, told)
    const broken = service('broken', () => {
      throw new Error('no port')
    })
    const rig = await createRig([a.service, broken])
    expect(told).toEqual(['start a', 'stop a'])
    expect(rig.supervisor.healthz()).toMatchObject({ ok: false, state: 'running' })
    expect(rig.told('services')).toEqual(['services.ended start_failed'])
  })

  test('a crash of the process forgets them: the next one starts them afresh', async () => {
    const a = byHand('a')
    const rig = await createRig([a.service])
    await rig.crash()
    expect(a.lives).toHaveLength(2)
    expect(standing(rig.supervisor)).toEqual(['a ready'])
  })

  test('when the store fails they stop, and their signals abort', async () => {
    const a = byHand('a')
    const rig = await createRig([a.service])
    rig.store.failNext('failBefore')
    const one = chain('other').step('s', () => 1)
    await expect(rig.until(rig.supervisor.start(one))).rejects.toThrow('not registered')
    a.lives[0]?.fail()
    await rig.advance('1m')
    expect(rig.supervisor.healthz()).toMatchObject({ ok: false, state: 'failed' })
    expect(a.lives.at(-1)?.context.signal.aborted).toBe(true)
    await rig.until(rig.supervisor.stop())
  })
})

describe('restarts', () => {
  test('a failure restarts the service at once; a second one within the period ends all', async () => {
    const a = byHand('a')
    const b = byHand('b')
    const rig = await createRig([a.service, b.service])
    a.lives[0]?.fail()
    await rig.advance()
    expect(a.lives).toHaveLength(2)
    expect(b.lives).toHaveLength(1)
    a.lives[1]?.fail()
    await rig.advance()
    expect(a.lives).toHaveLength(2)
    expect(b.lives[0]?.context.signal.aborted).toBe(true)
    expect(standing(rig.supervisor)).toEqual(['a failed', 'b stopped'])
    expect(rig.supervisor.healthz().ok).toBe(false)
    expect(rig.told('service', 'group')).toEqual([
      'service.started a',
      'service.ready a',
      'service.started b',
      'service.ready b',
      'service.exited a error',
      'service.restarting a',
      'service.started a',
      'service.ready a',
      'service.exited a error',
      'service.exited b shutdown',
      'services.ended intensity',
    ])
  })

  const crashers: readonly (readonly [string, () => unknown])[] = [
    ['returns', () => undefined],
    [
      'throws',
      () => {
        throw new Error('bug')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('bug'))],
  ]
  test.each(crashers)(
    'one that %s as soon as it begins, and may for ever, holds up nobody',
    async (_, body) => {
      let lives = 0
      const live = (): unknown => {
        lives++
        // a first start that throws would be the end of all
        if (lives === 1) return Promise.reject(new Error('bug'))
        // so that this test ends where it fails
        return lives > 10_000 ? new Promise(() => {}) : body()
      }
      const tight = service('tight', live, { shutdown: 'brutal_kill' })
      const supervisor = await supervise(createMemoryStore(), { chains: [tight], intensity: 1e9, period: 1 })
      for (let round = 0; round < 20; round++)
        await new Promise<void>((resolve) => {
          setImmediate(resolve)
        })
      expect(lives).toBeGreaterThan(1)
      expect(lives).toBeLessThan(100)
      await supervisor.stop({ drain: 0 })
      const before = lives
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
      expect(lives).toBe(before)
    },
  )

  test('the process survives the end of its services, and runs go on', async () => {
    const a = byHand('a')
    const work = chain('work').step('do', () => 'done')
    const rig = await createRig([a.service, work], { intensity: 0 })
    a.lives[0]?.fail()
    await rig.advance()
    expect(rig.told('services')).toEqual(['services.ended intensity'])
    expect(await rig.until(rig.supervisor.run(work))).toBe('done')
  })

  test('a group that gives up is restarted by the group that it is in, with a budget of its own', async () => {
    const a = byHand('a')
    const b = byHand('b')
    const rig = await createRig([
      group('g', { intensity: 0, strategy: 'one_for_all' }, [a.service, b.service]),
    ])
    a.lives[0]?.fail()
    await rig.advance()
    expect(rig.told('group')).toEqual(['group.escalated g intensity'])
    expect([a.lives.length, b.lives.length]).toEqual([2, 2])
    expect(standing(rig.supervisor)).toEqual(['g running', 'a ready', 'b ready'])
    await rig.advance('1m')
    b.lives[1]?.fail()
    await rig.advance()
    expect([a.lives.length, b.lives.length]).toEqual([3, 3])
  })

  test('returning is the end of a transient service, throwing is not', async () => {
    const a = byHand('a', { restart: 'transient' })
    const rig = await createRig([a.service])
    a.lives[0]?.fail()
    await rig.advance()
    expect(a.lives).toHaveLength(2)
    a.lives[1]?.end()
    await rig.advance()
    expect(standing(rig.supervisor)).toEqual(['a stopped'])
    expect(rig.supervisor.healthz().ok).toBe(true)
  })

  test('a backoff spaces restarts, shows when the next one is due, and a stop calls it off', async () => {
    const a = byHand('a', { backoff: { initial: '1s', max: '10s', jitter: 'none' } })
    const rig = await createRig([a.service], { intensity: 100 })
    for (const wait of [1_000, 2_000, 4_000, 8_000, 10_000]) {
      a.lives.at(-1)?.fail()
      await rig.advance()
      expect(rig.supervisor.healthz()).toMatchObject({
        ok: false,
        services: [{ state: 'backing-off', due: rig.now() + wait, failure: 'a broke' }],
      })
      await rig.advance(wait)
      expect(standing(rig.supervisor)).toEqual(['a ready'])
    }
    a.lives.at(-1)?.fail()
    await rig.advance()
    await rig.until(rig.supervisor.stop())
    expect(a.lives).toHaveLength(6)
  })

  test('significant children end their group as they should', async () => {
    const told: string[] = []
    const job = byHand('job', { restart: 'transient', significant: true }, told)
    const helper = byHand('helper', {}, told)
    const rig = await createRig([
      group('batch', { autoShutdown: 'any_significant', restart: 'transient' }, [
        helper.service,
        job.service,
      ]),
    ])
    job.lives[0]?.end()
    await rig.advance()
    expect(told).toEqual(['start helper', 'start job', 'stop job', 'stop helper'])
    expect(rig.told('group')).toEqual(['group.escalated batch auto_shutdown'])
    expect(standing(rig.supervisor)).toEqual(['batch stopped', 'helper stopped', 'job stopped'])
  })

  test('whatever a service throws or returns, the process survives it', async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- what a service may return by mistake
    const evil = Object.defineProperty({}, 'then', {
      get: () => {
        throw new Error('then')
      },
    })
    const rig = await createRig(
      [
        service('evil', () => evil, { restart: 'temporary' }),
        service('nothing', () => undefined, { restart: 'temporary' }),
        service('symbol', async () => Promise.reject(Symbol('why')), { restart: 'temporary' }),
      ],
      {},
    )
    expect(rig.told('service.exited')).toEqual([
      'service.exited evil error',
      'service.exited nothing normal',
      'service.exited symbol error',
    ])
  })
})

test('groups and services are actors that an inspector sees, and their states with them', async () => {
  const seen: string[] = []
  const a = byHand('a')
  const rig = await createRig([group('g', {}, [a.service])], {
    inspect: (event) => {
      if (event.type !== '@xstate.snapshot' || !('value' in event.snapshot)) return
      seen.push(`${(event.actorRef as AnyActorRef).id} ${JSON.stringify(event.snapshot.value)}`)
    },
  })
  await rig.until(rig.supervisor.stop())
  for (const one of [
    'g "running"',
    'a {"running":"ready"}',
    'a "stopping"',
    'a "stopped"',
    'g "stopped"',
    'services "stopped"',
  ])
    expect(seen).toContain(one)
})

test("the run id of facts about services is nobody else's", async () => {
  const work = chain('work').step('do', () => 1)
  const rig = await createRig([work])
  await expect(rig.until(rig.supervisor.start(work, undefined, { id: '~services' }))).rejects.toThrow(
    'a run id is',
  )
})

describe('calls', () => {
  test('children are started, stopped, started again and forgotten by hand', async () => {
    const a = byHand('a')
    const b = byHand('b')
    const rig = await createRig([group('g', {}, [a.service])])
    const g = rig.supervisor.services.group('g')
    expect(await rig.until(g.startChild(b.service))).toEqual({ ok: true, id: 'b', status: 'running' })
    expect(await rig.until(g.whichChildren())).toEqual({
      ok: true,
      children: [
        { id: 'b', status: 'running', kind: 'worker' },
        { id: 'a', status: 'running', kind: 'worker' },
      ],
    })
    expect(await rig.until(g.deleteChild('a'))).toEqual({ ok: false, error: 'running' })
    expect(await rig.until(g.terminateChild('a'))).toEqual({ ok: true })
    expect(await rig.until(g.restartChild('a'))).toEqual({ ok: true })
    await rig.until(g.terminateChild('b'))
    expect(await rig.until(g.deleteChild('b'))).toEqual({ ok: true })
    expect(await rig.until(g.countChildren())).toEqual({
      ok: true,
      counts: { specs: 1, active: 1, supervisors: 0, workers: 1 },
    })
    expect(standing(rig.supervisor)).toEqual(['g running', 'a ready'])
    expect(await rig.until(rig.supervisor.services.group('no').countChildren())).toEqual({
      ok: false,
      error: 'noproc',
    })
  })

  test('a call that comes before the services have started finds them started', async () => {
    const a = byHand('a')
    const supervisor = await supervise(createMemoryStore(), {
      chains: [a.service],
      clock: createVirtualClock(),
    })
    expect(supervisor.healthz().ok).toBe(false)
    expect(await supervisor.services.countChildren()).toMatchObject({ counts: { active: 1 } })
    expect(supervisor.healthz().ok).toBe(true)
    await supervisor.stop()
    expect(await supervisor.services.countChildren()).toEqual({ ok: false, error: 'noproc' })
  })

  test('a supervisor without services takes its first one by hand', async () => {
    const a = byHand('a')
    const rig = await createRig([])
    expect(await rig.until(rig.supervisor.services.startChild(a.service))).toMatchObject({ ok: true })
    expect(standing(rig.supervisor)).toEqual(['a ready'])
    await rig.until(rig.supervisor.stop())
    expect(a.lives[0]?.context.signal.aborted).toBe(true)
  })

  test('a dynamic group takes as many of its pattern as it may, each with its input', async () => {
    const seen: unknown[] = []
    const worker = service<string>('worker', async ({ id, input, signal }) => {
      seen.push(`${id} ${input}`)
      await new Promise((stop) => signal.addEventListener('abort', stop, { once: true }))
    })
    const rig = await createRig([group('pool', { strategy: 'simple_one_for_one', maxChildren: 2 }, [worker])])
    const pool = rig.supervisor.services.group('pool')
    expect(await rig.until(pool.startChild({ name: 'one', input: 'x' }))).toMatchObject({ id: 'pool/one' })
    await rig.until(pool.startChild({ input: 'y' }))
    expect(await rig.until(pool.startChild({ name: 'three' }))).toEqual({ ok: false, error: 'max_children' })
    expect(seen[0]).toBe('pool/one x')
    expect(rig.supervisor.healthz().services).toMatchObject([{ id: 'pool', children: { active: 2, all: 2 } }])
    expect(await rig.until(pool.terminateChild('pool/one'))).toEqual({ ok: true })
    expect(rig.supervisor.healthz().services).toMatchObject([{ children: { active: 1 } }])
    await expect(pool.startChild(byHand('x').service)).rejects.toThrow('pattern')
  })
})
