// Who goes first in a simulation, and what is given back: slots that are carried on, what is cut off, what was learned.

import { describe, expect, test } from 'vitest'
import type { AttemptFailure } from '../../../src/observe/attempt-record.ts'
import type { EntryDefinition } from '../../../src/chain/definition.ts'
import type { AttemptRecord, ChainRecord, RunRecord } from '../../../src/observe/run-record.ts'
import type { DeclaredStep } from '../../../src/reflection/tunables.ts'
import { attempt, failed, ran, run, wait } from '../../analysis/made.ts'
import { chainOf, many } from '../viewed.ts'
import { inTurn, replayed, took } from './replayed.ts'

const step = (name: string): EntryDefinition => ({ kind: 'step', name })
const branches = (...of: readonly (readonly EntryDefinition[])[]): EntryDefinition => ({
  kind: 'parallel',
  name: 'p',
  branches: of,
})
const of = (
  names: readonly string[],
  entries: readonly EntryDefinition[],
  given: Partial<DeclaredStep> = {},
  id = 'c',
) =>
  chainOf(
    id,
    names.map((name) => ({ name, kind: 'step', ...given })),
    { entries },
  )
const runOf = (
  attempts: readonly AttemptRecord[],
  given: Partial<ChainRecord> = {},
  more: Partial<RunRecord> = {},
): RunRecord => {
  const to = Math.max(0, ...attempts.map(({ endedAt }) => endedAt ?? 0))
  return run('r', [ran('c', 0, to, { attempts: [...attempts], ...given })], {
    status: given.status === 'failed' ? 'failed' : 'succeeded',
    ...more,
  })
}
/** Of chain `z`, of one step. */
const other = (id: string, from: number, ms = 100): RunRecord =>
  run(id, [ran('z', from, from + ms, { attempts: [attempt('z', from, from + ms)] })], {
    targets: ['z'],
    acceptedAt: from,
    firstSeq: 90,
  })
const z = inTurn('z', ['z'])
const slots = (concurrency: number) => ({ tunables: { concurrency } })

test('what goes on has its slot before another branch of its run that waits', () => {
  const c = of(['a', 'b', 'd'], [branches([step('a'), step('b')], [step('d')])])
  const record = runOf(
    [attempt('a', 0, 10), failed('b', 10, 20), attempt('d', 0, 20, { outcome: 'aborted' })],
    { status: 'failed' },
  )
  // else b would have waited until d had ended
  expect(took([record], [c], slots(1))).toEqual({ r: '20!' })
})

