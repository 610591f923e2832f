// What is to be done, from findings made by hand: each kind in full, the order, and what the supervisor would do itself.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { actionId } from '../../src/analysis/action-id.ts'
import { type Findings, actionsOf } from '../../src/analysis/actions.ts'
import { ActionStanding } from '../../src/analysis/action-standing.ts'
import { belowOf, underPolicy } from '../../src/analysis/deeds.ts'
import { healthOf } from '../../src/analysis/health.ts'
import { implementationOf } from '../../src/analysis/implementation.ts'
import type { NecessaryAction } from '../../src/analysis/report-built.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import type { Fact } from '../../src/journal/event.ts'
import type { ChainRecord } from '../../src/observe/chain-record.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'
import { type Made, boom, declare, hard, journal, ran, run, runsOf, scene, step } from './made.ts'

const calm: Findings['resources'] = {
  state: 'ok',
  cause: '',
  journal: { events: 0, bytes: 0 },
  live: { runs: 0, attempts: 0 },
  concurrency: { most: 3 },
}

function actionsIn(made: Made, resources = calm): readonly NecessaryAction[] {
  const seen = scene(made)
  const health = atOnce(healthOf(seen))
  return atOnce(
    actionsOf(seen, { health, implementation: atOnce(implementationOf(seen, health)), resources }),
  )
}
const of = (made: Made, kind: string): NecessaryAction | undefined =>
  actionsIn(made).find((one) => one.kind === kind)

const runs = (n: number, chain: string, status: 'failed' | 'succeeded', from = 0): readonly RunRecord[] =>
  runsOf(
    Array.from({ length: n }, (_, at) =>
      ran(chain, from + at, from + at + 1, status === 'failed' ? { status, step: 'do', failure: boom } : {}),
    ),
    `${chain}-${status}-${from}-`,
  )
const told = (...facts: readonly Fact[]): ActionStanding => {
  const standing = new ActionStanding()
  for (const event of journal(facts)) standing.apply(event)
  return standing
}
const now = 1_000_000
const proposed = { policy: 'off', state: 'proposed', expiresAt: now + 86_400_000 }

test('a stub is to be written, for all that it keeps from being true', () => {
  const chains = [
    declare('a', [step('s', { stub: true }), step('t')]),
    declare('b', [], { needs: [hard('a')] }),
  ]
  expect(actionsIn({ chains })).toEqual([
    {
      ...proposed,
      id: actionId('implement', { chain: 'a', step: 's' }),
      kind: 'implement',
      place: { chain: 'a', step: 's' },
      sentence: 'write step "s" of chain "a"',
      why: 'it is declared as a stub, so that nothing that needs it can be true',
      severity: 'high',
      confidence: 1,
      effort: 1,
      unlocks: 2,
      unlocked: ['a', 'b'],
      prerequisites: [],
      can: false,
      lock: 'a',
      check: 'it is declared without { stub: true } and has run',
    },
  ])
})

