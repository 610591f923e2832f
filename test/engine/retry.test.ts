import { describe, expect, test } from 'vitest'
import { fromPromise, setup } from 'xstate'
import { compile } from '../../src/chain/compile.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { foldRun } from '../../src/engine/runs/activate.ts'
import { createRig } from './rig.ts'

const hangs = async (): Promise<never> => new Promise(() => {})
/** Fails as often as told, then gives its value. */
const luck = (calls: string[], fails: Record<string, number>) => (name: string) => {
  calls.push(name)
  if ((fails[name] ?? 0) > 0) {
    fails[name] = (fails[name] ?? 0) - 1
    throw new Error(`${name} has no luck`)
  }
  return name
}

describe('a retried run', () => {
  test('goes on at the step that failed, under its id, and keeps what was committed', async () => {
    const calls: string[] = []
    const act = luck(calls, { b: 1 })
    const c = chain('c')
      .step('a', () => act('a'))
      .step('b', ({ steps }) => `${steps.a}${act('b')}`)
      .step('c', ({ steps }) => `${steps.b}${act('c')}`)
    const rig = await createRig([c])
    const run = await rig.start(c)
    expect((await rig.until(run.settled())).status).toBe('failed')
    await rig.until(run.retry())
    expect(await rig.until(run.result())).toBe('abc')
    expect(calls).toEqual(['a', 'b', 'b', 'c'])
    expect(await rig.until(run.status())).toBe('succeeded')
  })

  test('has the tries and the key that its step had when it began', async () => {
    const seen: string[] = []
    let broken = true
    const c = chain('c').step(
      'a',
      ({ attempt, idempotencyKey }) => {
        seen.push(`${attempt} ${idempotencyKey}`)
        if (broken) throw new Error('broken')
      },
      { attempts: 2, backoff: { initial: '1s' } },
    )
    const rig = await createRig([c])
    const run = await rig.start(c, undefined, { id: 'r' })
    await rig.until(run.settled())
    broken = false
    await rig.until(run.retry())
    await rig.until(run.result())
    expect(seen).toEqual(['1 r/c/a', '2 r/c/a', '1 r/c/a'])
  })

  test('begins anew what came after a failed chain, and leaves the others alone', async () => {
    const calls: string[] = []
    const act = luck(calls, { bad: 1 })
    const good = chain('good').step('s', () => act('good'))
    const bad = chain('bad').step('s', () => act('bad'))
    const alert = chain('alert')
      .needs({ bad }, { when: 'all_done' })
      .step('s', ({ needs }) => act(`alert ${needs.bad.status}`))
    const after = chain('after')
      .needs({ good, bad })
      .step('s', () => act('after'))
    const rig = await createRig([alert, after])
    const run = await rig.start([alert, after])
    expect((await rig.until(run.settled())).status).toBe('failed')
    expect(calls.toSorted()).toEqual(['alert failed', 'bad', 'good'])
    calls.length = 0
    await rig.until(run.retry())
    expect(await rig.until(run.result())).toEqual({ alert: 'alert succeeded', after: 'after' })
    expect(calls.toSorted()).toEqual(['after', 'alert succeeded', 'bad'])
  })

  test('keeps the branches of a parallel that got on beside the failed one', async () => {
    const calls: string[] = []
    const act = luck(calls, { bad: 1 })
    let stuck = true
    const c = chain('c')
      .parallel('both', {
        left: (b) =>
          b
            .step('first', () => act('first'))
            .step('slow', async ({ signal }) => {
              act('slow')
              if (stuck) await new Promise((_, no) => signal.addEventListener('abort', no))
            }),
        right: (b) => b.step('before', () => act('before')).step('bad', () => act('bad')),
      })
      .step('end', () => act('end'))
    const rig = await createRig([c])
    const run = await rig.start(c)
    expect((await rig.until(run.settled())).status).toBe('failed')
    expect(calls.toSorted()).toEqual(['bad', 'before', 'first', 'slow'])
    calls.length = 0
    stuck = false
    await rig.until(run.retry())
    expect(await rig.until(run.result())).toBe('end')
    expect(calls.toSorted()).toEqual(['bad', 'end', 'slow'])
  })

  test('goes on with an item whose chain had failed and was to be called again', async () => {
    const calls: string[] = []
    const act = luck(calls, { a: 2, b: 1 })
    const leaf = chain<string>('leaf').step('work', async ({ input, app }) => {
      if (input === 'b') await (app as { wait(ms: number): Promise<void> }).wait(500)
      return act(input)
    })
    const c = chain('c').each('all', () => ['a', 'b'], leaf, {
      key: (item) => item,
      attempts: 2,
      backoff: { initial: '1s', jitter: 'none' },
    })
    const rig = await createRig([c, leaf], {
      app: {
        wait: async (ms: number) =>
          new Promise<void>((done) => void rig.clock.at(rig.clock.now() + ms, done)),
      },
    })
    const run = await rig.start(c)
    expect((await rig.until(run.settled())).status).toBe('failed')
    expect(calls).toEqual(['a', 'b', 'a'])
    await rig.until(run.retry())
    expect(await rig.until(run.result())).toEqual(['a', 'b'])
    expect(calls).toEqual(['a', 'b', 'a', 'a', 'b'])
  })

  test('does of an each only the items that failed or were under way', async () => {
    const calls: number[] = []
    let broken = true
    const c = chain('c').each(
      'one',
      () => [1, 2, 3, 4],
      (item) => {
        calls.push(item)
        if (item === 3 && broken) throw new Error('three')
        return item * 10
      },
      { inFlight: 1 },
    )
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.until(run.settled())
    broken = false
    await rig.until(run.retry())
    expect(await rig.until(run.result())).toEqual([10, 20, 30, 40])
    expect(calls).toEqual([1, 2, 3, 3, 4])
  })

  test('goes on within a called chain at what failed there', async () => {
    const calls: string[] = []
    const act = luck(calls, { two: 1 })
    const inner = chain('inner')
      .step('one', () => act('one'))
      .step('two', () => act('two'))
    const outer = chain('outer')
      .step('zero', () => act('zero'))
      .call('inside', inner, () => undefined)
      .step('three', ({ steps }) => `${steps.inside} ${act('three')}`)
    const rig = await createRig([outer, inner])
    const run = await rig.start(outer)
    await rig.until(run.settled())
    await rig.until(run.retry())
    expect(await rig.until(run.result())).toBe('two three')
    expect(calls).toEqual(['zero', 'one', 'two', 'two', 'three'])
  })

  test('that was cancelled goes on where it was', async () => {
    const calls: string[] = []
    const c = chain('c')
      .step('a', () => void calls.push('a'))
      .step('b', async () => {
        calls.push('b')
        if (calls.length === 2) await hangs()
        return 'done'
      })
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance('1s')
    await rig.until(run.cancel())
    expect((await rig.until(run.settled())).status).toBe('cancelled')
    await rig.until(run.retry())
    expect(await rig.until(run.result())).toBe('done')
    expect(calls).toEqual(['a', 'b', 'b'])
  })

  test('from a step does that step and all after it again, also where the run has succeeded', async () => {
    let version = 1
    const calls: string[] = []
    const up = chain('up')
      .step('a', () => void calls.push('a'))
      .step('b', () => (calls.push('b'), version))
    const down = chain('down')
      .needs({ up })
      .step('c', ({ needs }) => (calls.push('c'), needs.up * 10))
    const rig = await createRig([down])
    const run = await rig.start(down)
    expect(await rig.until(run.result())).toBe(10)
    version = 2
    await rig.until(run.retry({ from: 'b' }))
    expect(await rig.until(run.result())).toBe(20)
    expect(calls).toEqual(['a', 'b', 'c', 'b', 'c'])
    await rig.until(run.retry({ from: { chain: 'down' } }))
    expect(await rig.until(run.result())).toBe(20)
    expect(calls.slice(5)).toEqual(['c'])
  })

  test('is given the signals back that no longer count as consumed', async () => {
    const c = chain('c')
      .step('a', () => 1)
      .wait('approval')
      .step('b', ({ steps }) => steps.approval)
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.until(run.signal('approval', 'yes', { id: 'first' }))
    expect(await rig.until(run.result())).toBe('yes')
    await rig.until(run.retry({ from: 'a' }))
    expect(await rig.until(run.result())).toBe('yes')
    expect(rig.told('signal')).toEqual([
      'signal.received first',
      'signal.consumed c/approval first',
      'signal.consumed c/approval first',
    ])
  })

  test('killed after any commit goes on to the same end', async () => {
    const make = () => {
      let broken = true
      const c = chain('c')
        .step('a', () => 'a')
        .step('b', () => {
          if (broken) throw new Error('broken')
          return 'b'
        })
        .sleep('rest', '1m')
        .step('d', ({ steps }) => `${steps.a}${steps.b}`)
      return { c, mend: () => void (broken = false) }
    }
    for (let cut = 1; cut < 8; cut++) {
      const { c, mend } = make()
      const rig = await createRig([c])
      const run = await rig.start(c, undefined, { id: 'r' })
      await rig.until(run.settled())
      mend()
      let commits = 0
      const goal = rig.events().length + cut
      await rig.until(run.retry())
      for (; rig.events().length < goal && commits < 50; commits++) await rig.advance()
      await rig.crash()
      await rig.advance('2m')
      expect(await rig.until((await rig.supervisor.get('r'))!.result()), `cut ${cut}`).toBe('ab')
    }
  })

  test('that a snapshot is older than is folded from its events', async () => {
    let broken = true
    const c = chain('c')
      .step('a', () => 'a')
      .sleep('rest', '1h')
      .step('b', async () => (broken ? Promise.reject(new Error('broken')) : hangs()))
    const rig = await createRig([c], { hibernateAfter: 0 })
    const run = await rig.start(c)
    await rig.advance('2h')
    expect(await rig.until(run.status())).toBe('failed')
    expect(await rig.store.snapshot(run.id)).toBeDefined()
    broken = false
    await rig.until(run.retry())
    await rig.advance('1s')
    const fold = await foldRun(rig.store, run.id, () => compile(c.spec))
    expect(fold.divergence).toBeUndefined()
    expect(fold.chains.get('c')?.snapshot.value).toBe('b')
    expect(rig.told('attempt').slice(-2)).toEqual(['attempt.failed c/b 1', 'attempt.started c/b 1'])
  })

  test('that fails again can be retried again', async () => {
    const calls: string[] = []
    const act = luck(calls, { b: 3 })
    const c = chain('c')
      .step('a', () => act('a'))
      .step('b', () => act('b'))
    const rig = await createRig([c])
    const run = await rig.start(c)
    for (let n = 0; n < 3; n++) {
      expect((await rig.until(run.settled())).status).toBe('failed')
      await rig.until(run.retry())
    }
    expect(await rig.until(run.result())).toBe('b')
    expect(calls).toEqual(['a', 'b', 'b', 'b', 'b'])
  })

  test('of a machine of the user goes on from its last recorded state', async () => {
    let broken = true
    const calls: string[] = []
    const machine = setup({
      actors: {
        work: fromPromise<string, { readonly what: string }>(async ({ input: { what } }) => {
          calls.push(what)
          if (what === 'second' && broken) throw new Error('broken')
          return what
        }),
      },
    }).createMachine({
      initial: 'one',
      states: {
        one: { invoke: { src: 'work', input: { what: 'first' }, onDone: 'two' } },
        two: { invoke: { src: 'work', input: { what: 'second' }, onDone: 'over' } },
        over: { type: 'final' },
      },
      output: 'over',
    })
    const guest = fromMachine('guest', machine)
    const rig = await createRig([guest])
    const run = await rig.start(guest)
    expect((await rig.until(run.settled())).status).toBe('failed')
    broken = false
    await rig.until(run.retry())
    expect(await rig.until(run.result())).toBe('over')
    expect(calls).toEqual(['first', 'second', 'second'])
    await expect(rig.until(run.retry({ from: { chain: 'guest', step: 'work' } }))).rejects.toThrow(
      /a machine of its own/,
    )
  })
})

