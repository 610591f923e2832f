// What is kept of a journal: how actions and trials stand, what was seen since, and what belongs to no run.

import { describe, expect, test } from 'vitest'
import { rerunOf, signsOf } from '../../src/analysis/action-signs.ts'
import { type ActionRecord, ActionStanding } from '../../src/analysis/action-standing.ts'
import { createEvidence } from '../../src/analysis/evidence.ts'
import { Trials, experimentsOf, selfOf } from '../../src/analysis/trials.ts'
import type { Fact } from '../../src/journal/event.ts'
import type { ChainRecord } from '../../src/observe/chain-record.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'
import { type Made, declare, evidenceOf, journal, ran, run, surveyed } from './made.ts'

const take = (id: string, given: Partial<Fact & { readonly type: 'action.taken' }> = {}): Fact => ({
  type: 'action.taken',
  id,
  kind: 'quarantine',
  place: { chain: 'c' },
  chains: ['c'],
  cause: 'so',
  why: 'it failed',
  by: 'auto',
  checkAt: 1,
  until: 2,
  ...given,
})
const verify = (id: string): Fact => ({ type: 'action.verified', id, detail: 'seen' })
const undo = (id: string, expired = false): Fact => ({
  type: 'action.undone',
  id,
  why: 'gone',
  ...(expired ? { expired } : {}),
})
const dismiss = (id: string, cause = 'so'): Fact => ({ type: 'action.dismissed', id, cause })

function told(...facts: readonly Fact[]): ActionStanding {
  const standing = new ActionStanding()
  for (const event of journal(facts)) standing.apply(event)
  return standing
}