describe('what is cut off gives back', () => {
  const c = of(['a', 'b'], [branches([step('a')], [step('b')])])
  const cut = (): RunRecord => runOf([failed('a', 0, 50), attempt('b', 0, 500)], { status: 'failed' })

  test('its slot, once', () => {
    expect(took([cut(), other('q', 60), other('p', 60), other('o', 60)], [c, z], slots(2))).toEqual({
      r: '50!',
      q: '100',
      p: '100',
      o: '200',
    })
  })

  test('its place in the line for slots', () => {
    expect(took([cut(), other('q', 60), other('p', 60)], [c, z], slots(1))).toEqual({
      r: '50!',
      q: '100',
      p: '200',
    })
  })

  const lets = { inFlight: 1, rate: null, per: 1000, burst: 1, cost: 1 }
  const limited = (names: readonly string[]) =>
    chainOf(
      'c',
      ['a', 'b'].map((name) => ({
        name,
        kind: 'step',
        ...(names.includes(name) ? { limit: 'api', lets } : {}),
      })),
      {
        entries: [branches([step('a')], [step('b')])],
      },
    )
  const narrow = chainOf('z', [{ name: 'z', kind: 'step', limit: 'api', lets }], { entries: [step('z')] })

  test('its place in a limiter', () => {
    expect(took([cut(), other('q', 60)], [limited(['b']), narrow])).toEqual({ r: '50!', q: '100' })
    // with a place in the limiter it had waited for a slot
    expect(took([cut(), other('q', 60)], [limited(['b']), narrow], slots(1))).toEqual({ r: '50!', q: '100' })
  })

  test('its place in the line of a limiter', () => {
    // b waits for a, and p, who came after it, has its turn
    expect(took([cut(), other('p', 10), other('q', 60)], [limited(['a', 'b']), narrow])).toEqual({
      r: '50!',
      p: '140',
      q: '190',
    })
  })

  test('what it was about to make, to who waits for that', () => {
    const memo = { tunables: { steps: { 'c/b': { memo: {} } } } }
    const given = (id: string, from: number, a: AttemptRecord, ms: number): RunRecord =>
      run(
        id,
        [
          ran('c', from, from + ms, {
            attempts: [a, attempt('b', from, from + ms, { inputHash: 'i' })],
            status: a.outcome === 'failed' ? 'failed' : 'succeeded',
          }),
        ],
        {
          acceptedAt: from,
          status: a.outcome === 'failed' ? 'failed' : 'succeeded',
        },
      )
    // r is cut off at 50; q has waited for it, and makes it
    expect(
      took([given('r', 0, failed('a', 0, 50), 500), given('q', 10, attempt('a', 10, 20), 100)], [c], memo),
    ).toEqual({
      r: '50!',
      q: '140',
    })
    // who waited and was cut off makes nothing once making it has failed: o has the slot
    const bad = run(
      'm',
      [
        ran('c', 0, 100, {
          attempts: [attempt('a', 0, 10), failed('b', 0, 100, { inputHash: 'i' })],
          status: 'failed',
        }),
      ],
      { status: 'failed' },
    )
    const waits = given('w', 20, failed('a', 20, 50), 400)
    expect(
      took([bad, waits, other('o', 120)], [c, z], { tunables: { ...memo.tunables, concurrency: 2 } }),
    ).toMatchObject({ m: '100!', w: '30!', o: '100' })
  })

  test('all that is under way in a chain that it called', () => {
    const caller = chainOf('c', [{ name: 'a', kind: 'step' }], {
      entries: [branches([step('a')], [{ kind: 'call', name: 'k' }])],
    })
    const called = ran('d', 0, 500, {
      key: 'd~1',
      call: { chain: 'c', step: 'k' },
      attempts: [attempt('x', 0, 500)],
    })
    const record = run('r', [ran('c', 0, 50, { attempts: [failed('a', 0, 50)], status: 'failed' }), called], {
      targets: ['c'],
      status: 'failed',
    })
    expect(took([record, other('q', 60), other('p', 60)], [caller, inTurn('d', ['x']), z], slots(2))).toEqual(
      { r: '50!', q: '100', p: '100' },
    )
  })

  test('the slots of items beside one that failed, whose calls are cut off as well', () => {
    const each: EntryDefinition = { kind: 'each', name: 'e' }
    const items = chainOf('c', [{ name: 'e', kind: 'each' }], { entries: [each] })
    const record = runOf([{ ...failed('e', 0, 50), item: 'x' }, attempt('e', 0, 500, { item: 'y' })], {
      status: 'failed',
    })
    expect(took([record, other('q', 60), other('p', 60)], [items, z], slots(2))).toEqual({
      r: '50!',
      q: '100',
      p: '100',
    })
  })

  test('the slots of an upstream that nobody waits for any more', () => {
    const need = (key: string) => ({ name: key, key, kind: 'hard' }) as const
    const bad = ran('a', 0, 50, { attempts: [failed('x', 0, 50)], status: 'failed' })
    const long = ran('b', 0, 500, { attempts: [attempt('x', 0, 500)] })
    const last = ran('c', 50, 50, {
      startedAt: undefined,
      status: 'upstream_failed',
      needs: [need('a'), need('b')],
    })
    const record = run('r', [bad, long, last], { targets: ['c'], status: 'failed' })
    const chains = [inTurn('a', ['x']), inTurn('b', ['x']), inTurn('c', ['x']), z]
    expect(took([record, other('q', 60), other('p', 60)], chains, slots(2))).toEqual({
      r: '50!',
      q: '100',
      p: '100',
    })
  })
})

describe('what falls due in the same millisecond happens as it was recorded', () => {
  const c = chainOf('c', [{ name: 'b', kind: 'step' }], {
    entries: [{ kind: 'sleep', name: 'rest' }, step('b')],
  })
  const d = inTurn('d', ['x', 'y'])
  /** At 50 a sleep of `r` ends, and `b` comes forward; and a step of `q` ends, and `y` comes forward. */
  const both = (slept: number, worked: number): readonly RunRecord[] => [
    run(
      'r',
      [
        ran('c', 0, 60, {
          attempts: [attempt('b', 50, 60, { seq: slept })],
          waits: [{ ...wait('rest', 'timer', 0, 50), seq: 2 }],
        }),
      ],
      { lastSeq: 99 },
    ),
    run(
      'q',
      [
        ran('d', 0, 60, {
          attempts: [attempt('x', 0, 50, { endSeq: worked }), attempt('y', 50, 60, { seq: worked + 1 })],
        }),
      ],
      {
        targets: ['d'],
        firstSeq: 3,
      },
    ),
  ]
  test('a wait that ended first goes first, and a step that did', () => {
    expect(took(both(5, 9), [c, d], slots(1))).toEqual({ r: '60', q: '70' })
    expect(took(both(9, 5), [c, d], slots(1))).toEqual({ r: '70', q: '60' })
  })

  test('a wait is before what it made come forward, not before what came before it', () => {
    const [first, second] = both(9, 5)
    // something of r came forward in that millisecond as well, before the sleep began
    first?.chains.get('c')?.waits.push({ ...wait('other', 'backoff', 50, 51), seq: 1 })
    expect(took([first as RunRecord, second as RunRecord], [c, d], slots(1))).toEqual({ r: '70', q: '60' })
    // as it was recorded, and after
    first?.chains.get('c')?.waits.push({ ...wait('other', 'backoff', 50, 51), seq: 4 })
    expect(took([first as RunRecord, second as RunRecord], [c, d], slots(1))).toEqual({ r: '60', q: '70' })
  })

  test('runs come in by when they were accepted, and then as they were recorded', () => {
    const runs = [
      other('late', 10),
      { ...other('second', 0), firstSeq: 2 },
      { ...other('first', 0), firstSeq: 1 },
    ]
    expect(took(runs, [z], slots(1))).toEqual({ first: '100', second: '200', late: '290' })
  })
})

