import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import { NonRetryable, OutcomeUnknown } from '../../src/kernel/failure.ts'
import type { Run } from '../../src/engine/runs/run.ts'
import { createRig, type Rig } from './rig.ts'

const fails = (): never => {
  throw new NonRetryable('broken')
}

/** What was undone, in order. */
function undoer() {
  const undone: string[] = []
  return {
    undone,
    undo: (name: string) => (context: { readonly outcome: string; readonly output: unknown }) => {
      undone.push(`${name} ${context.outcome} ${JSON.stringify(context.output)}`)
    },
  }
}

const later = async (rig: () => Rig, ms: number): Promise<void> =>
  new Promise((resolve) => void rig().clock.at(rig().clock.now() + ms, resolve))

describe('a failed chain', () => {
  test('undoes the steps that succeeded, the last first, before it ends', async () => {
    const { undone, undo } = undoer()
    const c = chain('c')
      .step('a', () => 1, { compensate: undo('a') })
      .step('plain', () => 2)
      .step('b', () => 3, { compensate: undo('b') })
      .step('bad', fails, { compensate: undo('bad') })
      .step('never', () => 4, { compensate: undo('never') })
    const rig = await createRig([c])
    const result = await rig.until(rig.supervisor.settled(c))
    expect(result).toMatchObject({ status: 'failed', failures: [{ step: 'bad' }] })
    expect(undone).toEqual(['b succeeded 3', 'a succeeded 1'])
    expect(rig.told('attempt.started', 'chain.ended').slice(4)).toEqual([
      'attempt.started c/b:compensation 1',
      'attempt.started c/a:compensation 1',
      'chain.ended c failed',
    ])
    expect(rig.events().find(({ type }) => type === 'chain.ended')).toMatchObject({
      compensated: [
        { step: 'b', outcome: 'succeeded' },
        { step: 'a', outcome: 'succeeded' },
      ],
    })
  })

  test('tells a compensation its key, its input, what steps returned and why', async () => {
    let told: unknown
    const c = chain<number>('c')
      .step('before', () => 0)
      .step('a', ({ input }) => input + 1, {
        compensate: ({ idempotencyKey, input, steps, failure, attempt, runId, output }) => {
          told = [idempotencyKey, input, steps.before, failure?.message, attempt, runId, output]
        },
      })
      .step('bad', fails)
    const rig = await createRig([c])
    await rig.until(rig.supervisor.settled(c, 1, { id: 'r' }))
    expect(told).toEqual(['r/c/a', 1, 0, 'broken', 1, 'r', 2])
  })

  test('undoes what is not known to have failed as unknown', async () => {
    const { undone, undo } = undoer()
    let rig: Rig
    let tries = 0
    const c = chain('c')
      .step('slow', async () => later(() => rig, 1_000), {
        timeout: 10,
        fallback: () => 'later',
        compensate: undo('slow'),
      })
      .step(
        'twice',
        () => {
          if (++tries === 1) throw new OutcomeUnknown('no answer')
          throw new Error('refused')
        },
        { attempts: 2, fallback: () => 'none', compensate: undo('twice') },
      )
      .step('bad', fails, { compensate: undo('bad') })
    rig = await createRig([c])
    await rig.until(rig.supervisor.settled(c))
    expect(undone).toEqual(['twice unknown "none"', 'slow unknown "later"'])
  })

  test('aborts the branches beside the failed one, waits for their end, and undoes them as unknown', async () => {
    const { undone, undo } = undoer()
    let rig: Rig
    const c = chain('c').parallel('both', {
      bad: (b) => b.step('x', async () => later(() => rig, 10).then(fails)),
      slow: (b) =>
        b
          .step('y', () => 1, { compensate: undo('y') })
          .step('z', async () => later(() => rig, 3_000), { compensate: undo('z') }),
    })
    rig = await createRig([c])
    await rig.start(c)
    await rig.advance(2_999)
    expect(undone).toEqual([])
    await rig.advance(1)
    expect(undone).toEqual(['z unknown undefined', 'y succeeded 1'])
    expect(rig.told('chain.ended')).toEqual(['chain.ended c failed'])
  })

  test('waits for an attempt that timed out and still runs, for at most five seconds', async () => {
    const { undone, undo } = undoer()
    const c = chain('c').step('deaf', async () => new Promise(() => {}), {
      timeout: 1_000,
      compensate: undo('deaf'),
    })
    const rig = await createRig([c])
    await rig.start(c)
    await rig.advance(5_999)
    expect(undone).toEqual([])
    await rig.advance(1)
    expect(undone).toEqual(['deaf unknown undefined'])
  })

  test('undoes each item of an each, and each round of a repeat, with its own output', async () => {
    const undone: unknown[] = []
    const c = chain('c')
      .repeat(
        'loop',
        (b) =>
          b.step('round', () => undone.length, {
            compensate: ({ output, idempotencyKey }) => void undone.push([idempotencyKey, output]),
          }),
        {
          until: ({ round }) => round === 2,
          max: 2,
        },
      )
      .each(
        'many',
        () => ['x', 'y'],
        (item) => `did ${item}`,
        {
          key: (item) => item,
          inFlight: 1,
          compensate: (item, { output, outcome }) => void undone.push([item, output, outcome]),
        },
      )
      .step('bad', fails)
    const rig = await createRig([c])
    await rig.until(rig.supervisor.settled(c, undefined, { id: 'r' }))
    expect(undone).toEqual([
      ['y', 'did y', 'succeeded'],
      ['x', 'did x', 'succeeded'],
      ['r/c/round/#2', 0],
      ['r/c/round/#1', 0],
    ])
  })

  test('is undone by fail() and by an output that does not fit as well', async () => {
    const { undone, undo } = undoer()
    const c = chain('c')
      .step('a', () => 1, { compensate: undo('a') })
      .fail('enough')
    const d = chain('d')
      .step('a', () => 2, { compensate: undo('a') })
      .returns(fails)
    const rig = await createRig([c, d])
    await rig.until(rig.supervisor.settled(c))
    await rig.until(rig.supervisor.settled(d))
    expect(undone).toEqual(['a succeeded 1', 'a succeeded 2'])
  })

  test('undoes nothing of the chains that it needs', async () => {
    const { undone, undo } = undoer()
    const needed = chain('needed').step('a', () => 1, { compensate: undo('a') })
    const c = chain('c').needs({ needed }).step('bad', fails)
    const rig = await createRig([c])
    await rig.until(rig.supervisor.settled(c))
    expect(undone).toEqual([])
  })
})

