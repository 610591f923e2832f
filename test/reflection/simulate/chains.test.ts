// What a chain and its run take in a simulation, reckoned by hand: each kind of entry, items, needs and their rules.

import { describe, expect, test } from 'vitest'
import type { EntryDefinition } from '../../../src/chain/definition.ts'
import type { AttemptRecord, ChainRecord, RunRecord } from '../../../src/observe/run-record.ts'
import type { DeclaredChain } from '../../../src/reflection/tunables.ts'
import { attempt, failed, ran, run, wait } from '../../analysis/made.ts'
import { chainOf } from '../viewed.ts'
import { inTurn, replayed, took } from './replayed.ts'

const step = (name: string): EntryDefinition => ({ kind: 'step', name })
const entry = (
  kind: EntryDefinition['kind'],
  name: string,
  branches: readonly (readonly EntryDefinition[])[] = [],
  options: Readonly<Record<string, unknown>> = {},
): EntryDefinition => ({ kind, name, branches, options })
const names = (entries: readonly EntryDefinition[]): readonly string[] =>
  entries.flatMap((one) => [one.name, ...names((one.branches ?? []).flat())])
const structured = (
  id: string,
  entries: readonly EntryDefinition[],
  given: Partial<DeclaredChain> = {},
): DeclaredChain =>
  chainOf(
    id,
    names(entries).map((name) => ({ name, kind: 'step' })),
    { entries, ...given },
  )

/** One run of chain `c` from 0 to its last end, or to `to`. */
const runOf = (
  attempts: readonly AttemptRecord[],
  given: Partial<ChainRecord> = {},
  others: readonly ChainRecord[] = [],
): RunRecord => {
  const to = Math.max(0, ...attempts.map(({ endedAt }) => endedAt ?? 0))
  const chain = ran('c', 0, to, { attempts: [...attempts], ...given })
  return run('r', [chain, ...others], {
    targets: ['c'],
    status: chain.status === 'failed' ? 'failed' : 'succeeded',
  })
}
const faster = (...steps: readonly string[]) => ({
  pace: Object.fromEntries(steps.map((name) => [`c/${name}`, 0.5])),
})

