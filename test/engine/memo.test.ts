// Tests of memo: outputs that are used again, made once by one for all who want the same, and kept over restarts.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assign, fromPromise, setup } from 'xstate'
import { breaker } from '../../src/chain/breaker.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { ready } from '../../src/chain/edge.ts'
import { service } from '../../src/chain/service.ts'
import { describeEvent } from '../../src/cli/event-line.ts'
import { runJson } from '../../src/cli/run-json.ts'
import { reportRun } from '../../src/cli/run-report.ts'
import { plain } from '../../src/cli/terminal.ts'
import type { Run } from '../../src/engine/runs/run.ts'
import { type RunTimeline, timelineOf } from '../../src/observe/timeline.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { testFolder } from '../sqlite/folder.ts'
import { createRig, type Rig } from './rig.ts'

/** A promise that the test resolves, one for each call. */
function gate(): {
  readonly calls: number
  open(index: number, value?: unknown): void
  shut(index: number): void
  next(): Promise<unknown>
} {
  const waiting: { resolve(value: unknown): void; reject(error: unknown): void }[] = []
  return {
    get calls() {
      return waiting.length
    },
    open: (index, value = 'made') => waiting[index]?.resolve(value),
    shut: (index) => waiting[index]?.reject(new Error('no luck')),
    next: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
  }
}

const result = async (rig: Rig, wanted: AnyChain, input?: unknown): Promise<unknown> =>
  rig.until((await rig.start(wanted, input)).result())

const ofRun = (rig: Rig, run: string): readonly JournalEvent[] =>
  rig.events().filter((event) => event.run === run)

const hits = (rig: Rig): readonly JournalEvent[] =>
  rig.events().filter((event) => 'memo' in event && typeof event.memo === 'object')