describe('a cancelled chain', () => {
  test('undoes what began, and ends as cancelled; another cancel does not stop that', async () => {
    const { undone, undo } = undoer()
    let rig: Rig
    const c = chain('c')
      .step('a', () => 1, {
        compensate: async (context) => {
          await later(() => rig, 100)
          undo('a')(context)
        },
      })
      .wait('approval')
    rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance(10)
    await rig.until(run.cancel('no more'))
    await rig.until(run.cancel('really'))
    await rig.until(run.pause())
    expect(await rig.until(run.settled())).toMatchObject({ status: 'cancelled' })
    expect(undone).toEqual(['a succeeded 1'])
  })

  test('that cannot be undone ends at once, as ever', async () => {
    const c = chain('c')
      .step('a', () => 1)
      .wait('approval')
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance()
    await rig.until(run.cancel())
    expect(rig.told('chain')).toEqual(['chain.started c', 'chain.ended c cancelled'])
  })
})

test('a run says that it undoes what it began, and which step it is at', async () => {
  let rig: Rig
  const c = chain('c')
    .step('a', () => 1, { compensate: async () => later(() => rig, 1_000) })
    .step('bad', fails)
  rig = await createRig([c])
  const run = await rig.start(c)
  await rig.advance(500)
  const { sentence } = await rig.until(run.explain())
  expect(sentence).toMatch(
    /^chain c undoes what it began since .*; step a:compensation of chain c has been running/,
  )
})