describe('a chain', () => {
  test('begins after what it waited for besides, and goes on after its last work as it did', () => {
    const c = inTurn('c', ['a'])
    const chain = ran('c', 10, 100, { readyAt: 0, attempts: [attempt('a', 10, 60)] })
    expect(took([run('r', [chain])], [c])).toEqual({ r: '100' })
    expect(took([run('r', [chain])], [c], faster('a'))).toEqual({ r: '75' })
    expect(replayed([run('r', [chain])], [c]).get('r')?.chains).toEqual(new Map([['c', 90]]))
  })

  test('that was ready after its run began is timed from then on', () => {
    const late = ran('c', 110, 160, { readyAt: 105, attempts: [attempt('a', 110, 160)] })
    expect(took([run('r', [late], { acceptedAt: 100 })], [inTurn('c', ['a'])])).toEqual({ r: '55' })
    const never = ran('c', 110, 160, { readyAt: undefined, attempts: [attempt('a', 110, 160)] })
    expect(took([run('r', [never], { acceptedAt: 100 })], [inTurn('c', ['a'])])).toEqual({ r: '50' })
  })

  test('whose output had been made before takes as long as that took', () => {
    const chain = ran('c', 110, 140, { readyAt: 100, memo: true, startedAt: undefined })
    const record = run('r', [chain], { acceptedAt: 100 })
    expect(took([record], [inTurn('c', ['a'])])).toEqual({ r: '40' })
    expect(replayed([record], [inTurn('c', ['a'])]).get('r')?.chains).toEqual(new Map([['c', 0]]))
  })

  test('that fails where it had succeeded settles nothing of what was recorded', () => {
    const c = inTurn('c', [{ name: 'a', kind: 'step', timeout: 30 }])
    const chain = ran('c', 0, 100, { attempts: [attempt('a', 0, 60)] })
    expect(took([run('r', [chain])], [c])).toEqual({ r: '30!' })
    const broken = ran('c', 0, 100, { attempts: [failed('a', 0, 20)], status: 'failed' })
    expect(took([run('r', [broken], { status: 'failed' })], [c])).toEqual({ r: '100!' })
  })

  test('goes on, past where its record ends, by that of a run that came so far', () => {
    const c = inTurn('c', ['a', 'b'])
    const broken = runOf([failed('a', 0, 20)], { status: 'failed' })
    const mended = runOf([attempt('a', 0, 40), attempt('b', 40, 100)])
    const other = { ...mended, run: 'q', acceptedAt: 0 }
    // no retry helps a record that failed: cut off at its timeout, its second attempt is drawn from what took longer
    const retried = {
      tunables: { steps: { 'c/a': { attempts: 2 } } },
      recorded: { steps: { 'c/a': { attempts: 1 } } },
    }
    const answer = replayed([broken, other], [c], retried).get('r')
    expect([20 + 20, 20 + 40 + 60]).toContain(answer?.duration)
  })

  test('of another version, or of its own kind, goes by its record alone', () => {
    const attempts = [attempt('b', 0, 30), attempt('a', 40, 90)]
    for (const given of [{ version: '2' }, { own: true as const }])
      expect(took([runOf(attempts)], [inTurn('c', ['a', 'b'], given)], faster('b'))).toEqual({ r: '75' })
    expect(took([runOf(attempts)], [])).toEqual({ r: '90' })
    // by its structure, nothing lies between them
    expect(took([runOf(attempts)], [inTurn('c', ['a', 'b'])])).toEqual({ r: '80' })
  })

  test('without a record of a step passes it by', () => {
    expect(took([runOf([attempt('b', 0, 30)])], [inTurn('c', ['a', 'b', 'x'])])).toEqual({ r: '30' })
  })
})

describe('branches', () => {
  const c = (options: object = {}) =>
    structured('c', [
      entry('parallel', 'p', [[step('a')], [step('b'), step('d')]], { ...options }),
      step('e'),
    ])

  test('run side by side, and what follows waits for all', () => {
    const record = runOf([
      attempt('a', 0, 50),
      attempt('b', 0, 30),
      attempt('d', 30, 100),
      attempt('e', 100, 110),
    ])
    expect(took([record], [c()])).toEqual({ r: '110' })
    expect(took([record], [c()], faster('d'))).toEqual({ r: '75' })
    expect(took([record], [c()], { tunables: { concurrency: 1 } })).toEqual({ r: '160' })
  })

  const broken = (): RunRecord =>
    runOf([failed('a', 0, 50), attempt('b', 0, 30), attempt('d', 30, 50, { outcome: 'aborted' })], {
      status: 'failed',
    })

  test('are cut off where one fails, and give back their slots', () => {
    const other = run('q', [ran('x', 55, 65, { attempts: [attempt('y', 55, 65)] })], {
      targets: ['x'],
      acceptedAt: 55,
    })
    const chains = [c(), inTurn('x', ['y'])]
    const full = { tunables: { concurrency: 2 } }
    expect(took([broken(), other], chains, full)).toEqual({ r: '50!', q: '10' })
    // whoever waits for the other: here one is aborted as it waits for a slot
    expect(took([broken(), other], chains, { tunables: { concurrency: 1 } })).toEqual({ r: '50!', q: '10' })
  })

  test('are waited for where the chain says so', () => {
    const record = runOf([failed('a', 0, 50), attempt('b', 0, 30), attempt('d', 30, 100)], {
      status: 'failed',
    })
    expect(took([record], [c({ onFailure: 'wait' })])).toEqual({ r: '100!' })
  })

  test('that are none pass at once', () => {
    expect(
      took([runOf([attempt('e', 0, 10)])], [structured('c', [entry('parallel', 'p'), step('e')])]),
    ).toEqual({ r: '10' })
  })
})