describe('a step with a memo', () => {
  const counted = (memo: object = {}): { readonly calls: () => number; readonly made: AnyChain } => {
    let calls = 0
    const made = chain<number>('made').step('work', ({ input }) => `${input}:${++calls}`, { memo })
    return { calls: () => calls, made }
  }

  test('is called once for equal inputs, and the second run says whose output it took', async () => {
    const { made, calls } = counted()
    const rig = await createRig([made])
    const first = await rig.start(made, 1)
    expect(await rig.until(first.result())).toBe('1:1')
    expect(await result(rig, made, 1)).toBe('1:1')
    expect(await result(rig, made, 2)).toBe('2:2')
    expect(calls()).toBe(2)
    expect(hits(rig)).toMatchObject([
      { type: 'attempt.succeeded', took: 0, memo: { run: first.id, at: 1_000_000 } },
    ])
  })

  test('keeps its output over a crash, in memory and in a file', async () => {
    for (const file of [undefined, join(testFolder(), 'a.db')]) {
      const { made, calls } = counted()
      const rig = await createRig([made], file === undefined ? {} : { file })
      await result(rig, made, 1)
      await rig.crash()
      expect(await result(rig, made, 1)).toBe('1:1')
      expect(calls()).toBe(1)
      await rig.until(rig.supervisor.stop())
    }
  })

  test('is called anew once its output has expired, which is then let go of', async () => {
    const { made, calls } = counted({ ttl: '1h' })
    const rig = await createRig([made])
    await result(rig, made, 1)
    await result(rig, made, 2)
    await rig.advance('59m')
    expect(await result(rig, made, 1)).toBe('1:1')
    await rig.advance('1m')
    expect(await result(rig, made, 1)).toBe('1:3')
    expect(calls()).toBe(3)
    const kept = await rig.store.keepsakes('memo')
    expect(kept).toHaveLength(1)
  })

  test('is called anew under another version of its own, of its chain, and of its structure', async () => {
    let calls = 0
    const of = (version: string, memo: string, extra = false): AnyChain => {
      const made = chain('made', { version }).step('work', () => ++calls, { memo: { version: memo } })
      return extra ? made.step('more', ({ steps }) => steps.work) : made
    }
    const rig = await createRig([of('1', '1')])
    for (const [next, calledBefore] of [
      [of('1', '1'), 1],
      [of('1', '2'), 2],
      [of('2', '2'), 3],
      [of('2', '2', true), 4],
      [of('1', '1'), 1],
    ] as const) {
      await rig.crash([next])
      expect(await result(rig, next)).toBe(calledBefore)
    }
  })

  test('depends on what comes before it, and not on branches beside it', async () => {
    let calls = 0
    const made = chain<{ readonly slow: boolean; readonly before: number }>('made')
      .step('before', ({ input }) => input.before)
      .parallel('both', {
        a: (b) => b.step('work', () => ++calls, { memo: {} }),
        b: (b) => b.step('beside', () => calls * 100),
      })
    const rig = await createRig([made])
    await result(rig, made, { slow: true, before: 1 })
    await result(rig, made, { slow: true, before: 1 })
    expect(calls).toBe(1)
    await result(rig, made, { slow: true, before: 2 })
    expect(calls).toBe(2)
  })

  test("shares by its author's key alone, where there is one", async () => {
    let calls = 0
    const made = chain<{ readonly user: string; readonly at: number }>('made').step('work', () => ++calls, {
      memo: { key: ({ input }) => input.user },
    })
    const rig = await createRig([made])
    expect(await result(rig, made, { user: 'a', at: 1 })).toBe(1)
    expect(await result(rig, made, { user: 'a', at: 2 })).toBe(1)
    expect(await result(rig, made, { user: 'b', at: 2 })).toBe(2)
  })

  test('works in each round of a repeat, and once for equal items of an each', async () => {
    let calls = 0
    const rounds = chain('rounds').repeat('again', (b) => b.step('poll', () => ++calls, { memo: {} }), {
      until: ({ steps }) => steps.poll >= 3,
      max: 5,
    })
    const items = chain('items').each(
      'all',
      () => ['x', 'y', 'x', 'x'],
      (item) => `${item}${++calls}`,
      { memo: {} },
    )
    const rig = await createRig([rounds, items])
    await result(rig, rounds)
    expect(calls).toBe(3)
    expect(await result(rig, items)).toEqual(['x4', 'y5', 'x4', 'x4'])
  })

  test('fails as data where its key throws, is told late, or cannot be written down', async () => {
    const keys: readonly (() => unknown)[] = [
      () => {
        throw new Error('no key today')
      },
      () => Promise.resolve('late'),
      () => () => 'a function',
    ]
    for (const key of keys) {
      const made = chain('made').step('work', () => 1, { memo: { key }, attempts: 3 })
      const rig = await createRig([made])
      const run = await rig.start(made)
      const end = await rig.until(run.settled())
      expect(end.status).toBe('failed')
      expect(rig.told('attempt.failed')).toHaveLength(1)
    }
  })

  test('keeps no failure and no fallback', async () => {
    let calls = 0
    const made = chain('made').step(
      'work',
      () => {
        calls++
        throw new Error('no luck')
      },
      { memo: {}, fallback: () => 'instead' },
    )
    const rig = await createRig([made])
    expect(await result(rig, made)).toBe('instead')
    expect(await result(rig, made)).toBe('instead')
    expect(calls).toBe(2)
    expect(await rig.store.keepsakes('memo')).toEqual([])
  })

  test('keeps as many outputs as may be, the newest', async () => {
    const { made, calls } = counted()
    const rig = await createRig([made], { maxMemos: 2 })
    for (const input of [1, 2, 3]) await result(rig, made, input)
    expect(await rig.store.keepsakes('memo')).toHaveLength(2)
    await result(rig, made, 3)
    await result(rig, made, 2)
    expect(calls()).toBe(3)
    await result(rig, made, 1)
    expect(calls()).toBe(4)
  })

  test('is refused beside a compensation, in a transact step, and with nonsense', async () => {
    const both = chain('both').step('a', () => 1, { memo: {}, compensate: () => {} })
    await expect(createRig([both])).rejects.toThrow(/both memo and compensate/)
    expect(() => chain('x').step('a', () => 1, { memo: { ttl: 0 } })).toThrow(/ttl of memo of step "a" is 0/)
    expect(() => chain('x').step('a', () => 1, { memo: true as never })).toThrow(/no object/)
    expect(() => chain('x', { memo: { env: 'HOME' as never } })).toThrow(/env of memo/)
  })

  test('takes the output though its breaker lets nobody through', async () => {
    let calls = 0
    const bank = breaker('bank', { window: 2, minimum: 1, threshold: 0.5, openFor: '1h' })
    const made = chain<number>('made').step(
      'work',
      ({ input }) => {
        calls++
        if (input === 2) throw new Error('no luck')
        return input
      },
      { memo: {}, breaker: bank },
    )
    const rig = await createRig([made])
    await result(rig, made, 1)
    await rig.until((await rig.start(made, 2)).settled())
    expect(rig.told('breaker.opened')).toHaveLength(1)
    expect(await result(rig, made, 1)).toBe(1)
    expect(calls).toBe(2)
  })

  test('is done anew by retry({ from }), which replaces what was kept, and by a fork', async () => {
    const { made, calls } = counted()
    const rig = await createRig([made])
    const run = await rig.start(made, 1)
    await rig.until(run.result())
    await rig.until(run.retry({ from: 'work' }))
    expect(await rig.until(run.result())).toBe('1:2')
    await rig.crash()
    expect(await result(rig, made, 1)).toBe('1:2')
    const again = await rig.supervisor.get(run.id)
    const forked = await rig.until((again as typeof run).fork({ at: 'work' }))
    expect(await rig.until(forked.result())).toBe('1:3')
    expect(calls()).toBe(3)
  })
})