test('what takes long goes before what takes little, once that was learned', () => {
  const chains = [inTurn('x', ['s']), inTurn('y', ['s']), z]
  const work = (chain: string, from: number, ms: number): ChainRecord =>
    ran(chain, from, from + ms, { attempts: [attempt('s', from, from + ms)] })
  const before = many(40, (at) =>
    run(`l${at}`, [work('x', at * 1000, 100), work('y', at * 1000, 10)], {
      acceptedAt: at * 1000,
      targets: ['x', 'y'],
    }),
  )
  const from = 50_000
  const last = run('r', [work('y', from + 1, 10), work('x', from + 1, 100)], {
    acceptedAt: from + 1,
    targets: ['x', 'y'],
  })
  const found = replayed([...before, other('q', from), last], chains, slots(1)).get('r')
  // 99 ms until q has ended
  expect(found?.chains).toEqual(
    new Map([
      ['x', 199],
      ['y', 209],
    ]),
  )
})

describe('a chain goes on, past where its record ends', () => {
  const slow: AttemptFailure = { kind: 'timeout', class: 'timeout', message: '', retryable: true }
  const c = inTurn('c', [{ name: 'a', kind: 'step', timeout: 100 }, 'b', 'd'])
  const cut = runOf([failed('a', 0, 100, { failure: slow, late: { outcome: 'succeeded', at: 150 } })], {
    status: 'failed',
  })
  const longer = { tunables: { steps: { 'c/a': { timeout: 200 } } } }

  test('by that of a run that came so far', () => {
    const whole = { ...runOf([attempt('a', 0, 40), attempt('b', 40, 70), attempt('d', 70, 75)]), run: 'q' }
    expect(took([cut, whole], [c], longer)).toMatchObject({ r: '185' })
    expect(took([cut, whole], [c])).toMatchObject({ r: '100!' })
  })

  test('or without more, where none did', () => {
    expect(took([cut], [c], longer)).toEqual({ r: '150' })
  })

  test('and waits as long as that waited, whatever the time of day', () => {
    const signalled = chainOf('c', [{ name: 'a', kind: 'step', timeout: 100 }], {
      entries: [step('a'), { kind: 'wait', name: 'go' }],
    })
    const whole = {
      ...runOf([attempt('a', 0, 40)], { endedAt: 70, waits: [wait('go', 'signal', 40, 70)] }),
      run: 'q',
    }
    expect(took([cut, whole], [signalled], longer)).toMatchObject({ r: '180' })
  })

  test('and in what it would have called, as long as that one did', () => {
    const calling = chainOf('c', [{ name: 'a', kind: 'step', timeout: 100 }], {
      entries: [step('a'), { kind: 'call', name: 'k' }],
    })
    const whole = run(
      'q',
      [
        ran('c', 0, 70, { attempts: [attempt('a', 0, 40)], waits: [wait('k', 'call', 40, 70)] }),
        ran('d', 40, 70, { key: 'd~1', call: { chain: 'c', step: 'k' }, attempts: [attempt('x', 40, 70)] }),
      ],
      { targets: ['c'] },
    )
    expect(took([cut, whole], [calling, inTurn('d', ['x'])], longer)).toEqual({ r: '180', q: '70' })
  })

  test('and chooses as that one did, and is at it as often', () => {
    const way = chainOf('c', [{ name: 'a', kind: 'step', timeout: 100 }], {
      entries: [
        step('a'),
        { kind: 'choose', name: 'x', branches: [[step('left')], [step('right')]] },
        { kind: 'repeat', name: 'r', branches: [[step('again')]] },
      ],
    })
    const again = (round: number): AttemptRecord =>
      attempt('again', 40 + 10 * round, 50 + 10 * round, { item: `#${round}` })
    const whole = (id: string, side: string): RunRecord => ({
      ...runOf([attempt('a', 0, 40), attempt(side, 40, 50), again(1), again(2), again(3)]),
      run: id,
    })
    // whichever it is: 150, 10 and 30
    expect(took([cut, whole('q', 'left'), whole('p', 'right')], [way], longer)).toMatchObject({ r: '190' })
    // it was in its second round
    const halfway = runOf(
      [
        attempt('a', 0, 40),
        again(1),
        failed('again', 60, 70, { item: '#2', failure: slow, late: { outcome: 'succeeded', at: 75 } }),
      ],
      { status: 'failed' },
    )
    const tuned = { tunables: { steps: { 'c/again': { timeout: 20 } } } }
    // 40 and 10, then 15 of that round, and a third
    expect(
      took(
        [halfway, whole('q', 'left')],
        [
          chainOf('c', [{ name: 'again', kind: 'step', timeout: 10 }], {
            entries: [step('a'), { kind: 'repeat', name: 'r', branches: [[step('again')]] }],
          }),
        ],
        tuned,
      ),
    ).toMatchObject({ r: '75' })
  })

  test('but not for what lies before anything that it came to', () => {
    // it had no items, and chose nothing
    const none = chainOf('c', [{ name: 'e', kind: 'each' }], {
      entries: [
        { kind: 'each', name: 'e' },
        { kind: 'choose', name: 'x', branches: [[step('left')]] },
        { kind: 'repeat', name: 'q', branches: [[step('round')]] },
        branches([step('a')], [step('b')]),
        step('d'),
      ],
    })
    const own = runOf([attempt('a', 0, 10), attempt('b', 0, 20), failed('d', 20, 30)], { status: 'failed' })
    const whole = {
      ...runOf([
        attempt('e', 0, 40, { item: 'x' }),
        attempt('left', 40, 45),
        attempt('round', 45, 50, { item: '#1' }),
        attempt('a', 50, 51),
        attempt('d', 51, 52),
      ]),
      run: 'q',
    }
    expect(replayed([own, whole], [none]).get('r')).toMatchObject({ duration: 30, attempts: 3 })
  })

  test('but not where it had succeeded', () => {
    const skipped = runOf([attempt('a', 0, 50)])
    const whole = { ...runOf([attempt('a', 0, 40), attempt('b', 40, 70)]), run: 'q' }
    expect(took([skipped, whole], [c])).toMatchObject({ r: '50' })
  })
})