describe('a run that stands still', () => {
  const parked = { run: 'p', chains: ['c', 'd'], detail: 'so it is', cure: 'do this', at: 50, seq: 7 }
  const base = {
    ...proposed,
    place: { chain: 'c', run: 'p' },
    why: 'so it is',
    unlocks: 1,
    unlocked: ['p'],
    prerequisites: [],
    confidence: 1,
    lock: 'p',
  }

  test('at events that do not fit is to be let go on', () => {
    expect(actionsIn({ parked: [{ ...parked, reason: 'needs-migration' }] })).toEqual([
      {
        ...base,
        id: actionId('migrate', { chain: 'c', run: 'p' }),
        kind: 'migrate',
        severity: 'high',
        effort: 0.5,
        can: false,
        sentence: 'let run p of "c" go on: do this',
        check: 'the run goes on',
      },
    ])
  })

  test('as a dead letter is to be retried or cancelled', () => {
    expect(actionsIn({ parked: [{ ...parked, reason: 'dead-letter' }] })).toEqual([
      {
        ...base,
        id: actionId('unblock', { chain: 'c', run: 'p' }),
        kind: 'unblock',
        severity: 'medium',
        effort: 0.05,
        can: true,
        deed: { chains: [], cause: 'parked 7', evident: false },
        sentence: 'retry run p of "c", or cancel it: do this',
        check: 'the run has ended',
      },
    ])
  })

  test('for another reason is a matter of its owner, or of a person', () => {
    const reason = 'needs-attention' as const
    expect(
      actionsIn({ parked: [{ ...parked, reason }], chains: [declare('c', [], { owner: 'ada' })] }),
    ).toEqual([
      {
        ...base,
        id: actionId('ask-owner', { chain: 'c', run: 'p' }),
        kind: 'ask-owner',
        severity: 'high',
        effort: 0.25,
        can: false,
        sentence: 'ask ada to look at run p of "c": do this',
        check: 'the run is parked no more',
      },
    ])
    expect(of({ parked: [{ ...parked, reason, chains: [] }] }, 'ask-owner')).toMatchObject({
      place: { chain: '', run: 'p' },
      sentence: 'have a person look at run p of "": do this',
    })
  })

  test('may be retried by the supervisor once all that it had left has succeeded elsewhere three times since', () => {
    const stuck = run('p', [
      ran('done', 0, 1),
      ran('c', 1, 2, { status: 'failed' }),
      ran('d', 2, 3, { status: 'upstream_failed' }),
      ran('c', 3, 4, { key: 'c~2', status: 'failed' }),
    ])
    const deed = (others: readonly RunRecord[], from: 'open' | 'ended' = 'open', at = 50): unknown =>
      of(
        {
          parked: [{ ...parked, at, reason: 'dead-letter' }],
          [from]: [stuck],
          ...(from === 'open' ? { ended: others } : { ended: [stuck, ...others] }),
        },
        'unblock',
      )?.deed
    const good = [...runs(3, 'c', 'succeeded', 51), ...runs(3, 'd', 'succeeded', 51)]
    const chains = ['c', 'd']
    expect(deed(good)).toEqual({ chains, cause: 'parked 7', evident: true })
    expect(deed(good, 'ended')).toEqual({ chains, cause: 'parked 7', evident: true })
    // one began as it was parked
    expect(deed(good, 'open', 51)).toEqual({ chains, cause: 'parked 7', evident: false })
    expect(deed(good.slice(1))).toMatchObject({ evident: false })
    expect(deed(good.slice(0, 3))).toMatchObject({ evident: false })
    expect(deed([...good, ...runs(1, 'd', 'failed', 60)])).toMatchObject({ evident: false })
    expect(deed([...good, ...runs(1, 'd', 'failed', 52), ...runs(3, 'd', 'succeeded', 60)])).toMatchObject({
      evident: true,
    })
    // its own executions, and what never ran, say nothing
    const skipped = runsOf([ran('d', 70, 71, { status: 'skipped' })], 'z')
    expect(deed([...good, ...skipped])).toMatchObject({ evident: true })
    const all = run('p', [ran('c', 1, 2)])
    expect(of({ parked: [{ ...parked, reason: 'dead-letter' }], open: [all] }, 'unblock')?.deed).toEqual({
      chains: [],
      cause: 'parked 7',
      evident: false,
    })
  })
})