describe('the deadline of a step', () => {
  test('counts anew from when the step is begun again, by retry and by fork', async () => {
    let lucky = false
    const c = chain('c')
      .step('first', () => 1)
      .step(
        'a',
        ({ deadline, now }) => {
          if (!lucky) throw new Error('no luck')
          return (deadline ?? 0) - now()
        },
        { deadline: '10s', attempts: 2, backoff: { initial: '1m' } },
      )
    const rig = await createRig([c])
    const run = await rig.start(c)
    expect((await rig.until(run.settled())).status).toBe('failed')
    await rig.advance('1h')
    lucky = true
    await rig.until(run.retry())
    expect(await rig.until(run.result())).toBe(10_000)
    await rig.advance('1h')
    await rig.until(run.retry({ from: 'a' }))
    expect(await rig.until(run.result())).toBe(10_000)
    await rig.advance('1h')
    const fork = await rig.until(run.fork({ at: 'a' }))
    expect(await rig.until(fork.result())).toBe(10_000)
  })
})

describe('a dead letter', () => {
  test('goes on by retry, with its count of lost attempts begun anew, and not by resume', async () => {
    let deadly = true
    const calls: string[] = []
    const c = chain('c')
      .step('a', () => void calls.push('a'))
      .step('killer', async () => (deadly ? hangs() : 'alive'))
    const rig = await createRig([c])
    const { id } = await rig.start(c)
    for (let n = 0; n < 3; n++) await rig.crash()
    const run = (await rig.supervisor.get(id))!
    expect(await rig.until(run.status())).toBe('dead-letter')
    await expect(rig.until(run.resume())).rejects.toThrow(/RUN_PARKED|retry the run/)
    await rig.until(run.retry())
    await rig.crash()
    await rig.crash()
    expect(await rig.until((await rig.supervisor.get(id))!.status())).toBe('running')
    deadly = false
    await rig.crash()
    const again = (await rig.supervisor.get(id))!
    expect(await rig.until(again.status())).toBe('dead-letter')
    await rig.until(again.retry())
    expect(await rig.until(again.result())).toBe('alive')
    expect(calls).toEqual(['a'])
  })
})