describe('single flight', () => {
  test('one works, the others wait, say so, and take its output', async () => {
    const work = gate()
    const made = chain('made').step('work', () => work.next(), { memo: {} })
    const rig = await createRig([made])
    const runs = [await rig.start(made), await rig.start(made), await rig.start(made)]
    await rig.advance('1m')
    expect(work.calls).toBe(1)
    const [first, second] = runs
    expect((await second?.explain())?.sentence).toBe(
      `step work of chain made waits since 00:16:40 for the output of the same work, which run ${first?.id} was at; nothing else blocks it`,
    )
    work.open(0, 7)
    for (const run of runs) expect(await rig.until(run.result())).toBe(7)
    expect(work.calls).toBe(1)
    expect(hits(rig)).toHaveLength(2)
  })

  test('where the one fails, or is cancelled, the next takes over', async () => {
    const work = gate()
    const made = chain('made').step('work', () => work.next(), { memo: {} })
    const rig = await createRig([made])
    const runs = [await rig.start(made), await rig.start(made), await rig.start(made), await rig.start(made)]
    await rig.advance()
    work.shut(0)
    await rig.advance()
    expect(work.calls).toBe(2)
    await rig.until(runs[1]?.cancel() as Promise<void>)
    await rig.advance()
    expect(work.calls).toBe(3)
    work.open(2, 'third')
    const ends = await rig.until(Promise.all(runs.map(async (run) => run.settled())))
    expect(ends.map(({ status }) => status)).toEqual(['failed', 'cancelled', 'succeeded', 'succeeded'])
    expect(work.calls).toBe(3)
  })

  test('one that waits may be cancelled, paused, or too late, and nobody misses it', async () => {
    const work = gate()
    const made = chain('made', { deadline: '1h' }).step('work', () => work.next(), { memo: {} })
    const rig = await createRig([made])
    const runs = [await rig.start(made), await rig.start(made), await rig.start(made), await rig.start(made)]
    await rig.until(runs[1]?.cancel() as Promise<void>)
    await rig.until(runs[2]?.pause() as Promise<void>)
    await rig.advance()
    work.shut(0)
    await rig.advance()
    // the third is paused: the fourth takes over
    expect(work.calls).toBe(2)
    work.open(1, 4)
    expect(await rig.until(runs[3]?.result() as Promise<unknown>)).toBe(4)
    await rig.until(runs[2]?.resume() as Promise<void>)
    expect(await rig.until(runs[2]?.result() as Promise<unknown>)).toBe(4)
    expect(work.calls).toBe(2)
  })

  test('who waits fails by its deadline, and is missed by nobody', async () => {
    const work = gate()
    const step = chain('step').step('work', () => work.next(), { memo: {} })
    const whole = chain('whole', { memo: {} }).step('work', () => work.next())
    const rig = await createRig([step, whole])
    for (const one of [step, whole]) {
      const before = work.calls
      const first = await rig.start(one)
      const second = await rig.start(one, undefined, { deadline: '1m' })
      const third = await rig.start(one)
      await rig.advance('2m')
      expect(await rig.until(second.settled())).toMatchObject({ status: 'failed' })
      expect(work.calls).toBe(before + 1)
      work.shut(before)
      await rig.until(first.settled())
      await rig.advance()
      work.open(before + 1, 'made')
      expect(await rig.until(third.result())).toBe('made')
    }
  })

  test('a store that cannot give what it kept has it made again', async () => {
    let calls = 0
    const made = chain('made').step('work', () => ++calls, { memo: {} })
    const rig = await createRig([made])
    await result(rig, made)
    const { store } = rig
    const read = store.keepsake
    store.keepsake = async () => Promise.reject(new Error('no luck'))
    const run = await rig.start(made)
    expect(await rig.until(run.result())).toBe(2)
    store.keepsake = read
    expect(await result(rig, made)).toBe(2)
  })

  test('two branches of one run share one call', async () => {
    const work = gate()
    const step = { memo: { key: () => 'same', version: 'x' } }
    const items = chain('items').each(
      'all',
      () => [1, 2, 3],
      () => work.next(),
      step,
    )
    const rig = await createRig([items])
    const run = await rig.start(items)
    await rig.advance()
    expect(work.calls).toBe(1)
    work.open(0, 'one')
    expect(await rig.until(run.result())).toEqual(['one', 'one', 'one'])
  })

  test('goes on at every commit at which the process may die, with one output for all', async () => {
    const worlds = async (cut: number | undefined): Promise<Rig> => {
      const steps = chain<number>('steps').step('work', ({ input, runId }) => `${input} by ${runId}`, {
        memo: {},
      })
      const whole = chain<number>('whole', { memo: {} })
        .step('one', () => 1)
        .sleep('nap', '1m')
        .step('two', ({ runId }) => `whole by ${runId}`)
      const rig = await createRig([steps, whole])
      const starts = [steps, whole].flatMap((one) =>
        ['a', 'b', 'c'].map((id) =>
          rig.supervisor.start(one as AnyChain, 1 as never, { id: `${one.id}-${id}` }),
        ),
      )
      for (const start of starts) start.catch(() => {})
      if (cut !== undefined) {
        while (rig.events().length < cut) if (!(await rig.steps(1))) rig.jump(1_000)
        await rig.crash()
        for (const one of [steps, whole])
          for (const id of ['a', 'b', 'c']) await rig.start(one, 1, { id: `${one.id}-${id}` })
      }
      await rig.advance('10m')
      return rig
    }
    const events = (await worlds(undefined)).events().length
    expect(events).toBeGreaterThan(40)
    for (let cut = 0; cut < events; cut++) {
      const rig = await worlds(cut)
      for (const of of ['steps', 'whole']) {
        const outputs = new Set<unknown>()
        for (const id of ['a', 'b', 'c']) {
          const run = await rig.supervisor.get(`${of}-${id}`)
          outputs.add(await rig.until((run as { result(): Promise<unknown> }).result()))
        }
        expect([...outputs], `killed with ${cut} events, ${of}`).toHaveLength(1)
      }
      expect(rig.told('run.parked')).toEqual([])
      await rig.until(rig.supervisor.stop())
    }
  })
})