describe('a choice', () => {
  const c = structured('c', [
    entry('choose', 'x', [
      [step('a')],
      [entry('parallel', 'p', [[step('b')], [step('d')]])],
      [entry('sleep', 's')],
    ]),
    step('e'),
  ])
  test('takes the way that was taken, as far down as it shows', () => {
    expect(took([runOf([attempt('a', 0, 20), attempt('e', 20, 30)])], [c], faster('a'))).toEqual({ r: '20' })
    expect(took([runOf([attempt('d', 0, 20), attempt('e', 20, 30)])], [c], faster('d'))).toEqual({ r: '20' })
    expect(
      took([runOf([attempt('e', 20, 30)], { waits: [wait('s', 'timer', 0, 20)] })], [c], faster('e')),
    ).toEqual({ r: '25' })
  })

  test('takes a way that ended halfway', () => {
    const way = structured('c', [entry('choose', 'x', [[step('a'), step('b')], [step('d')]])])
    expect(took([runOf([failed('a', 0, 20)], { status: 'failed' })], [way], faster('a'))).toEqual({
      r: '10!',
    })
  })

  test('of a round takes the way of that round', () => {
    const rounds = structured('c', [
      entry('repeat', 'r', [
        [entry('choose', 'x', [[step('a')], [step('b')], [entry('wait', 'go')]]), step('e')],
      ]),
    ])
    const of = (name: string, round: number, from: number, to: number): AttemptRecord =>
      attempt(name, from, to, { item: `#${round}` })
    const record = runOf([of('b', 1, 0, 20), of('e', 1, 20, 30), of('a', 2, 30, 70), of('e', 2, 70, 80)])
    expect(took([record], [rounds])).toEqual({ r: '80' })
    expect(took([record], [rounds], faster('a'))).toEqual({ r: '60' })
  })

  test('of which no way shows passes at once', () => {
    expect(took([runOf([attempt('e', 0, 10)])], [c])).toEqual({ r: '10' })
    expect(
      took([runOf([attempt('e', 0, 10)])], [structured('c', [entry('choose', 'x'), step('e')])]),
    ).toEqual({ r: '10' })
  })
})

describe('rounds', () => {
  const at = (name: string, item: string, from: number, to: number): AttemptRecord =>
    attempt(name, from, to, { item })

  test('come one after the other, as many as there were', () => {
    const c = structured('c', [entry('repeat', 'r', [[step('a'), step('b')]]), step('e')])
    const attempts = [
      at('a', '#1', 0, 10),
      at('b', '#1', 10, 30),
      at('a', '#2', 30, 40),
      at('b', '#2', 40, 60),
    ]
    const record = runOf([...attempts, attempt('e', 60, 70)])
    expect(took([record], [c])).toEqual({ r: '70' })
    expect(took([record], [c], faster('b'))).toEqual({ r: '50' })
  })

  test('end where one fails', () => {
    const c = structured('c', [entry('repeat', 'r', [[step('a')]]), step('e')])
    const record = runOf([at('a', '#1', 0, 10), { ...failed('a', 10, 30), item: '#2' }], { status: 'failed' })
    expect(took([record], [c], faster('a'))).toEqual({ r: '15!' })
  })

  test('within rounds are those of the round around them', () => {
    const c = structured('c', [entry('repeat', 'r', [[entry('repeat', 'q', [[step('a')]]), step('b')]])])
    const record = runOf([
      at('a', '#1#1', 0, 10),
      at('a', '#1#2', 10, 20),
      at('b', '#1', 20, 30),
      at('a', '#2#1', 30, 40),
      at('b', '#2', 40, 50),
    ])
    expect(took([record], [c])).toEqual({ r: '50' })
    expect(took([record], [c], faster('a'))).toEqual({ r: '35' })
  })

  test('are as many as there were, where nothing but sleeps, signals or calls is in them', () => {
    const c = structured('c', [entry('repeat', 'r', [[entry('sleep', 'rest')]]), step('e')])
    const waits = [1, 2, 3].map((round) => ({
      ...wait('rest', 'timer', 10 * round, 10 * round + 10),
      item: `#${round}`,
    }))
    const record = runOf([attempt('e', 40, 50)], { readyAt: 10, startedAt: 10, waits })
    expect(took([{ ...record, acceptedAt: 10 }], [c])).toEqual({ r: '40' })
  })

  test('of which there were none pass at once', () => {
    const c = structured('c', [entry('repeat', 'r', [[step('a')]]), step('e')])
    expect(took([runOf([attempt('e', 0, 10)])], [c])).toEqual({ r: '10' })
  })
})