describe('a retry is refused', () => {
  const c = chain('c')
    .step('a', () => 1)
    .wait('go')
  test('while the run has not ended', async () => {
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance('1s')
    await expect(rig.until(run.retry())).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' })
    await rig.crash()
    const again = (await rig.supervisor.get(run.id))!
    await expect(rig.until(again.retry())).rejects.toThrow(/cancel it first/)
  })

  test('and nobody else is, who wants something of the run meanwhile', async () => {
    const sleeps = chain('c').sleep('nap', '1h')
    const rig = await createRig([sleeps], { hibernateAfter: 0 })
    // whichever of them comes first
    for (let later = 0; later < 20; later++) {
      const run = await rig.start(sleeps)
      await rig.advance('1m')
      const retried = run.retry()
      retried.catch(() => {})
      for (let tick = 0; tick < later; tick++) await Promise.resolve()
      await rig.until(run.pause())
      await expect(rig.until(retried)).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' })
      expect((await rig.until(run.explain())).sentence).toMatch(/^paused /)
    }
  })

  test('where the run has succeeded and no step is named, or one that never began', async () => {
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.until(run.signal('go'))
    await rig.until(run.result())
    await expect(rig.until(run.retry())).rejects.toThrow(/has succeeded: say with `from`/)
    await expect(rig.until(run.retry({ from: 'b' }))).rejects.toMatchObject({ code: 'STEP_UNKNOWN' })
    await expect(rig.until(run.retry({ from: { chain: 'x' } }))).rejects.toThrow(/those that did are c/)
    await expect(rig.until(run.retry({ from: 3 as never }))).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })

  test('and leaves a run that needs attention as it is, with all that goes on in it', async () => {
    const broken = (): never => {
      throw new Error('broken')
    }
    const bad = chain('bad')
      .step('a', () => 1, { compensate: { run: broken, attempts: 1 } })
      .step('b', broken)
    let aborted = false
    const good = chain('good').step('work', async ({ signal }) => {
      signal.addEventListener('abort', () => void (aborted = true))
      await new Promise<void>((resolve) => void rig.clock.at(rig.now() + 60_000, resolve))
      return 'done'
    })
    const rig = await createRig([bad, good])
    const run = await rig.start([bad, good])
    await rig.advance('10s')
    expect(await rig.until(run.status())).toBe('needs-attention')
    await expect(rig.until(run.retry({ from: 'b' }))).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' })
    await expect(rig.until(run.retry({ from: 'z' }))).rejects.toMatchObject({ code: 'STEP_UNKNOWN' })
    await rig.advance('1m')
    expect(aborted).toBe(false)
    expect(rig.told('chain.ended')).toEqual(['chain.ended good succeeded'])
  })

  test('where the history no longer fits the chain', async () => {
    const failing = chain('f')
      .step('a', () => 1)
      .step('b', () => {
        throw new Error('no')
      })
    const changed = chain('f').step('z', () => 1)
    const rig = await createRig([failing])
    const { id } = await rig.start(failing)
    await rig.advance()
    await rig.crash([changed])
    const run = (await rig.supervisor.get(id))!
    await expect(rig.until(run.retry())).rejects.toThrow(/does not fit its chains any more/)
    expect(await rig.until(run.status())).toBe('failed')
  })
})