describe('what people are told', () => {
  test('of waits and hits: in explanations, lines, status and its JSON', async () => {
    const work = gate()
    const step = chain('step').step('work', () => work.next(), { memo: {} })
    const whole = chain('whole', { memo: {} }).step('work', () => work.next())
    const rig = await createRig([step, whole])
    const ids = ['step-1', 'step-2', 'whole-1', 'whole-2']
    for (const id of ids) await rig.start(id.startsWith('step') ? step : whole, undefined, { id })
    await rig.advance()
    const status = (run: string): string => {
      const timeline = timelineOf(ofRun(rig, run)) as RunTimeline
      const options = { status: 'x', now: rig.now(), columns: 200, paint: plain, waits: [] }
      return reportRun(timeline, options)
    }
    expect(status('step-2')).toContain('waits for the output of the same work, at which run step-1 is')
    expect(status('whole-2')).toContain('waits for the output of the same work, at which run whole-1 is')
    work.open(0)
    work.open(1)
    await rig.advance()
    expect(status('step-2')).toContain('the output of run step-1')
    expect(status('whole-2')).toContain('the output of run whole-1')
    const lines = ids.flatMap((run) => ofRun(rig, run).map(describeEvent))
    expect(lines).toEqual(
      expect.arrayContaining([
        'step/work waits for the output of the same work, at which run step-1 is',
        'step/work took the output that run step-1 had made',
        'whole waits for the output of the same work, at which run whole-1 is',
        'whole succeeded with the output that run whole-1 had made',
      ]),
    )
    const second = (await rig.supervisor.get('step-2')) as Run
    expect((await second.explain()).sentence).toMatch(
      /^ended as succeeded at .*; step work of chain step took the output that run step-1 made at /,
    )
    const json = JSON.stringify(
      runJson(timelineOf(ofRun(rig, 'whole-2')) as RunTimeline, 'succeeded', rig.now()),
    )
    expect(json).toContain('"memo":{"run":"whole-1","at":1000000}')
  })
})