describe('waits', () => {
  const c = structured('c', [step('a'), entry('wait', 'go'), step('b'), entry('sleep', 'rest'), step('d')])
  const record = runOf([attempt('a', 0, 20), attempt('b', 50, 60), attempt('d', 100, 110)], {
    waits: [wait('go', 'signal', 20, 50), wait('rest', 'timer', 60, 100)],
  })

  test('for signals end when these came, and sleeps after as long as they were', () => {
    expect(took([record], [c])).toEqual({ r: '110' })
    expect(took([record], [c], faster('a'))).toEqual({ r: '110' })
    expect(took([record], [c], faster('b'))).toEqual({ r: '105' })
    // the signal has come by then
    expect(took([record], [c], { pace: { 'c/a': 4 } })).toEqual({ r: '140' })
  })

  test('that had no end were no waits', () => {
    const open = runOf([attempt('a', 0, 20), attempt('b', 20, 30)], {
      waits: [wait('rest', 'timer', 20, undefined)],
    })
    expect(took([open], [structured('c', [step('a'), entry('sleep', 'rest'), step('b')])])).toEqual({
      r: '30',
    })
  })

  test('for a signal that did not come in time fail their chain, after as long', () => {
    const late = runOf([attempt('a', 0, 20), attempt('b', 50, 60)], {
      status: 'failed',
      step: 'rest',
      endedAt: 100,
      waits: [wait('go', 'signal', 20, 50), wait('rest', 'signal', 60, 100)],
    })
    const limited = structured('c', [
      step('a'),
      entry('wait', 'go'),
      step('b'),
      entry('wait', 'rest'),
      step('d'),
    ])
    expect(took([late], [limited])).toEqual({ r: '100!' })
    expect(took([late], [limited], faster('b'))).toEqual({ r: '95!' })
  })

  test('for signals of rounds, which are told without them, come in their order', () => {
    const again = structured('c', [entry('repeat', 'r', [[step('a'), entry('wait', 'go')]])])
    const rounds = runOf([attempt('a', 0, 10, { item: '#1' }), attempt('a', 40, 50, { item: '#2' })], {
      endedAt: 55,
      waits: [wait('go', 'signal', 10, 40), wait('go', 'signal', 50, 55)],
    })
    expect(took([rounds], [again])).toEqual({ r: '55' })
    expect(took([rounds], [again], faster('a'))).toEqual({ r: '55' })
  })

  test('of which nothing is known pass at once', () => {
    const plain = runOf([attempt('a', 0, 20), attempt('b', 20, 30), attempt('d', 30, 40)])
    expect(took([plain], [c])).toEqual({ r: '40' })
  })

  test('of rounds are those of their round', () => {
    const again = structured('c', [entry('repeat', 'r', [[step('a'), entry('sleep', 'rest')]])])
    const rounds = runOf([attempt('a', 0, 10, { item: '#1' }), attempt('a', 40, 50, { item: '#2' })], {
      endedAt: 55,
      waits: [
        { ...wait('rest', 'timer', 10, 40), item: '#1' },
        { ...wait('rest', 'timer', 50, 55), item: '#2' },
      ],
    })
    expect(took([rounds], [again])).toEqual({ r: '55' })
    expect(took([rounds], [again], faster('a'))).toEqual({ r: '45' })
  })
})