describe('a compensation that fails', () => {
  test('is tried five times, and then parks the run as needs-attention', async () => {
    let tries = 0
    const c = chain('c')
      .step('a', () => 1, {
        compensate: () => {
          tries++
          throw new Error('the bank is closed')
        },
      })
      .step('bad', fails)
    const rig = await createRig([c])
    const run = await rig.start(c)
    const parked = await rig.until(run.settled())
    expect(parked).toMatchObject({
      status: 'needs-attention',
      detail: 'step "a" of chain "c" could not be undone: the bank is closed',
    })
    expect(tries).toBe(5)
    await rig.crash()
    await rig.advance('1h')
    expect(tries).toBe(5)
  })

  test('is left undone by a cancel, which says so', async () => {
    const c = chain('c')
      .step('a', () => 1, { compensate: () => undefined })
      .step('b', () => 1, { compensate: { run: fails, attempts: 3 } })
      .step('bad', fails)
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.until(run.settled())
    await rig.crash()
    const again = await rig.until(rig.supervisor.get(run.id))
    await rig.until(again?.cancel() as Promise<void>)
    expect(rig.events().find(({ type }) => type === 'chain.ended')).toMatchObject({
      status: 'failed',
      compensated: [],
      uncompensated: [{ step: 'b' }, { step: 'a' }],
    })
    expect(await rig.until(rig.supervisor.list())).toMatchObject([{ status: 'cancelled' }])
  })

  test('holds up no other chain of its run, also after a restart', async () => {
    const bad = chain('bad')
      .step('a', () => 1, { compensate: fails })
      .fail('no')
    const other = chain('other')
      .sleep('nap', '1h')
      .step('end', () => 2)
    const both = chain('both')
      .needs({ bad, other }, { when: 'all_done' })
      .step('x', () => 3)
    const rig = await createRig([both])
    await rig.start(both)
    await rig.advance('1m')
    await rig.crash()
    await rig.advance('2h')
    expect(rig.told('chain.ended', 'run.parked')).toEqual([
      'run.parked needs-attention',
      'chain.ended other succeeded',
    ])
  })
})

describe('a called chain', () => {
  const world = () => {
    const { undone, undo } = undoer()
    const callee = chain<string>('callee')
      .step('one', ({ input }) => `one ${input}`, { compensate: undo('one') })
      .step('two', ({ input }) => `two ${input}`, { compensate: undo('two') })
    return { undone, undo, callee }
  }

  test('that has succeeded is undone in the place of the step that called it', async () => {
    const { undone, undo, callee } = world()
    const c = chain('c')
      .step('a', () => 1, { compensate: undo('a') })
      .call('sub', callee, () => 'x')
      .step('b', () => 2, { compensate: undo('b') })
      .step('bad', fails)
    const rig = await createRig([c])
    await rig.until(rig.supervisor.settled(c))
    expect(undone).toEqual([
      'b succeeded 2',
      'two succeeded "two x"',
      'one succeeded "one x"',
      'a succeeded 1',
    ])
    expect(rig.told('chain')).toEqual([
      'chain.started c',
      'chain.started c/sub',
      'chain.ended c/sub succeeded',
      'chain.undo-requested c/sub',
      'chain.undone c/sub',
      'chain.ended c failed',
    ])
  })

  test('is undone with all its items, the last first, and its own calls with it', async () => {
    const { undone, callee } = world()
    const middle = chain<string>('middle').call('inner', callee, ({ input }) => input)
    const c = chain('c')
      .each('all', () => ['x', 'y'], middle, { key: (item) => item, inFlight: 1 })
      .fail('no')
    const rig = await createRig([c])
    await rig.until(rig.supervisor.settled(c))
    expect(undone).toEqual([
      'two succeeded "two y"',
      'one succeeded "one y"',
      'two succeeded "two x"',
      'one succeeded "one x"',
    ])
  })

  test('is cancelled with its caller, which goes on undoing only when that is undone', async () => {
    const { undone, undo } = undoer()
    const callee = chain('callee')
      .step('one', () => 1, { compensate: undo('one') })
      .wait('signal')
    const c = chain('c')
      .step('a', () => 1, { compensate: undo('a') })
      .call('sub', callee)
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance()
    await rig.until(run.cancel())
    await rig.advance()
    expect(undone).toEqual(['one succeeded 1', 'a succeeded 1'])
    expect(rig.told('chain.ended')).toEqual(['chain.ended c/sub cancelled', 'chain.ended c cancelled'])
  })

  test('leaves memory with its caller once that has succeeded', async () => {
    const { undone, callee } = world()
    const c = chain('c').call('sub', callee, () => 'x')
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toBe('two x')
    expect(undone).toEqual([])
  })
})