describe('what fails', () => {
  const chains = [
    declare('c', [], { owner: 'ada' }),
    declare('d', [], { needs: [hard('c')] }),
    declare('e', [], { needs: [{ name: 'c', chain: 'c', kind: 'optional' }] }),
  ]
  const confidence = 1

  test('is to be mended by its owner, held back after ten executions, and what needs it after it', () => {
    const found = actionsIn({ chains, ended: runs(10, 'c', 'failed') })
    const why = 'all of its last 10 executions failed'
    const quarantine = actionId('quarantine', { chain: 'c' })
    expect(found).toEqual([
      {
        ...proposed,
        id: actionId('ask-owner', { chain: 'c', step: 'do' }),
        kind: 'ask-owner',
        place: { chain: 'c', step: 'do' },
        sentence: 'ask ada to mend step "do" of chain "c": boom',
        why,
        severity: 'high',
        confidence,
        effort: 0.25,
        unlocks: 3,
        unlocked: ['c', 'd', 'e'],
        prerequisites: [],
        can: false,
        lock: 'c',
        check: '"c" is failing no more',
      },
      {
        ...proposed,
        id: quarantine,
        kind: 'quarantine',
        place: { chain: 'c' },
        sentence: 'hold "c" back until it is mended',
        why: `${why}, and each run of it only adds to them`,
        severity: 'medium',
        confidence,
        effort: 0.05,
        unlocks: 0,
        unlocked: [],
        prerequisites: [],
        can: true,
        lock: 'c',
        check: 'no run of "c" begins',
        deed: { chains: ['c'], cause: '1 0', evident: true },
      },
      {
        ...proposed,
        id: actionId('pause-downstream', { chain: 'c' }),
        kind: 'pause-downstream',
        place: { chain: 'c' },
        sentence: 'hold back what needs "c": d',
        why: 'it cannot run without it',
        severity: 'low',
        confidence,
        effort: 0.05,
        unlocks: 0,
        unlocked: [],
        prerequisites: [quarantine],
        can: true,
        lock: 'c',
        check: 'none of them begins',
        deed: { chains: ['d'], cause: '1 0', evident: true },
      },
    ])
  })

  test('nine times is not held back for that, and what nothing needs holds nothing else back', () => {
    expect(actionsIn({ chains, ended: runs(9, 'c', 'failed') }).map(({ kind }) => kind)).toEqual([
      'ask-owner',
    ])
    expect(actionsIn({ ended: runs(10, 'c', 'failed') }).map(({ kind }) => kind)).toEqual([
      'ask-owner',
      'quarantine',
    ])
  })

  test('without an owner, a step or a root is told as far as it is known', () => {
    const failing = (given: Partial<ChainRecord>): unknown => {
      const ended = runsOf(
        Array.from({ length: 3 }, (_, at) => ran('c', at, at + 1, { status: 'failed', ...given })),
      )
      return of({ ended }, 'ask-owner')
    }
    expect(failing({})).toMatchObject({ sentence: 'mend chain "c"', place: { chain: 'c' } })
    expect(failing({ failure: boom })).toMatchObject({ sentence: 'mend chain "c": boom' })
    expect(failing({ failure: boom, step: 's' })).toMatchObject({
      sentence: 'mend step "s" of chain "c": boom',
    })
  })

  test('now and then is of less weight, and nothing is held back for it', () => {
    const ended = [
      ...runs(60, 'c', 'succeeded'),
      ...runs(9, 'c', 'failed', 60),
      ...runs(11, 'c', 'succeeded', 80),
    ]
    expect(actionsIn({ chains, ended })).toMatchObject([
      { kind: 'ask-owner', severity: 'medium', check: '"c" is degraded no more' },
    ])
    expect(actionsIn({ chains, ended: runs(60, 'c', 'succeeded') })).toEqual([])
  })

  test('again after it was let go is held back by itself only for what came after', () => {
    const id = actionId('quarantine', { chain: 'c' })
    const taken: Fact = {
      type: 'action.taken',
      id,
      kind: 'quarantine',
      place: { chain: 'c' },
      chains: ['c'],
      cause: '1 0',
      why: 'it failed',
      by: 'auto',
      checkAt: 1,
      until: 2_000,
    }
    const undone: Fact = { type: 'action.undone', id, why: 'mended' }
    // it was taken back at 1,002, by the second event
    const deed = (...after: readonly (readonly RunRecord[])[]): unknown =>
      of(
        { chains, ended: [...runs(12, 'c', 'failed'), ...after.flat()], actions: told(taken, undone) },
        'quarantine',
      )?.deed
    expect(deed()).toEqual({ chains: ['c'], cause: '1 2', evident: false })
    expect(deed(runs(2, 'c', 'failed', 1_003))).toMatchObject({ evident: false })
    expect(deed(runs(3, 'c', 'failed', 1_003))).toMatchObject({ evident: true })
    expect(deed(runs(3, 'c', 'failed', 1_002))).toMatchObject({ evident: false })
    expect(deed(runs(4, 'c', 'failed', 1_003), runs(1, 'c', 'succeeded', 1_010))).toMatchObject({
      evident: false,
    })
    // while it is in force, it stands as it was taken
    const live = of({ chains, ended: runs(12, 'c', 'failed'), actions: told(taken) }, 'quarantine')
    expect(live).toMatchObject({
      state: 'applied',
      deed: { chains: ['c'], cause: '1 0', evident: true, until: 2_000 },
    })
    expect(live?.deed).not.toHaveProperty('came')
  })
})