test('a chain ends as it did where it comes to its fail', () => {
  const c = structured('c', [step('a'), entry('fail', 'f')])
  expect(took([runOf([attempt('a', 0, 20)], { status: 'failed' })], [c])).toEqual({ r: '20!' })
  expect(took([runOf([attempt('a', 0, 20)])], [c])).toEqual({ r: '20' })
})

describe('calls', () => {
  const c = structured('c', [step('a'), entry('call', 'k'), step('b')])
  const d = inTurn('d', ['x'])
  const called = (given: Partial<ChainRecord> = {}): ChainRecord =>
    ran('d', 10, 40, {
      key: 'd~1',
      call: { chain: 'c', step: 'k' },
      attempts: [attempt('x', 10, 40)],
      ...given,
    })
  const waits = [wait('k', 'call', 10, 40)]

  test('take what the chain takes that they call', () => {
    const record = runOf([attempt('a', 0, 10), attempt('b', 40, 50)], { waits }, [called()])
    expect(took([record], [c, d])).toEqual({ r: '50' })
    expect(took([record], [c, d], { pace: { 'd/x': 0.5 } })).toEqual({ r: '35' })
    expect(replayed([record], [c, d]).get('r')).toMatchObject({ attempts: 3, chains: new Map([['c', 50]]) })
  })

  test('fail with it, and pass where none was called', () => {
    const bad = called({ attempts: [failed('x', 10, 40)], status: 'failed' })
    expect(
      took([runOf([attempt('a', 0, 10)], { waits, status: 'failed', endedAt: 40 }, [bad])], [c, d]),
    ).toEqual({ r: '40!' })
    expect(took([runOf([attempt('a', 0, 10), attempt('b', 10, 20)])], [c, d])).toEqual({ r: '20' })
  })

  test('of rounds are those of their round', () => {
    const again = structured('c', [entry('repeat', 'r', [[step('a'), entry('call', 'k')]])])
    const of = (round: number, from: number, ms: number): ChainRecord =>
      ran('d', from, from + ms, {
        key: `d~${round}`,
        call: { chain: 'c', step: 'k', item: `#${round}` },
        attempts: [round === 1 ? attempt('x', from, from + ms) : failed('x', from, from + ms)],
        status: round === 1 ? 'succeeded' : 'failed',
      })
    const record = runOf(
      [attempt('a', 0, 10, { item: '#1' }), attempt('a', 40, 50, { item: '#2' })],
      { endedAt: 55, status: 'failed' },
      [of(1, 10, 30), of(2, 50, 5)],
    )
    expect(took([record], [again, d])).toEqual({ r: '55!' })
  })

  test('are cut off with their branch', () => {
    const both = structured('c', [entry('parallel', 'p', [[step('a')], [entry('call', 'k')]])])
    const long = called({
      endedAt: 30,
      attempts: [attempt('x', 10, 30, { outcome: 'aborted' })],
      status: 'cancelled',
    })
    const record = runOf([failed('a', 0, 30)], { status: 'failed', waits: [wait('k', 'call', 10, 30)] }, [
      long,
    ])
    const other = run('q', [ran('d', 0, 500, { attempts: [attempt('x', 0, 500)] })], {
      targets: ['d'],
      acceptedAt: 0,
    })
    // it would have gone on for as long as another: it was cut off
    expect(took([record, other], [both, d])).toEqual({ r: '30!', q: '500' })
  })
})

