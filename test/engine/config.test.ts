// The config of a live supervisor: a change holds, is journalled, outlasts the process, and can be taken back.

import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { orderOnly } from '../../src/chain/edge.ts'
import type { Config } from '../../src/supervision/config.ts'
import { createRig, type Rig } from './rig.ts'

const fails = async (): Promise<never> => {
  throw new Error('no')
}

describe('a change of the config', () => {
  test('holds for attempts that start from now on, and is named by each of them', async () => {
    const c = chain('c').step('s', fails, { attempts: 2, backoff: { initial: 1 } })
    const rig = await createRig([c])
    const change = rig.supervisor.config.change((draft) => {
      draft.steps['c/s'] = { attempts: 4 }
    })
    await rig.until(change)
    await rig.until(rig.supervisor.settled(c))
    const started = rig.events().filter(({ type }) => type === 'attempt.started')
    expect(started).toHaveLength(4)
    expect(started).toMatchObject(started.map(() => ({ config: 1 })))
  })

  test('outlasts the process, and is taken back as a change of its own', async () => {
    const c = chain('c').step('s', () => 1)
    const rig = await createRig([c], { concurrency: 5 })
    const change = async (slots: number): Promise<() => Promise<void>> =>
      rig.until(
        rig.supervisor.config.change((draft) => {
          draft.concurrency = slots
        }),
      )
    await change(9)
    await rig.crash()
    expect(rig.supervisor.config).toMatchObject({ version: 1, current: { concurrency: 9 } })
    const takeBack = await change(2)
    await rig.until(takeBack())
    await rig.crash()
    expect(rig.supervisor.config).toMatchObject({ version: 3, current: { concurrency: 9 } })
  })

  test('is in the journal before what begins because of it', async () => {
    const c = chain('c').step('s', async () => new Promise(() => {}))
    const rig = await createRig([c], { concurrency: 1 })
    for (const id of ['one', 'two']) await rig.start(c, undefined, { id })
    await rig.until(
      rig.supervisor.config.change((draft) => {
        draft.concurrency = 2
      }),
    )
    await rig.advance()
    expect(rig.told('config', 'attempt.started')).toEqual([
      'attempt.started c/s 1',
      'config.changed',
      'attempt.started c/s 1',
    ])
  })

  test('is refused where nothing may change any more, and then does not hold', async () => {
    const c = chain('c').step('s', () => 1)
    const rig = await createRig([c], { concurrency: 5 })
    await rig.until(rig.supervisor.stop())
    const change = rig.supervisor.config.change((draft) => {
      draft.concurrency = 9
    })
    await expect(change).rejects.toMatchObject({ code: 'SUPERVISOR_STOPPED' })
    expect(rig.supervisor.config).toMatchObject({ version: 0, current: { concurrency: 5 } })
  })
})

const changed = async (rig: Rig, recipe: (draft: Config) => void): Promise<() => Promise<void>> =>
  rig.until(rig.supervisor.config.change(recipe))

describe('the config of a step', () => {
  test('names classes of failures that no other attempt follows', async () => {
    const c = chain('c').step(
      's',
      async ({ attempt }) => {
        throw Object.assign(new RangeError('no'), { code: attempt === 1 ? 'EPASS' : 'EFINAL' })
      },
      { attempts: 9, backoff: { initial: 1 } },
    )
    const attempts = async (classes: string[]): Promise<number> => {
      const rig = await createRig([c])
      await changed(rig, (draft) => void (draft.steps['c/s'] = { nonRetryable: classes }))
      await rig.until(rig.supervisor.settled(c))
      return rig.told('attempt.started').length
    }
    expect(await attempts([])).toBe(9)
    expect(await attempts(['EFINAL'])).toBe(2)
    expect(await attempts(['RangeError'])).toBe(1)
    expect(await attempts(['thrown'])).toBe(1)
    expect(await attempts(['TypeError'])).toBe(9)
  })

  test('has the output of a pure one used again for equal work, as long as it says', async () => {
    let calls = 0
    const c = chain<number>('c').step('s', ({ input }) => input * ++calls, { pure: true })
    const rig = await createRig([c])
    await rig.until(rig.supervisor.run(c, 10))
    await changed(rig, (draft) => void (draft.steps['c/s'] = { memo: { ttl: 60_000 } }))
    expect(await rig.until(rig.supervisor.run(c, 10))).toBe(20)
    expect(await rig.until(rig.supervisor.run(c, 10))).toBe(20)
    expect(await rig.until(rig.supervisor.run(c, 1))).toBe(3)
    await rig.advance('61s')
    expect(await rig.until(rig.supervisor.run(c, 10))).toBe(40)
  })

  test('says how many items of an each are in flight, also of one that is under way', async () => {
    let flying = 0
    let most = 0
    const c = chain('c').each(
      'e',
      () => Array.from({ length: 30 }, (_, i) => i),
      async (_item, { signal }) => {
        most = Math.max(most, ++flying)
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true })
          rig.clock.at(rig.now() + 10, resolve)
        })
        flying--
      },
      { inFlight: 4 },
    )
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance()
    expect(most).toBe(4)
    await changed(rig, (draft) => void (draft.steps['c/e'] = { inFlight: 7 }))
    await rig.advance(15)
    expect(most).toBe(7)
    await changed(rig, (draft) => void (draft.steps['c/e'] = { inFlight: 1 }))
    await rig.advance(15)
    most = 0
    await rig.until(run.result())
    expect(most).toBe(1)
  })

  test('holds back items of an each that wait for a slot, where fewer may be in flight by now', async () => {
    let flying = 0
    let most = 0
    const c = chain('c').each(
      'e',
      () => [1, 2, 3, 4, 5, 6],
      async () => {
        most = Math.max(most, ++flying)
        await new Promise<void>((resolve) => void rig.clock.at(rig.now() + 10, resolve))
        flying--
      },
      { inFlight: 4 },
    )
    const busy = chain('busy').step('s', async () => {
      await new Promise<void>((resolve) => void rig.clock.at(rig.now() + 1_000, resolve))
    })
    const rig = await createRig([c, busy], { concurrency: 3 })
    for (let n = 0; n < 3; n++) await rig.start(busy, n)
    const run = await rig.start(c)
    await rig.advance()
    expect(rig.told('attempt.queued')).toHaveLength(4)
    await changed(rig, (draft) => void (draft.steps['c/e'] = { inFlight: 1 }))
    // a slot that comes to one that may not start goes on to others
    const later = await rig.start(busy, 3)
    await rig.until(run.result())
    expect(most).toBe(1)
    await rig.until(later.result())
    expect(rig.told('attempt.succeeded')).toHaveLength(10)
  })
})