test('what cannot succeed where another does not is what needs it hard, under a rule that asks for success', () => {
  const on = (chain: string, kind: 'hard' | 'optional' | 'order' = 'hard'): ReturnType<typeof hard> => ({
    name: 'x',
    chain,
    kind,
  })
  const chains = [
    declare('last', [], { needs: [on('b')] }),
    declare('b', [], { needs: [on('else'), on('a')] }),
    declare('soft', [], { needs: [on('a', 'optional')] }),
    declare('order', [], { needs: [on('a', 'order')] }),
    declare('any', [], { needs: [on('a')], when: 'all_done' }),
    declare('after any', [], { needs: [on('any')] }),
    declare('a', [], { needs: [on('last')] }),
  ]
  expect(belowOf(new Map(chains.map((one) => [one.id, one])), 'a')).toEqual(['b', 'last'])
})

describe('what is out of date', () => {
  const stale = runsOf([ran('c', 0, 1, { version: '0' })])
  const chains = [declare('c'), declare('d', [], { needs: [hard('c')] })]

  test('is to be run again, after older versions have ended', () => {
    const open = [run('o', [ran('c', 5, undefined, { version: '0' })])]
    const drain = actionId('drain', { chain: 'c' })
    expect(actionsIn({ chains, ended: stale, open })).toEqual([
      {
        ...proposed,
        id: drain,
        kind: 'drain',
        place: { chain: 'c' },
        sentence: 'let the runs of older versions of "c" end, before what they use is taken away',
        why: 'runs that have not ended began on a version that is declared no more',
        severity: 'low',
        confidence: 1,
        effort: 0.1,
        unlocks: 1,
        unlocked: ['c'],
        prerequisites: [],
        can: false,
        lock: 'c',
        check: 'no run of another version is open',
      },
      {
        ...proposed,
        id: actionId('re-run-stale', { chain: 'c' }),
        kind: 're-run-stale',
        place: { chain: 'c' },
        sentence: 'run "c" again',
        why: 'what it made last was made by another version than is declared',
        severity: 'low',
        confidence: 1,
        effort: 0.05,
        unlocks: 1,
        unlocked: ['d'],
        prerequisites: [drain],
        can: true,
        lock: 'c',
        check: 'it has succeeded since',
        deed: { chains: ['c'], cause: 'version 1', from: 'r1', evident: true },
      },
    ])
  })

  test('is not run again by itself while it fails, and waits for nothing where no older version goes on', () => {
    expect(of({ chains, ended: stale }, 're-run-stale')?.prerequisites).toEqual([])
    expect(
      of({ chains, ended: [...stale, ...runs(9, 'c', 'failed', 10)] }, 're-run-stale')?.deed?.evident,
    ).toBe(false)
    expect(
      of({ chains, ended: [...stale, ...runs(9, 'd', 'failed', 10)] }, 're-run-stale')?.deed?.evident,
    ).toBe(true)
  })
})