describe('items', () => {
  const each = (inFlight?: number, attempts = 1): DeclaredChain =>
    chainOf('c', [{ name: 'e', kind: 'each', attempts, ...(inFlight === undefined ? {} : { inFlight }) }], {
      entries: [entry('each', 'e')],
    })
  const item = (name: string, from: number, to: number, given: Partial<AttemptRecord> = {}): AttemptRecord =>
    attempt('e', from, to, { item: name, ...given })
  const three = runOf([item('x', 0, 10), item('y', 0, 20), item('z', 0, 30)])

  test('run side by side, in as many places as there are', () => {
    expect(took([three], [each()])).toEqual({ r: '30' })
    expect(took([three], [each(2)])).toEqual({ r: '40' })
    expect(took([three], [each(1)])).toEqual({ r: '60' })
    expect(took([three], [each(1)], { tunables: { steps: { 'c/e': { inFlight: 3 } } } })).toEqual({ r: '30' })
  })

  test('that back off leave their place to the next, and come before those that have not begun', () => {
    const retried = runOf([
      { ...failed('e', 0, 10, { next: 'retry', backoff: 5 }), item: 'x' },
      item('y', 10, 30),
      item('x', 30, 40, { attempt: 2 }),
      item('z', 40, 50),
    ])
    expect(took([retried], [each(1, 2)])).toEqual({ r: '50' })
    expect(replayed([retried], [each(1, 2)]).get('r')?.attempts).toBe(4)
    // with two places: y and then z beside x, which comes again at 15 and waits until y has ended
    expect(took([retried], [each(2, 2)])).toEqual({ r: '30' })
  })

  test('that fail end their step, and cut off the others', () => {
    const broken = runOf([{ ...failed('e', 0, 10), item: 'x' }, item('y', 0, 10, { outcome: 'aborted' })], {
      status: 'failed',
    })
    expect(took([broken, { ...three, run: 'q' }], [each()])).toMatchObject({ r: '10!' })
    expect(replayed([broken], [each(1)]).get('r')).toMatchObject({ duration: 10, failed: true, attempts: 1 })
  })

  test('that fail where others are collected fail nothing', () => {
    const some = runOf([{ ...failed('e', 0, 10), item: 'x' }, item('y', 0, 20)])
    expect(took([some], [each()])).toEqual({ r: '20' })
    expect(took([some], [each(1)])).toEqual({ r: '30' })
  })

  test('that succeeded are not what failed their chain', () => {
    const c = chainOf(
      'c',
      [
        { name: 'e', kind: 'each' },
        { name: 'a', kind: 'step' },
      ],
      { entries: [entry('each', 'e'), step('a')] },
    )
    const record = runOf([item('x', 0, 10), item('y', 0, 20), failed('a', 20, 30)], { status: 'failed' })
    expect(replayed([record], [c]).get('r')).toMatchObject({ duration: 30, failed: true, attempts: 3 })
  })

  test('that are tried again alone are so as they were', () => {
    const alone = runOf([
      { ...failed('e', 0, 10, { next: 'retry', backoff: 5 }), item: 'x' },
      item('x', 15, 32, { attempt: 2 }),
    ])
    expect(took([alone], [each(1, 2)])).toEqual({ r: '32' })
  })

  test('that are none pass at once', () => {
    expect(took([runOf([], { endedAt: 0 })], [each()])).toEqual({ r: '0' })
    const known = runOf([], { endedAt: 7, waits: [wait('e', 'backoff', 0, 0)] })
    expect(took([known], [each()])).toEqual({ r: '7' })
  })

  test('of a round are its own', () => {
    const c = chainOf('c', [{ name: 'e', kind: 'each' }], {
      entries: [entry('repeat', 'r', [[entry('each', 'e')]])],
    })
    const record = runOf([item('#1/x', 0, 10), item('#1/y', 0, 20), item('#2/x', 20, 50)])
    expect(took([record], [c])).toEqual({ r: '50' })
    expect(took([record], [c], { pace: { 'c/e': 0.5 } })).toEqual({ r: '25' })
  })

  test('of a round that are chains of their own are those of their round', () => {
    const c = chainOf('c', [{ name: 'e', kind: 'each', chain: 'd' }], {
      entries: [entry('repeat', 'r', [[entry('each', 'e'), step('a')]])],
    })
    const of = (key: string, from: number, to: number): ChainRecord =>
      ran('d', from, to, {
        key,
        call: { chain: 'c', step: 'e', item: key },
        attempts: [attempt('x', from, to)],
      })
    const record = runOf(
      [attempt('a', 10, 15, { item: '#1' }), attempt('a', 45, 50, { item: '#2' })],
      {
        endedAt: 50,
        waits: [
          { ...wait('e', 'call', 0, 10), item: '#1/k' },
          { ...wait('e', 'call', 15, 45), item: '#2/k' },
        ],
      },
      [of('#1/k', 0, 10), of('#2/k', 15, 45)],
    )
    expect(replayed([record], [c, inTurn('d', ['x'])]).get('r')).toMatchObject({ duration: 50, attempts: 4 })
  })

  test('that are chains of their own run in as many places', () => {
    const c = (inFlight: number): DeclaredChain =>
      chainOf('c', [{ name: 'e', kind: 'each', chain: 'd', inFlight }], { entries: [entry('each', 'e')] })
    const d = inTurn('d', ['x'])
    const of = (key: string, to: number, given: Partial<ChainRecord> = {}): ChainRecord =>
      ran('d', 0, to, {
        key,
        call: { chain: 'c', step: 'e', item: key },
        attempts: [attempt('x', 0, to)],
        ...given,
      })
    const record = runOf([], { endedAt: 30, waits: [wait('e', 'call', 0, 30)] }, [
      of('k1', 10),
      of('k2', 20),
      of('k3', 30),
    ])
    expect(took([record], [c(3), d])).toEqual({ r: '30' })
    expect(took([record], [c(2), d])).toEqual({ r: '40' })
    expect(took([record], [c(1), d])).toEqual({ r: '60' })
    const bad = of('k1', 10, { attempts: [failed('x', 0, 10)], status: 'failed' })
    const broken = runOf([], { endedAt: 10, status: 'failed', waits: [wait('e', 'call', 0, 10)] }, [
      bad,
      of('k2', 20),
    ])
    expect(took([broken], [c(2), d])).toEqual({ r: '10!' })
    expect(took([broken], [c(1), d])).toEqual({ r: '10!' })
  })
})