describe('a dropped need', () => {
  const up = chain('up').step('slow', async () => new Promise(() => {}))
  const down = chain('down')
    .needs({ up: orderOnly(up) })
    .step('go', () => 'gone')

  test('is done beside what no longer waits for it, and a run that was accepted before still waits', async () => {
    const rig = await createRig([down])
    await rig.start(down, undefined, { id: 'before' })
    await changed(rig, (draft) => void (draft.edges['down<-up'] = 'dropped'))
    await rig.start(down, undefined, { id: 'after' })
    await rig.advance()
    const begun = rig.events().filter((one) => one.type === 'chain.started')
    expect(begun.map(({ run, chain: of }) => `${run} ${of}`)).toEqual(['before up', 'after down', 'after up'])
    expect(rig.events().findLast(({ type }) => type === 'run.accepted')).toMatchObject({
      plan: [{ key: 'down', needs: [], dropped: ['up'] }, { key: 'up' }],
    })
  })

  test('stays dropped in its run when the config says otherwise and the process dies', async () => {
    let release: (() => void) | undefined
    const first = chain('up').step('slow', async () => new Promise<void>((resolve) => (release = resolve)))
    const second = chain('down')
      .needs({ up: orderOnly(first) })
      .wait('sign')
    const rig = await createRig([second])
    const back = await changed(rig, (draft) => void (draft.edges['down<-up'] = 'dropped'))
    await rig.start(second, undefined, { id: 'r' })
    await rig.until(back())
    await rig.crash()
    const run = await rig.supervisor.get('r', second)
    await rig.until(run!.signal('sign', 'yes'))
    release?.()
    expect(await rig.until(run!.result())).toBe('yes')
  })
})

describe('a chain that is held back', () => {
  const up = chain('up').step('make', () => 'made')
  const down = chain('down')
    .needs({ up })
    .step('use', ({ needs }) => needs.up)

  test('is refused as a target while it is quarantined, and what needs it waits, also over a crash', async () => {
    const rig = await createRig([down])
    await changed(rig, (draft) => void (draft.chains['up'] = { quarantined: 'it corrupts rows' }))
    await expect(rig.until(rig.supervisor.start(up))).rejects.toMatchObject({
      code: 'QUARANTINED',
      message: expect.stringContaining('it corrupts rows') as string,
    })
    await rig.start(down, undefined, { id: 'r' })
    await rig.advance('1h')
    const why = async (): Promise<string> => (await (await rig.supervisor.get('r'))!.explain()).sentence
    expect(await why()).toContain('chain up is held back by the config')
    expect(await why()).toContain('it is quarantined: it corrupts rows')
    await rig.crash()
    expect(rig.told('chain.started')).toEqual([])
    await changed(rig, (draft) => void delete draft.chains['up'])
    const run = await rig.supervisor.get('r', down)
    expect(await rig.until(run!.result())).toBe('made')
  })

  test('is accepted and waits while it is paused, and a run that is cancelled meanwhile ends', async () => {
    const rig = await createRig([down])
    await changed(rig, (draft) => void (draft.chains['up'] = { paused: true }))
    const one = await rig.start(up, undefined, { id: 'one' })
    const two = await rig.start(up, undefined, { id: 'two' })
    await rig.advance('1m')
    expect(rig.told('chain.started')).toEqual([])
    await rig.until(two.cancel())
    await changed(rig, (draft) => void delete draft.chains['up'])
    expect(await rig.until(one.result())).toBe('made')
    expect(await two.status()).toBe('cancelled')
    expect(rig.told('chain.started')).toEqual(['chain.started up'])
  })

  test('that was let go and has to wait for its group says that, and no longer the hold', async () => {
    const c = chain('c', { concurrency: { limit: 1 } }).wait('go')
    const rig = await createRig([c])
    await rig.start(c, undefined, { id: 'first' })
    await changed(rig, (draft) => void (draft.chains['c'] = { paused: true }))
    const second = await rig.start(c, undefined, { id: 'second' })
    await changed(rig, (draft) => void delete draft.chains['c'])
    await rig.advance()
    expect((await second.explain()).sentence).toContain('concurrency group')
  })
})
