import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig } from './rig.ts'

const hangs = async (): Promise<never> => new Promise(() => {})

describe('a crash', () => {
  test('runs again only what had not ended', async () => {
    const calls: string[] = []
    const c = chain('c')
      .step('a', () => void calls.push('a'))
      .step('b', async () => {
        calls.push('b')
        if (calls.length === 2) await hangs()
      })
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance('1s')
    await rig.crash()
    await rig.until((await rig.supervisor.get(run.id))!.result())
    expect(calls).toEqual(['a', 'b', 'b'])
    expect(rig.told('attempt')).toEqual([
      'attempt.started c/a 1',
      'attempt.succeeded c/a 1',
      'attempt.started c/b 1',
      'attempt.lost c/b 1',
      'attempt.started c/b 2',
      'attempt.succeeded c/b 2',
    ])
  })

  test('costs no retry: a lost attempt is not one of the attempts', async () => {
    let calls = 0
    const c = chain('c').step('s', async () => (++calls === 1 ? hangs() : calls))
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.crash()
    expect(await rig.until((await rig.supervisor.get(run.id))!.result())).toBe(2)
  })

  test('that comes three times in one step makes the run a dead letter', async () => {
    const c = chain('c')
      .step('killer', hangs)
      .step('after', () => 1)
    const rig = await createRig([c])
    const run = await rig.start(c)
    for (let n = 0; n < 3; n++) await rig.crash()
    expect(await rig.until((await rig.supervisor.get(run.id))!.status())).toBe('dead-letter')
    expect(rig.told('run.parked')).toEqual(['run.parked dead-letter'])
    const before = rig.events().length
    await rig.crash()
    expect(rig.events()).toHaveLength(before)
  })

  test('of an each loses only the items in flight', async () => {
    const calls: number[] = []
    const c = chain('c').each(
      'one',
      () => [1, 2, 3],
      async (item) => {
        calls.push(item)
        if (item > 1 && calls.length < 4) await hangs()
        return item
      },
    )
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.crash()
    expect(await rig.until((await rig.supervisor.get(run.id))!.result())).toEqual([1, 2, 3])
    expect(calls).toEqual([1, 2, 3, 2, 3])
  })

  test('while a failed parallel settles does not lose what it had aborted', async () => {
    const c = chain('c').parallel('both', {
      a: (b) =>
        b.step('x', async () => {
          throw new Error('broken')
        }),
      b: (b) => b.step('deaf', hangs),
    })
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.crash()
    expect((await rig.until((await rig.supervisor.get(run.id))!.settled())).status).toBe('failed')
    expect(rig.told('attempt.lost', 'run.parked')).toEqual([])
  })

  test('of a store that failed after the write still runs nothing twice', async () => {
    const calls: string[] = []
    const c = chain('c')
      .step('a', () => void calls.push('a'))
      .step('b', () => void calls.push('b'))
    const rig = await createRig([c])
    rig.store.failNext('failAfter')
    await expect(rig.start(c, undefined, { id: 'r' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(calls).toEqual([])
    await rig.crash()
    const run = await rig.start(c, undefined, { id: 'r' })
    await rig.until(run.result())
    expect(calls).toEqual(['a', 'b'])
    expect(rig.told('run.accepted')).toHaveLength(1)
  })
})

describe('a run that only waits', () => {
  const nap = chain('nap')
    .sleep('nap', '10d')
    .step('s', () => 'rested')

  test('leaves memory with a snapshot, and wakes at its time', async () => {
    const rig = await createRig([nap])
    const run = await rig.start(nap)
    const [head] = await rig.supervisor.list()
    expect(head).toMatchObject({ status: 'waiting', wakeAt: 1_000_000 + 10 * 86_400_000 })
    expect(await rig.until(run.result())).toBe('rested')
    expect(rig.now()).toBe(1_000_000 + 10 * 86_400_000)
  })

  test('that fell due while no process ran goes on at once', async () => {
    const rig = await createRig([nap])
    const run = await rig.start(nap)
    rig.clock.kill()
    await rig.advance('20d')
    await rig.crash()
    expect(await rig.until((await rig.supervisor.get(run.id))!.result())).toBe('rested')
    expect(rig.now()).toBe(1_000_000 + 20 * 86_400_000)
  })

  test('wakes without spinning while its commit takes its time', async () => {
    const rig = await createRig([nap], { faults: { slowest: 50 } })
    const run = await rig.start(nap)
    expect(await rig.until(run.result())).toBe('rested')
  })
})

describe('changed chains', () => {
  test('park a live run that no longer fits, and name what diverged', async () => {
    const before = chain('c')
      .sleep('nap', '1h')
      .step('old', () => 1)
    const after = chain('c')
      .step('other', () => 1)
      .wait('go')
    const rig = await createRig([before], { hibernateAfter: '2h' })
    const run = await rig.start(before)
    await rig.crash([after])
    expect(await rig.until((await rig.supervisor.get(run.id))!.status())).toBe('needs-migration')
    const decided = rig.events().find(({ type }) => type === 'decision.made')
    const parked = rig.events().find(({ type }) => type === 'run.parked')
    expect(decided).toBeDefined()
    expect(parked).toMatchObject({ reason: 'needs-migration', diverged: decided?.seq })
  })

  test('that still fit go on', async () => {
    const before = chain('c')
      .sleep('nap', '1h')
      .step('s', () => 'old')
    const after = chain('c')
      .sleep('nap', '1h')
      .step('s', () => 'new')
      .step('more', ({ steps }) => steps.s)
    const rig = await createRig([before])
    const run = await rig.start(before)
    await rig.crash([after])
    expect(await rig.until((await rig.supervisor.get(run.id))!.result())).toBe('new')
  })

  test('a parked run goes on where the old chain is back', async () => {
    const before = chain('c')
      .step('a', () => 1)
      .sleep('nap', '1h')
    const rig = await createRig([before], { hibernateAfter: '2h' })
    const run = await rig.start(before)
    await rig.crash([chain('other').step('s', () => 1)])
    expect(rig.told('run.parked')).toEqual(['run.parked needs-migration'])
    await rig.crash([before])
    await rig.until((await rig.supervisor.get(run.id))!.cancel())
    expect((await rig.until((await rig.supervisor.get(run.id))!.settled())).status).toBe('cancelled')
  })

  test('a wait that is gone is not skipped: the run that stood there is parked, and goes on where it is back', async () => {
    const before = chain('c')
      .wait('approval')
      .step('ship', () => 'shipped')
    const after = chain('c').step('ship', () => 'shipped without a word')
    const rig = await createRig([before])
    const run = await rig.start(before)
    await rig.advance('1m')
    await rig.crash([after])
    // it sleeps in the store: whatever wakes it finds out
    const parked = (await rig.supervisor.get(run.id))!
    await rig.until(parked.pause())
    expect(await rig.until(parked.settled())).toMatchObject({
      status: 'needs-migration',
      detail: expect.stringContaining('chain "c" stood in "approval"') as string,
    })
    await rig.crash([before])
    const again = (await rig.supervisor.get(run.id))!
    await rig.until(again.resume())
    await rig.until(again.signal('approval'))
    expect(await rig.until(again.result())).toBe('shipped')
  })
})

describe('losses', () => {
  test('with work done in between do not make a dead letter', async () => {
    const c = chain('c').each(
      'item',
      () => ['slow', 'a', 'b', 'c', 'd', 'e'],
      async (item, { attempt }) => {
        if (item === 'slow' && attempt < 6) await hangs()
        await rest()
        return item
      },
      { inFlight: 2 },
    )
    let awake: (() => void) | undefined
    function rest(): Promise<void> {
      return new Promise((resolve) => {
        awake = resolve
      })
    }
    const rig = await createRig([c])
    const run = await rig.start(c)
    for (let n = 0; n < 5; n++) {
      awake?.()
      await rig.advance()
      await rig.crash()
      await rig.advance()
    }
    expect(rig.told('run.parked')).toEqual([])
    expect(rig.told('attempt.lost').filter((line) => line.includes('item')).length).toBeGreaterThanOrEqual(5)
    expect(await rig.until((await rig.supervisor.get(run.id))!.status())).toBe('running')
  })

  test('of a dead letter are told to who waits for its end', async () => {
    const c = chain('c').step('killer', hangs)
    const rig = await createRig([c], { lostAttempts: 1 })
    const run = await rig.start(c)
    await rig.crash()
    const again = (await rig.supervisor.get(run.id))!
    expect(await rig.until(again.settled())).toMatchObject({ status: 'dead-letter' })
    await expect(rig.until(again.result())).rejects.toMatchObject({ code: 'RUN_PARKED' })
  })
})

describe('a run at work', () => {
  test('is found by the signal that one of its branches waits for', async () => {
    const c = chain('c').parallel('both', {
      waits: (b) => b.wait('approval'),
      works: (b) => b.step('hang', hangs),
    })
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance()
    expect(await rig.until(rig.supervisor.list({ signal: 'approval' }))).toMatchObject([
      { run: run.id, status: 'running' },
    ])
  })
})