describe('a crash', () => {
  const build = (ran: string[]) => {
    const undo = (name: string) => (): void => void ran.push(name)
    const callee = chain('callee').step('one', () => 1, { compensate: undo('one') })
    return chain('c')
      .step('a', () => 1, { compensate: undo('a') })
      .call('sub', callee)
      .each(
        'many',
        () => ['x', 'y'],
        () => 1,
        { key: (item) => item, compensate: undo('item') },
      )
      .sleep('nap', '1h')
      .step('bad', fails)
  }

  test('while it sleeps forgets nothing that began', async () => {
    const ran: string[] = []
    const c = build(ran)
    const rig = await createRig([c])
    await rig.start(c)
    await rig.advance('30m')
    await rig.crash()
    await rig.advance('1h')
    expect(ran).toEqual(['item', 'item', 'one', 'a'])
    expect(rig.told('run.')).toEqual(['run.accepted', 'run.ended failed'])
  })
})

test('a run that was parked while it undid what it did, as its process died again and again, ends by another cancel', async () => {
  const c = chain('c')
    .step('a', () => 1, { compensate: async () => new Promise<void>(() => {}) })
    .wait('w')
  const rig = await createRig([c])
  await rig.start(c, undefined, { id: 'r' })
  const run = async (): Promise<Run> => (await rig.until(rig.supervisor.get('r'))) as Run
  await rig.until((await run()).cancel())
  for (let n = 0; n < 3; n++) await rig.crash()
  expect(rig.told('run.').at(-1)).toBe('run.parked dead-letter')
  await rig.until((await run()).cancel())
  expect(rig.told('run.')).toEqual([
    'run.accepted',
    'run.cancel-requested',
    'run.parked dead-letter',
    'run.ended cancelled',
  ])
})

test('what ignores its abort in a called chain keeps its slot when that is over, with its caller', async () => {
  let tries = 0
  const callee = chain('callee').step('a', async () => (++tries === 1 ? new Promise(() => {}) : 'second'), {
    attempts: 2,
    timeout: '1s',
    backoff: { initial: 0 },
    compensate: () => undefined,
  })
  const c = chain('c').call('sub', callee)
  const next = chain('next').step('b', async () => new Promise(() => {}))
  const rig = await createRig([c, next], { concurrency: 2 })
  expect(await rig.until(rig.supervisor.run(c))).toBe('second')
  for (const id of ['one', 'two']) await rig.start(next, undefined, { id })
  const begun = (): readonly string[] =>
    rig
      .events()
      .flatMap((event) => (event.type === 'attempt.started' && event.step === 'b' ? [event.run] : []))
  await rig.advance('1s')
  expect(begun()).toEqual(['one'])
  await rig.advance('5s')
  expect(begun()).toEqual(['one', 'two'])
})

test('a chain without compensations compiles to the machine that it was, with the same version', () => {
  const c = chain('c')
    .step('a', () => 1, { attempts: 2 })
    .parallel('p', { x: (b) => b.step('b', () => 2) })
    .wait('w')
  const { machine, version, undoable } = compile(c.spec)
  expect(Object.keys(machine.states)).toEqual(['a', 'p', 'w', 'queued', 'succeeded', 'failed', 'cancelled'])
  expect(version).toBe('3d3c8aacb5ff')
  expect(undoable).toBeUndefined()
})

test('what an attempt left in doubt that died with its process is undone, also where a later one failed without any', async () => {
  const undone: unknown[] = []
  let calls = 0
  const c = chain('c').step(
    'pay',
    async () => {
      // the first never answers: it may have paid
      if (++calls === 1) return new Promise<never>(() => {})
      throw new NonRetryable('refused before anything was paid')
    },
    { attempts: 3, compensate: ({ outcome }) => void undone.push(outcome) },
  )
  const rig = await createRig([c])
  const { id } = await rig.start(c)
  await rig.advance('1s')
  await rig.crash()
  await rig.advance('1m')
  const run = await rig.until(rig.supervisor.get(id))
  expect(await rig.until(run?.settled() as Promise<unknown>)).toMatchObject({ status: 'failed' })
  expect(calls).toBe(2)
  expect(undone).toEqual(['unknown'])
})