test('slots that are full are to be more, as far as is known how many there are', () => {
  const full = { ...calm, state: 'degraded', cause: 'they wait' } as const
  const [found, ...others] = actionsIn({}, full)
  expect(others).toEqual([])
  expect(found).toEqual({
    ...proposed,
    id: actionId('scale', { chain: '' }),
    kind: 'scale',
    place: { chain: '' },
    sentence: 'let more than 3 attempts run at once, or use another process',
    why: 'they wait',
    severity: 'medium',
    confidence: 0.8,
    effort: 0.1,
    unlocks: 0,
    unlocked: [],
    prerequisites: [],
    can: false,
    lock: '',
    check: 'attempts wait for a slot less than 20 % of their time',
  })
  const limited = actionsIn({}, { ...full, concurrency: { most: 3, limit: 8 } })[0]
  expect(limited?.sentence).toBe('let more than 8 attempts run at once, or use another process')
})

test('names of actions are of their kind and place, and of nothing else', () => {
  const ids = [
    actionId('drain', { chain: 'a' }),
    actionId('scale', { chain: 'a' }),
    actionId('drain', { chain: 'b' }),
    actionId('drain', { chain: 'a', step: 's' }),
    actionId('drain', { chain: 'a', run: 's' }),
  ]
  expect(new Set(ids).size).toBe(5)
  expect(actionId('drain', { chain: 'a' })).toBe(ids[0])
  for (const id of ids) expect(id).toMatch(/^[\da-z]{12}$/i)
})

test('whatever is found, nothing comes before what it needs, and what is worth most for its effort comes first', () => {
  const worth = ({ severity, confidence, unlocks, effort }: NecessaryAction): number =>
    ({ high: 9, medium: 3, low: 1 }[severity] * confidence * (1 + unlocks)) / effort
  const chain = fc.record({
    needs: fc.option(fc.nat(5), { nil: undefined }),
    stub: fc.boolean(),
    failed: fc.constantFrom(0, 4, 11),
    skewed: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(chain, { minLength: 1, maxLength: 6 }), (given) => {
      const id = (at: number): string => `c${at}`
      const found = actionsIn({
        chains: given.map(({ needs, stub }, at) =>
          declare(id(at), stub ? [step('s', { stub: true })] : [], {
            needs: needs === undefined || needs >= at ? [] : [hard(id(needs))],
          }),
        ),
        ended: given.flatMap((one, at) => [
          ...runsOf([ran(id(at), 0, 0, { version: '0' })], `old${at}-`),
          ...runs(one.failed, id(at), 'failed', 5),
        ]),
        open: given.flatMap((one, at) =>
          one.skewed ? [run(`o${at}`, [ran(id(at), 0, undefined, { version: '0' })])] : [],
        ),
      })
      const ids = found.map((one) => one.id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const [at, one] of found.entries()) {
        const first = one.prerequisites.filter((before) => ids.includes(before))
        for (const before of first) expect(ids.indexOf(before)).toBeLessThan(at)
        const next = found[at + 1]
        if (next === undefined || next.prerequisites.includes(one.id)) continue
        expect(worth(next)).toBeLessThanOrEqual(worth(one))
        if (worth(next) === worth(one)) expect(next.id > one.id).toBe(true)
      }
    }),
    { numRuns: 40 },
  )
})