describe('an action', () => {
  const stands = (...facts: readonly Fact[]): unknown => told(...facts).records.get('a')
  const record = {
    id: 'a',
    kind: 'quarantine',
    place: { chain: 'c' },
    chains: ['c'],
    cause: 'so',
    why: 'it failed',
    by: 'auto',
    checkAt: 1,
    until: 2,
    takenAt: 1_001,
    seq: 1,
    endedSeq: 0,
  }

  test('stands as its last event says', () => {
    expect(stands(take('a'))).toEqual({ ...record, state: 'taken' })
    expect(stands(take('a'), verify('a'))).toEqual({ ...record, state: 'verified', came: 'seen' })
    expect(stands(take('a'), undo('a'))).toEqual({
      ...record,
      state: 'undone',
      came: 'gone',
      endedAt: 1_002,
      endedSeq: 2,
    })
    expect(stands(take('a'), verify('a'), undo('a', true))).toEqual({
      ...record,
      state: 'expired',
      came: 'gone',
      endedAt: 1_003,
      endedSeq: 3,
    })
    // what sets something going is over once it has
    expect(stands(take('a', { kind: 'unblock' }), verify('a'))).toEqual({
      ...record,
      kind: 'unblock',
      state: 'verified',
      came: 'seen',
      endedAt: 1_002,
      endedSeq: 2,
    })
  })

  test('that is over, or was never taken, does not change', () => {
    const over = stands(take('a'), undo('a'))
    expect(stands(take('a'), undo('a'), verify('a'))).toEqual(over)
    expect(stands(take('a'), undo('a'), undo('a', true))).toEqual(over)
    expect([stands(verify('a')), stands(undo('a')), stands(dismiss('a'))]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('that is taken again comes last, as if it never had been', () => {
    const standing = told(take('a'), take('b'), undo('a'), dismiss('a'), take('a'))
    expect(Array.from(standing.records, ([id, { state, seq }]) => [id, state, seq])).toEqual([
      ['b', 'taken', 2],
      ['a', 'taken', 5],
    ])
    expect(standing.dismissed.size).toBe(0)
    expect(standing.live().map(({ id }) => id)).toEqual(['b', 'a'])
    expect(
      told(take('a'), take('b'), undo('a'))
        .live()
        .map(({ id }) => id),
    ).toEqual(['b'])
  })

  test('of which nothing was said is none of these', () => {
    const standing = new ActionStanding()
    const facts: readonly Fact[] = [
      take('a'),
      verify('x'),
      undo('x'),
      verify('a'),
      undo('a'),
      dismiss('a'),
      { type: 'suggestion.dismissed', id: 'a' },
    ]
    expect(journal(facts).map((event) => standing.apply(event))).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      false,
    ])
  })

  test('is remembered with a thousand others; those in force always, and the newest refusals', () => {
    const many = Array.from({ length: 1_002 }, (_, at) => at)
    const standing = told(take('live'), ...many.slice(2).flatMap((at) => [take(`a${at}`), undo(`a${at}`)]))
    expect(standing.records.size).toBe(1_000)
    expect([...standing.records.keys()].slice(0, 2)).toEqual(['live', 'a3'])
    // all in force: nothing can be forgotten
    expect(told(...many.map((at) => take(`a${at}`))).records.size).toBe(1_002)
    const refused = told(...many.map((at) => dismiss(`a${at}`)), dismiss('a2', 'other'))
    expect(refused.dismissed.size).toBe(1_000)
    expect(Array.from(refused.dismissed).at(-1)).toEqual(['a2', 'other'])
    expect([...refused.dismissed.keys()][0]).toBe('a3')
  })
})

describe('since an action was taken', () => {
  const of = (given: Partial<ActionRecord> = {}): ActionRecord => ({
    ...(told(take('a')).records.get('a') as ActionRecord),
    takenAt: 100,
    chains: ['c', 'd'],
    ...given,
  })
  const signs = (record: ActionRecord, ended: readonly RunRecord[], made: Made = {}): unknown =>
    signsOf(record, evidenceOf({ ended, ...made }))
  const one = (from: number, given: Partial<ChainRecord> = {}, its: Partial<RunRecord> = {}): RunRecord => {
    const key = given.chain ?? 'c'
    return run(`r${from}`, [ran(key, from, from + 5, given)], its)
  }

  test('what it holds back and began all the same is counted', () => {
    const begun = (...runs: readonly RunRecord[]): unknown =>
      (signs(of(), runs) as { readonly begun: number }).begun
    expect(begun(one(101), one(102, { chain: 'd' }), one(103, { chain: 'e' }))).toBe(2)
    expect(begun(one(100), one(99))).toBe(0)
    expect(
      begun(one(101, { memo: true }), one(102, { copied: 'ended' }), one(103, { copied: 'begun' })),
    ).toBe(0)
    expect(begun(one(101, { startedAt: undefined }))).toBe(0)
    expect(signs(of(), [], { open: [one(101, { endedAt: undefined, status: 'running' })] })).toEqual({
      begun: 1,
      mended: undefined,
    })
  })

  test('one success mends what is held back, by whoever began it', () => {
    const mended = (...runs: readonly RunRecord[]): unknown =>
      (signs(of(), runs) as { readonly mended?: string }).mended
    expect(mended(one(101))).toBe('"c" has succeeded since, in run r101')
    expect(mended(one(101), one(103, { status: 'failed' }))).toBeUndefined()
    expect(mended(one(103, { status: 'failed' }), one(110))).toBe('"c" has succeeded since, in run r110')
    // in whatever order they are kept
    expect(mended(one(110), one(103, { status: 'failed' }))).toBe('"c" has succeeded since, in run r110')
    expect(mended(one(101, { chain: 'd' }))).toBeUndefined()
    expect(mended(one(101, { status: 'skipped' }))).toBeUndefined()
    // it had begun before, and only a retry shows it anew
    expect(mended(one(99))).toBeUndefined()
    expect(mended(one(99, {}, { retries: 1 }))).toBe('"c" has succeeded since, in run r99')
    expect(mended(one(90, { endedAt: 100 }, { retries: 1 }))).toBeUndefined()
    expect(mended(one(90, { endedAt: 101 }, { retries: 1 }))).toBeDefined()
    expect(mended()).toBeUndefined()
  })

  test('three in a row mend what was held back below it', () => {
    const record = of({ kind: 'pause-downstream', chains: ['d'] })
    const mended = (...runs: readonly RunRecord[]): unknown =>
      (signs(record, runs) as { readonly mended?: string }).mended
    expect(mended(one(101), one(102))).toBeUndefined()
    expect(mended(one(101), one(102), one(103))).toBe('"c" has succeeded since, in run r103')
    expect(mended(one(101), one(102, { status: 'failed' }), one(103), one(104))).toBeUndefined()
  })

  test('another version of it is declared, so that what was seen of it counts no more', () => {
    const chains = [declare('x'), declare('c')]
    expect(signs(of({ version: '0' }), [one(101)], { chains })).toEqual({
      begun: 1,
      mended: '"c" is declared in another version now',
    })
    for (const version of ['1', undefined])
      expect(signs({ ...of(), ...(version === undefined ? {} : { version }) }, [], { chains })).toEqual({
        begun: 0,
        mended: undefined,
      })
    expect(signs(of({ version: '0' }), [])).toEqual({ begun: 0, mended: undefined })
    expect(signs(of({ version: '0' }), [], { chains: [declare('x', [], { version: '1' })] })).toEqual({
      begun: 0,
      mended: undefined,
    })
  })

  test('a run that it retried stands where it stands', () => {
    const record = of({ kind: 'unblock', place: { chain: 'c', run: 'p' }, cause: 'parked 7' })
    const runOf = (made: Made): unknown => signs(record, [], made)
    const its = (status: RunRecord['status']): readonly RunRecord[] => [
      run('p', [ran('c', 0, 1)], { status }),
    ]
    const parked = (seq: number): Made['parked'] & {} => [
      { run: 'p', chains: ['c'], reason: 'dead-letter', detail: '', cure: '', at: 0, seq },
    ]
    expect(runOf({ parked: parked(7), open: its('parked') })).toEqual({ begun: 0, run: 'absent' })
    expect(runOf({ parked: parked(9), open: its('parked') })).toEqual({ begun: 0, run: 'failed' })
    expect(runOf({})).toEqual({ begun: 0, run: undefined })
    expect(runOf({ open: its('running') })).toEqual({ begun: 0, run: 'going' })
    expect(runOf({ ended: its('succeeded') })).toEqual({ begun: 0, run: 'succeeded' })
    expect(runOf({ ended: its('failed') })).toEqual({ begun: 0, run: 'failed' })
    expect(runOf({ ended: its('cancelled') })).toEqual({ begun: 0, run: 'failed' })
    expect(signs(of({ kind: 'unblock' }), [])).toEqual({ begun: 0, run: undefined })
  })

  test('a run that it began is found by a name that is the same each time', () => {
    const record = of({ kind: 're-run-stale', cause: 'version 1', from: 'old' })
    const id = rerunOf(record)
    expect(id).toMatch(/^again-.{16}$/)
    expect(rerunOf({ id: 'a', cause: 'version 1', from: 'old' })).toBe(id)
    const { from: _, ...rest } = record
    const others = [
      { ...record, id: 'b' },
      { ...record, cause: 'version 2' },
      { ...record, from: 'newer' },
      rest,
    ]
    expect(new Set([id, ...others.map(rerunOf)]).size).toBe(5)
    expect(rerunOf(rest)).toBe(rerunOf({ ...rest, from: '' }))
    const begun = run(id, [ran('c', 0, 1)])
    expect(signs(record, [])).toEqual({ begun: 0, run: 'absent' })
    expect(signs(record, [begun])).toEqual({ begun: 0, run: 'succeeded' })
    expect(signs(record, [], { open: [{ ...begun, status: 'running' }] })).toEqual({ begun: 0, run: 'going' })
    // that it stands still is no dead letter of its own
    const parked = {
      run: id,
      chains: ['c'],
      reason: 'dead-letter',
      detail: '',
      cure: '',
      at: 0,
      seq: 3,
    } as const
    expect(signs(record, [], { parked: [parked], open: [{ ...begun, status: 'parked' }] })).toEqual({
      begun: 0,
      run: 'going',
    })
  })
})

describe('trials', () => {
  const begin = (id: string): Fact => ({
    type: 'trial.started',
    id,
    suggestion: `of ${id}`,
    share: 0.1,
    by: 'auto',
  })
  const trials = (...facts: readonly Fact[]): Trials => {
    const all = new Trials()
    for (const event of journal(facts)) all.apply(event)
    return all
  }
  const end = (id: string): Fact => ({ type: 'trial.ended', id, verdict: 'kept', why: '' })

  test('stand as they were widened, switched and judged; of others nothing is known', () => {
    const { all } = trials(
      begin('a'),
      { type: 'trial.widened', id: 'a', share: 0.5 },
      { type: 'trial.switched', id: 'a', pair: 4, arm: 'treated' },
      end('x'),
      begin('b'),
      end('b'),
      { type: 'suggestion.dismissed', id: 'a' },
    )
    expect([...all]).toEqual([
      ['a', { suggestion: 'of a', share: 0.5, state: 'trialling', pair: 4 }],
      ['b', { suggestion: 'of b', share: 0.1, state: 'kept', pair: 0 }],
    ])
  })

  test('that go on are all kept, and of those that are over the last', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => `t${at}`)
    expect(trials(...many.map(begin), begin('last')).all.size).toBe(1_001)
    const { all } = trials(
      ...many.slice(0, 2).map(begin),
      end('t1'),
      ...many.slice(2).map(begin),
      begin('last'),
    )
    expect([...all.keys()].slice(0, 2)).toEqual(['t0', 't2'])
    expect(all.size).toBe(1_000)
    expect(trials(...many.map(begin), end('t1')).all.size).toBe(1_000)
  })

  test('count a pair once its treated side has ended', () => {
    const arm = (id: string, of: 'control' | 'treated', pair: number, trial = 'a'): RunRecord =>
      run(id, [ran('c', 0, 1)], { arm: { trial, arm: of, pair } })
    const ended = [
      arm('1', 'control', 1),
      arm('2', 'treated', 1),
      arm('3', 'treated', 2),
      arm('4', 'treated', 2),
      arm('5', 'control', 3),
      arm('6', 'treated', 1, 'b'),
      run('7', []),
    ]
    const survey = surveyed({ ended, dropped: { ended: 0, open: 0, attempts: 6 } })
    for (const event of journal([
      begin('a'),
      begin('b'),
      { type: 'trial.switched', id: 'b', pair: 4, arm: 'off' },
    ]))
      survey.evidence.trials.apply(event)
    expect(experimentsOf(survey).map(({ id, pairs }) => [id, pairs])).toEqual([
      ['a', 2],
      ['b', 4],
    ])
    expect(selfOf(survey)).toEqual({ dropped: 6 })
  })
})