describe('a chain with a memo', () => {
  test('comes to its memo once the services that it needs are ready', async () => {
    let up = (): void => {}
    const database = service('database', async ({ ready: isReady, signal }) => {
      up = isReady
      await new Promise((stop) => signal.addEventListener('abort', stop, { once: true }))
    })
    let calls = 0
    const made = chain('made', { memo: {} })
      .needs({ database: ready(database) })
      .step('work', () => ++calls)
    const rig = await createRig([database, made])
    const runs = [await rig.start(made), await rig.start(made)]
    await rig.advance()
    expect(calls).toBe(0)
    up()
    for (const run of runs) expect(await rig.until(run.result())).toBe(1)
  })

  test('never begins where another run made its output: at the target and among the needs', async () => {
    let calls = 0
    const rates = chain<string>('rates', { memo: { ttl: '1d' } }).step(
      'ask',
      ({ input }) => `${input}${++calls}`,
    )
    const shop = chain<string>('shop')
      .needs({ rates })
      .step('show', ({ needs }) => needs.rates)
    const rig = await createRig([rates, shop])
    const first = await rig.start(rates, 'eur')
    expect(await rig.until(first.result())).toBe('eur1')
    expect(await result(rig, shop, 'eur')).toBe('eur1')
    expect(await result(rig, rates, 'eur')).toBe('eur1')
    expect(await result(rig, shop, 'usd')).toBe('usd2')
    expect(hits(rig)).toMatchObject([
      { type: 'chain.ended', chain: 'rates', memo: { run: first.id } },
      { type: 'chain.ended', chain: 'rates', memo: { run: first.id } },
    ])
    expect(rig.told('chain.started').filter((line) => line.endsWith('rates'))).toHaveLength(2)
  })

  test('depends on what it needs, and on the environment that it declares', async () => {
    let price = 1
    let calls = 0
    const world = { zone: 'eu' }
    const prices = chain('prices').step('ask', () => price)
    const total = chain('total', { memo: { env: () => ({ zone: world.zone }) } })
      .needs({ prices })
      .step('sum', ({ needs }) => `${needs.prices}/${world.zone}/${++calls}`)
    const rig = await createRig([total])
    expect(await result(rig, total)).toBe('1/eu/1')
    expect(await result(rig, total)).toBe('1/eu/1')
    price = 2
    expect(await result(rig, total)).toBe('2/eu/2')
    world.zone = 'us'
    expect(await result(rig, total)).toBe('2/us/3')
    price = 1
    world.zone = 'eu'
    expect(await result(rig, total)).toBe('1/eu/1')
  })

  test('fails as data where its environment throws or is none', async () => {
    const envs: readonly (() => unknown)[] = [
      () => {
        throw new Error('no env')
      },
      () => 5,
      () => Promise.resolve({}),
      () => ({ a: 1 }),
    ]
    for (const env of envs) {
      const made = chain('made', { memo: { env: env as never } }).step('work', () => 1)
      const rig = await createRig([made])
      const end = await rig.until((await rig.start(made)).settled())
      expect(end.status).toBe('failed')
      expect(rig.told('chain.')).toEqual(['chain.ended made failed'])
    }
  })

  test('waits for the run that is at the same, also over its sleep, and takes over where that fails', async () => {
    let calls = 0
    const slow = chain('slow', { memo: {} })
      .sleep('nap', '1h')
      .step('work', () => {
        if (++calls === 1) throw new Error('no luck')
        return 'made'
      })
    const rig = await createRig([slow])
    const first = await rig.start(slow)
    const second = await rig.start(slow)
    const third = await rig.start(slow)
    await rig.advance('1m')
    expect((await second.explain()).sentence).toBe(
      `chain slow waits since 00:16:40 for the output of the same work, which run ${first.id} was at; nothing else blocks it`,
    )
    expect(await rig.until(second.status())).toBe('running')
    await rig.advance('1h')
    expect((await rig.until(first.settled())).status).toBe('failed')
    await rig.crash()
    await rig.advance('2h')
    const again = await Promise.all([second.id, third.id].map(async (id) => rig.supervisor.get(id)))
    for (const run of again) expect(await rig.until((run as typeof first).result())).toBe('made')
    expect(calls).toBe(2)
  })

  test.each(['behind who is at the same', 'in the line of its group'])(
    'is kept by what it was told of a chain that it need not wait for, which has ended while it stood %s',
    async (where) => {
      const work = gate()
      const slow = chain('slow').sleep('nap', '1m')
      const grouped = where === 'in the line of its group' ? { concurrency: { limit: 1 } } : {}
      const look = chain<number>('look', { memo: {}, ...grouped })
        .needs({ slow }, { when: 'always' })
        .step('work', async ({ needs }) => {
          await work.next()
          return needs.slow.status
        })
      const rig = await createRig([look])
      const first = await rig.start(look, 'concurrency' in grouped ? 0 : 1)
      const second = await rig.start(look, 1)
      await rig.advance('2m')
      work.shut(0)
      await rig.until(first.settled())
      await rig.advance()
      work.open(1)
      expect(await rig.until(second.result())).toBe('succeeded')
      const third = await rig.start(look, 1)
      await rig.advance()
      work.open(2)
      expect(await rig.until(third.result())).toBe('pending')
      expect(work.calls).toBe(3)
    },
  )

  test.each(['it is held back', 'it stands in the line of its group'])(
    'takes what a run that was retried has made while %s',
    async (where) => {
      const work = gate()
      const isHeld = where === 'it is held back'
      const grouped = isHeld ? {} : { concurrency: { limit: 1 } }
      const made = chain<number>('made', { memo: {}, ...grouped }).step('work', () => work.next())
      const rig = await createRig([made])
      const first = await rig.start(made, 1)
      await rig.advance()
      if (!isHeld) await rig.start(made, 0)
      const second = await rig.start(made, 1)
      await rig.advance()
      if (isHeld)
        await rig.until(
          rig.supervisor.config.change((draft) => void (draft.chains['made'] = { paused: true })),
        )
      work.shut(0)
      await rig.until(first.settled())
      await rig.advance()
      await rig.until(first.retry())
      await rig.advance()
      const begun = work.calls
      work.open(begun - 1, 'x')
      expect(await rig.until(first.result())).toBe('x')
      if (isHeld) await rig.until(rig.supervisor.config.change((draft) => void delete draft.chains['made']))
      else work.open(1, 'another')
      await rig.advance()
      expect(await rig.until(second.result())).toBe('x')
      expect(work.calls).toBe(begun)
    },
  )

  test('is done anew by a retry from it, and by a retry of what comes before it', async () => {
    let calls = 0
    const base = chain('base').step('ask', () => 1)
    const made = chain('made', { memo: {} })
      .needs({ base })
      .step('work', () => ++calls)
    const rig = await createRig([made])
    const run = await rig.start(made)
    await rig.until(run.result())
    await rig.until(run.retry({ from: { chain: 'made' } }))
    expect(await rig.until(run.result())).toBe(2)
    await rig.until(run.retry({ from: { chain: 'base', step: 'ask' } }))
    expect(await rig.until(run.result())).toBe(3)
    expect(await result(rig, made)).toBe(3)
  })

  test('is done anew by a retry from it also where it took what another run had made', async () => {
    let calls = 0
    const made = chain('made', { memo: {} }).step('work', () => ++calls)
    const top = chain('top')
      .needs({ made })
      .step('show', ({ needs }) => needs.made)
    const rig = await createRig([top])
    await result(rig, made)
    const run = await rig.start(top)
    expect(await rig.until(run.result())).toBe(1)
    await rig.until(run.retry({ from: { chain: 'made' } }))
    expect(await rig.until(run.result())).toBe(2)
    expect(await result(rig, made)).toBe(2)
  })

  test('may be a machine of its own', async () => {
    let calls = 0
    const machine = setup({ actors: { ask: fromPromise(async () => ++calls) } }).createMachine({
      initial: 'asking',
      context: { answer: 0 },
      states: {
        asking: {
          invoke: {
            src: 'ask',
            onDone: { target: 'done', actions: assign(({ event }) => ({ answer: event.output })) },
          },
        },
        done: { type: 'final' },
      },
      output: ({ context }) => context.answer,
    })
    const made = fromMachine('made', machine, { memo: {} })
    const rig = await createRig([made])
    expect([await result(rig, made as AnyChain), await result(rig, made as AnyChain)]).toEqual([1, 1])
    expect(hits(rig)).toHaveLength(1)
  })

  test('gives its concurrency group no more to do than there is', async () => {
    const work = gate()
    const made = chain('made', { memo: {}, concurrency: { limit: 1 } }).step('work', () => work.next())
    const rig = await createRig([made])
    const runs = [await rig.start(made), await rig.start(made), await rig.start(made)]
    await rig.until(runs[0]?.cancel() as Promise<void>)
    await rig.advance()
    work.open(1, 'x')
    expect(await rig.until(runs[1]?.result() as Promise<unknown>)).toBe('x')
    expect(await rig.until(runs[2]?.result() as Promise<unknown>)).toBe('x')
    expect(work.calls).toBe(2)
  })

  test('works for every call of another chain: what is called shares nothing', async () => {
    let calls = 0
    const called = chain('called', { memo: {} }).step('work', () => ++calls)
    const caller = chain('caller').call('it', called, () => undefined)
    const rig = await createRig([caller])
    expect([await result(rig, caller), await result(rig, caller)]).toEqual([1, 2])
  })
})