describe('what was taken', () => {
  const id = actionId('quarantine', { chain: 'c' })
  const take = (given: Partial<Fact & { readonly type: 'action.taken' }> = {}): Fact => ({
    type: 'action.taken',
    id,
    kind: 'quarantine',
    place: { chain: 'c' },
    chains: ['c', 'x'],
    cause: ' 0',
    why: 'it failed',
    by: 'auto',
    checkAt: 1,
    until: 2_000,
    ...given,
  })
  const ended = runs(12, 'c', 'failed')

  test('stands as it went, while it is in force or is still for the same', () => {
    const state = (...facts: readonly Fact[]): unknown => {
      const found = of({ ended, actions: told(...facts) }, 'quarantine')
      return [found?.state, found?.deed?.came, found?.deed?.chains]
    }
    expect(state(take())).toEqual(['applied', undefined, ['c', 'x']])
    expect(state(take(), { type: 'action.verified', id, detail: 'none began' })).toEqual([
      'verified',
      'none began',
      ['c', 'x'],
    ])
    // let go, and the same failures are no reason to hold it back again
    expect(state(take({ cause: ' 2' }), { type: 'action.undone', id, why: 'mended' })).toEqual([
      'undone',
      'mended',
      ['c', 'x'],
    ])
    expect(state(take({ cause: ' 2' }), { type: 'action.undone', id, why: 'over', expired: true })).toEqual([
      'expired',
      'over',
      ['c', 'x'],
    ])
    expect(state(take(), { type: 'action.undone', id, why: 'mended' })).toEqual([
      'proposed',
      undefined,
      ['c'],
    ])
    expect(state({ type: 'action.dismissed', id, cause: ' 0' })).toEqual(['dismissed', undefined, ['c']])
    expect(state({ type: 'action.dismissed', id, cause: ' 1' })).toEqual(['proposed', undefined, ['c']])
    expect(state({ type: 'action.dismissed', id, cause: ' 0' }, take())).toEqual([
      'applied',
      undefined,
      ['c', 'x'],
    ])
  })

  test.each([
    [take(), '"c" is held back until it is mended'],
    [take({ kind: 'pause-downstream', chains: ['d', 'e'] }), 'what needs "c" is held back: d, e'],
    [take({ kind: 're-run-stale' }), '"c" runs again'],
    [take({ kind: 'unblock', place: { chain: 'c', run: 'p' } }), 'run p of "c" goes on'],
    [take({ kind: 'unblock' }), 'run  of "c" goes on'],
  ] as const)('is told while it is in force, though nothing would ask for it now [%#]', (fact, sentence) => {
    const { kind, place, chains, cause } = fact as Fact & { readonly type: 'action.taken' }
    const own = { id: actionId(kind, place) }
    expect(actionsIn({ actions: told({ ...fact, ...own }) })).toMatchObject([
      {
        kind,
        place,
        sentence,
        why: 'it failed',
        severity: 'low',
        confidence: 1,
        unlocks: 0,
        check: 'its reason is gone',
        state: 'applied',
        deed: { chains, cause, evident: true, until: 2_000 },
      },
    ])
    expect(
      actionsIn({ actions: told({ ...fact, ...own }, { type: 'action.undone', ...own, why: 'so' }) }),
    ).toEqual([])
  })

  test('is told once where it would be asked for too', () => {
    expect(actionsIn({ ended, actions: told(take()) }).filter((one) => one.id === id)).toHaveLength(1)
  })
})

test('a policy is of what the supervisor can do, and asks for what is only proposed', () => {
  const [, quarantine] = actionsIn({ ended: runs(10, 'c', 'failed') })
  const [scale] = actionsIn({}, { ...calm, state: 'degraded' })
  if (quarantine === undefined || scale === undefined) throw new Error('there are both')
  const asked: string[] = []
  const policy = (now_: 'off' | 'ask' | 'auto') => (kind: string) => {
    asked.push(kind)
    return now_
  }
  expect(underPolicy(quarantine, policy('ask'))).toEqual({ ...quarantine, policy: 'ask', state: 'asked' })
  expect(underPolicy(quarantine, policy('auto'))).toEqual({ ...quarantine, policy: 'auto' })
  expect(underPolicy({ ...quarantine, state: 'verified' }, policy('ask'))).toMatchObject({
    policy: 'ask',
    state: 'verified',
  })
  expect(underPolicy(scale, policy('auto'))).toBe(scale)
  expect(asked).toEqual(['quarantine', 'quarantine', 'quarantine'])
})