describe('needs', () => {
  const need = (key: string, kind: 'hard' | 'optional' = 'hard') => ({ name: key, key, kind }) as const
  const work = (id: string, from: number, to: number, given: Partial<ChainRecord> = {}): ChainRecord =>
    ran(id, from, to, { attempts: [attempt('s', from, to)], ...given })
  const chains = ['a', 'b', 'c', 'd'].map((id) => inTurn(id, ['s']))

  test('of which one was enough begin nothing a second time', () => {
    const record = run('r', [
      work('a', 0, 10),
      work('b', 0, 50),
      work('c', 10, 30, { needs: [need('a'), need('b')], rule: 'one_success' }),
    ])
    expect(replayed([record], chains).get('r')).toMatchObject({ duration: 50, attempts: 3 })
  })

  test('that fail make what is skipped and blocked behind them what it was', () => {
    const skipped = ran('b', 0, 10, {
      startedAt: undefined,
      status: 'skipped',
      rule: 'all_failed',
      needs: [need('a')],
    })
    const behind = ran('c', 0, 10, { startedAt: undefined, status: 'skipped', needs: [need('b')] })
    const after = work('d', 10, 30, { rule: 'all_skipped', needs: [need('c')] })
    expect(took([run('r', [work('a', 0, 10), skipped, behind, after])], chains)).toEqual({ r: '30' })
    const bad = work('a', 0, 10, { status: 'failed', attempts: [failed('s', 0, 10)] })
    const blocked = ran('b', 0, 10, { startedAt: undefined, status: 'upstream_failed', needs: [need('a')] })
    const done = work('d', 10, 30, { rule: 'one_failed', needs: [need('b')] })
    expect(took([run('r', [bad, blocked, done])], chains)).toEqual({ r: '30' })
  })

  test('of both kinds are waited for together', () => {
    const record = run('r', [
      work('a', 0, 10),
      work('b', 0, 50),
      work('c', 50, 60, { needs: [need('a'), need('b', 'optional')] }),
    ])
    expect(took([record], chains)).toEqual({ r: '60' })
  })

  test("by an author's own rule wait for all, and run or skip as they did", () => {
    const record = run('r', [
      work('a', 0, 10),
      work('b', 0, 50),
      work('c', 50, 60, { rule: 'own', needs: [need('a'), need('b')] }),
    ])
    expect(took([record], chains)).toEqual({ r: '60' })
    expect(took([record], chains, { pace: { 'b/s': 2 } })).toEqual({ r: '110' })
  })
})