describe('a run', () => {
  const need = (key: string, kind: 'hard' | 'optional' = 'hard', name = key) => ({ name, key, kind }) as const
  const a = inTurn('a', ['x'])
  const b = inTurn('b', ['x'], { needs: [{ name: 'a', chain: 'a', kind: 'hard' }] })
  const of = (id: string, from: number, to: number, given: Partial<ChainRecord> = {}): ChainRecord =>
    ran(id, from, to, { attempts: [attempt('x', from, to)], ...given })
  const graph = (chains: readonly ChainRecord[], given: Partial<RunRecord> = {}): RunRecord =>
    run('r', chains, { targets: [chains.at(-1)?.key ?? ''], ...given })

  test('is over once all its chains are, each after what it needs', () => {
    const record = graph([of('a', 0, 30), of('b', 30, 50, { needs: [need('a')] })])
    expect(took([record], [a, b])).toEqual({ r: '50' })
    expect(took([record], [a, b], { pace: { 'a/x': 0.5 } })).toEqual({ r: '35' })
    expect(replayed([record], [a, b]).get('r')?.chains).toEqual(
      new Map([
        ['a', 30],
        ['b', 20],
      ]),
    )
  })

  test('waits for nothing that the config has dropped', () => {
    const record = graph([of('a', 0, 30), of('b', 30, 50, { needs: [need('a')] })])
    expect(took([record], [a, b], { tunables: { edges: { 'b<-a': 'dropped' } } })).toEqual({ r: '30' })
    expect(took([record], [a, b], { tunables: { edges: { 'a<-b': 'dropped' } } })).toEqual({ r: '50' })
    const unknown = graph([of('b', 0, 20, { needs: [need('gone')] })])
    expect(took([unknown], [a, b])).toEqual({ r: '20' })
  })

  test('waits for what may be missing as well, however that ended', () => {
    const bad = of('a', 0, 30, { status: 'failed', attempts: [failed('x', 0, 30)] })
    expect(
      took([graph([of('a', 0, 30), of('b', 30, 50, { needs: [need('a', 'optional')] })])], [a, b]),
    ).toEqual({
      r: '50',
    })
    expect(took([graph([bad, of('b', 30, 50, { needs: [need('a', 'optional')] })])], [a, b])).toEqual({
      r: '50',
    })
  })

  const bad = of('a', 0, 30, { status: 'failed', attempts: [failed('x', 0, 30)] })
  const blocked = (given: Partial<ChainRecord> = {}): ChainRecord =>
    ran('b', 30, 30, { startedAt: undefined, needs: [need('a')], status: 'upstream_failed', ...given })

  test('fails where a target could not run, or failed', () => {
    expect(took([graph([bad, blocked()], { status: 'failed' })], [a, b])).toEqual({ r: '30!' })
    expect(took([graph([bad], { status: 'failed' })], [a])).toEqual({ r: '30!' })
    // what is no target may fail
    expect(took([graph([bad, of('b', 30, 50, { needs: [need('a')], rule: 'all_done' })])], [a, b])).toEqual({
      r: '50',
    })
  })

  test('goes by the rules of its chains, or, where an author made one, by what that said', () => {
    const skipped = blocked({ rule: 'all_failed', status: 'skipped' })
    expect(took([graph([of('a', 0, 30), skipped])], [a, b])).toEqual({ r: '30' })
    const own = of('b', 30, 50, { needs: [need('a')], rule: 'custom' })
    expect(took([graph([bad, own])], [a, b])).toEqual({ r: '50' })
    expect(took([graph([bad, { ...own, status: 'skipped' as const }])], [a, b])).toEqual({ r: '30' })
  })

  test('takes a chain that never ran, and now would, from another run', () => {
    const donor = run('q', [of('a', 0, 30), of('b', 30, 50, { needs: [need('a')] })], { targets: ['b'] })
    const late = graph([of('a', 0, 30), blocked()])
    expect(took([late, donor], [a, b])).toEqual({ r: '50', q: '50' })
    // nobody has ever seen it run: it ends as it did
    expect(took([graph([of('a', 0, 30), blocked({ status: 'cancelled' })])], [a, b])).toEqual({ r: '30!' })
    expect(took([graph([of('a', 0, 30), blocked({ status: 'skipped' })])], [a, b])).toEqual({ r: '30' })
    expect(took([graph([of('a', 0, 30), blocked({ status: 'succeeded' })])], [a, b])).toEqual({ r: '30' })
  })

  test('lets go of what nobody waits for any more, once a chain failed that needed it', () => {
    const two = inTurn('two', ['x'])
    const both = blocked({ needs: [need('a'), need('two')] })
    const cut = of('two', 0, 30, {
      status: 'cancelled',
      attempts: [attempt('x', 0, 30, { outcome: 'aborted' })],
    })
    const long = run('q', [of('two', 0, 90)], { targets: ['two'] })
    const records = [graph([bad, cut, both], { status: 'failed' }), long]
    expect(took(records, [a, b, two])).toEqual({ r: '30!', q: '90' })
    // but a target goes on, and what another waits for
    const target = [graph([bad, cut, both], { status: 'failed', targets: ['b', 'two'] }), long]
    expect(took(target, [a, b, two])).toEqual({ r: '90!', q: '90' })
    const third = of('last', 90, 95, { needs: [need('two')] })
    const waited = [graph([bad, cut, both, third], { status: 'failed', targets: ['b'] }), long]
    expect(took(waited, [a, b, two, inTurn('last', ['x'])])).toEqual({ r: '95!', q: '90' })
  })

  test('of one chain more than once counts the longest', () => {
    const record = graph([of('a', 0, 30), of('a', 0, 20, { key: 'a~2' })])
    expect(replayed([record], [a]).get('r')?.chains).toEqual(new Map([['a', 30]]))
  })

  test('without chains is over at once', () => {
    expect(took([run('r', [])], [])).toEqual({ r: '0' })
  })
})