describe('evidence', () => {
  const accepted = (id: string): Fact & { readonly run: string } =>
    ({
      run: id,
      type: 'run.accepted',
      targets: ['c'],
      priority: 0,
      config: 0,
      plan: [{ key: 'k', chain: 'c', version: '1', needs: [], rule: 'all_success' }],
    }) as unknown as Fact & { readonly run: string }
  const park = (id: string): Fact & { readonly run: string } => ({
    run: id,
    type: 'run.parked',
    reason: 'dead-letter',
    detail: 'd',
    cure: 'e',
  })
  const evidence = (
    facts: readonly (Fact & { readonly run?: string })[],
    after?: number,
  ): ReturnType<typeof createEvidence> => {
    const made = createEvidence(after === undefined ? {} : { after })
    for (const event of journal(facts)) made.apply(event)
    return made
  }

  test('tells the window of events that it rests on, and how much of authors’ data they hold', () => {
    const facts = [
      accepted('r'),
      { run: 'r', type: 'chain.ended', chain: 'k', status: 'succeeded', payload: '12345' },
    ] as const
    const made = evidence(facts)
    expect(made.journal).toEqual({ events: 2, bytes: 5, from: 1_001, to: 1_002, seq: 2 })
    // what is told again, or was before, changes nothing
    for (const event of journal(facts)) made.apply(event)
    expect(made.journal.events).toBe(2)
    expect(evidence(facts, 1).journal).toEqual({ events: 1, bytes: 5, from: 1_002, to: 1_002, seq: 2 })
    expect(evidence(facts, 2).journal).toEqual({ events: 0, bytes: 0, from: 0, to: 0, seq: 2 })
  })

  test('counts runs that began before it, once each', () => {
    const made = evidence([
      park('x'),
      park('y'),
      park('x'),
      accepted('r'),
      park('r'),
      park('~inner'),
      take('a'),
    ])
    expect(made.strays).toBe(2)
  })

  test('tells which runs stand still, and since which event', () => {
    const made = evidence([accepted('r'), park('r'), park('x')])
    expect([...made.parked.values()]).toEqual([
      { run: 'r', chains: ['c'], reason: 'dead-letter', detail: 'd', cure: 'e', at: 1_002, seq: 2 },
      { run: 'x', chains: [], reason: 'dead-letter', detail: 'd', cure: 'e', at: 1_003, seq: 3 },
    ])
    for (const type of ['run.unparked', 'run.retried', 'run.ended'] as const) {
      const on = { run: 'r', type, back: [], failures: [], status: 'failed' } as unknown as Fact & {
        readonly run: string
      }
      expect([...evidence([accepted('r'), park('r'), park('x'), on]).parked.keys()]).toEqual(['x'])
    }
  })

  test('counts signals by what took them, and keeps where each breaker went last', () => {
    const signal = (chain: string, name: string): Fact & { readonly run: string } =>
      ({ run: 'r', type: 'signal.consumed', chain, name, step: 's', id: 'i' }) as unknown as Fact & {
        readonly run: string
      }
    const breaker = (type: string, id: string): Fact => ({ type, breaker: id }) as unknown as Fact
    const made = evidence([
      accepted('r'),
      signal('k', 'go'),
      signal('k', 'go'),
      signal('k', 'stop'),
      signal('other', 'go'),
      breaker('breaker.opened', 'b'),
      breaker('breaker.half-opened', 'b'),
      breaker('breaker.closed', 'd'),
      breaker('breaker.opened', 'e'),
    ])
    expect([...made.signals.values()]).toEqual([
      { chain: 'c', name: 'go', n: 2 },
      { chain: 'c', name: 'stop', n: 1 },
      { chain: 'other', name: 'go', n: 1 },
    ])
    expect([...made.breakers]).toEqual([
      ['b', 'half-opened'],
      ['d', 'closed'],
      ['e', 'opened'],
    ])
  })

  test('holds no more names than ten thousand of a kind', () => {
    const many = (of: (at: number) => Fact & { readonly run?: string }): ReturnType<typeof createEvidence> =>
      evidence(Array.from({ length: 10_002 }, (_, at) => of(at % 10_001)))
    expect(
      many((at) => ({ type: 'breaker.opened', breaker: `b${at}` }) as unknown as Fact).breakers.size,
    ).toBe(10_000)
    const parked = many((at) => park(`r${at}`))
    expect([parked.parked.size, parked.strays]).toEqual([10_000, 10_000])
  })

  test('remembers from where on reads are told, and what was before it of trials and actions', () => {
    const declared = { type: 'engine.declared', chains: {} } as const
    const made = evidence([accepted('r'), declared, declared, take('a')])
    expect([made.readsSince, made.actions.records.size]).toEqual([2, 1])
    const later = createEvidence({ after: 5 })
    for (const event of journal([
      declared,
      take('a'),
      { type: 'trial.started', id: 't', suggestion: 's', share: 1, by: 'auto' },
    ]))
      later.recall(event)
    expect([
      later.readsSince,
      later.actions.records.size,
      later.trials.all.size,
      later.journal.events,
    ]).toEqual([1, 1, 1, 0])
    expect(later.records.lastSeq).toBe(3)
    expect(evidence([accepted('r')]).readsSince).toBeUndefined()
  })
})
