// A whole run folded from its events: its chains' machines as they begin, call, end and are undone, and what is lost.

import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import type { Fact, JournalEvent } from '../../src/journal/event.ts'
import {
  type FindChain,
  type RunFold,
  applyEvent,
  beginRun,
  chainInput,
  countLoss,
  foldEvents,
  foldOver,
  keptFor,
  outcomeOf,
  outputOf,
} from '../../src/journal/replay-run.ts'
import type { PlanEdge } from '../../src/journal/run-plan.ts'
import { type NodeState, type RunState, acceptRun } from '../../src/journal/run-state.ts'
import { encode } from '../../src/kernel/codec.ts'
import { accepted, events, failure } from '../observe/events.ts'

const first = chain('first').step('a', () => 1)
const second = chain('second').step('b', () => 2)
const find =
  (...chains: readonly AnyChain[]): FindChain =>
  ({ chain: id }) => {
    const found = chains.find(({ spec }) => spec.id === id)
    return found === undefined ? undefined : compile(found.spec)
  }
const both = find(first, second)
const plan = accepted(['second'], { first: [], second: ['first'] })
const no = failure('no')

const at = (chainKey: string, step: string, attempt = 1) => ({ chain: chainKey, step, attempt })
const begun = (key: string): Fact & { chain: string } => ({ type: 'chain.started', chain: key })
const started = (key: string, step: string, attempt = 1): Fact => ({
  type: 'attempt.started',
  ...at(key, step, attempt),
  inFlight: 1,
  config: 0,
})
const did = (key: string, step: string, output: unknown = null): Fact => ({
  type: 'attempt.succeeded',
  ...at(key, step),
  took: 1,
  payload: encode(output, 'output'),
})
const lost = (key: string, step: string, attempt = 1): Fact => ({
  type: 'attempt.lost',
  ...at(key, step, attempt),
})
const ended = (key: string, more: object = {}): Fact => ({
  type: 'chain.ended',
  chain: key,
  status: 'succeeded',
  ...more,
})

const folded = (chains: FindChain, ...facts: readonly Fact[]): RunFold =>
  foldEvents(events(...facts), chains) as RunFold
const standing = ({ chains }: RunFold): unknown =>
  Object.fromEntries([...chains].map(([key, { snapshot }]) => [key, snapshot.value]))

describe('the machines of a run', () => {
  test('are there from their chain’s start to its end', () => {
    const whole = [
      plan,
      begun('first'),
      started('first', 'a'),
      did('first', 'a', 5),
      ended('first', { payload: '5' }),
    ]
    const on = [begun('second'), started('second', 'b')]
    expect(standing(folded(both, plan))).toEqual({})
    expect(standing(folded(both, ...whole.slice(0, 3)))).toEqual({ first: 'a' })
    expect(standing(folded(both, ...whole.slice(0, 4)))).toEqual({ first: 'succeeded' })
    const fold = folded(both, ...whole, ...on)
    expect(standing(fold)).toEqual({ second: 'b' })
    expect(fold.chains.get('second')?.snapshot.context.needs).toEqual({ first: 5 })
    expect([...fold.state.nodes.values()].map(({ status }) => status)).toEqual(['succeeded', 'running'])
    expect([fold.progress, fold.divergence, fold.losses.size, fold.copiedTo]).toEqual([4, undefined, 0, 1])
  })

  test('are the same whether its events are folded at once or one by one', () => {
    const all = events(plan, begun('first'), started('first', 'a'), lost('first', 'a'), {
      type: 'run.paused',
    })
    const one = beginRun(all[0] as never)
    for (const event of all.slice(1)) applyEvent(one, event, both)
    const atOnce = foldEvents(all, both) as RunFold
    expect(standing(one)).toEqual(standing(atOnce))
    expect([one.state, one.losses]).toEqual([atOnce.state, atOnce.losses])
  })

  test('are not there without the run’s acceptance', () => {
    expect(foldEvents(events(begun('first')), both)).toBeUndefined()
    expect(foldEvents([], both)).toBeUndefined()
  })

  test('of chains that are none of it take nothing', () => {
    const fold = folded(both, plan, started('second', 'b'), ended('third'), {
      type: 'chain.undone',
      chain: 'third',
    })
    expect([standing(fold), fold.divergence]).toEqual([{}, undefined])
  })

  test('of a user’s own are not folded', () => {
    const own = fromMachine(
      'own',
      createMachine({ initial: 'x', states: { x: {} } }) as never,
    ) as unknown as AnyChain
    const fold = folded(find(own), accepted(['own'], { own: [] }), begun('own'), lost('own', 'load'))
    expect(fold.chains.get('own')?.guest?.lost).toEqual(new Map([['load', 1]]))
  })
})

describe('a history that does not fit', () => {
  test('says where, and goes on with the run alone', () => {
    const fold = folded(
      both,
      plan,
      begun('first'),
      started('first', 'x'),
      started('first', 'a'),
      ended('first'),
    )
    expect(fold.divergence).toEqual({
      seq: 3,
      type: 'attempt.started',
      detail: 'no actor "x" is in progress',
    })
    expect(standing(fold)).toEqual({ first: 'a' })
    expect(fold.chains.get('first')?.open.size).toBe(0)
    expect(fold.state.nodes.get('first')?.status).toBe('succeeded')
  })

  test('may be that of a chain that is not registered', () => {
    const fold = folded(find(second), plan, begun('first'), started('first', 'a'))
    expect(fold.divergence).toEqual({
      seq: 2,
      type: 'chain.started',
      detail: 'no chain "first" is registered',
    })
    expect(fold.chains.size).toBe(0)
  })
})

describe('a chain that calls another', () => {
  const callee = chain('callee').step('x', () => 1, { compensate: () => {} })
  const deeper = chain('deeper').call('more', callee)
  const caller = chain('caller').call('sub', deeper).wait('w')
  const chains = find(callee, deeper, caller)
  const decided = (key: string, step: string): Fact => ({
    type: 'decision.made',
    chain: key,
    step,
    payload: '1',
  })
  const calls = (by: string, step: string, of: string): Fact => ({
    type: 'chain.started',
    chain: `${by}/${step}`,
    call: { chain: by, step },
    of,
    payload: '7',
  })
  const calling: readonly Fact[] = [
    accepted(['caller'], { caller: [] }),
    begun('caller'),
    decided('caller', 'sub:input'),
    calls('caller', 'sub', 'deeper'),
    decided('caller/sub', 'more:input'),
    calls('caller/sub', 'more', 'callee'),
    started('caller/sub/more', 'x'),
  ]
  const succeeded: readonly Fact[] = [
    did('caller/sub/more', 'x', 9),
    ended('caller/sub/more', { payload: '9' }),
    ended('caller/sub', { payload: '9' }),
  ]
  const outcomes = (fold: RunFold): unknown =>
    [...fold.chains].flatMap(([key, of]) =>
      (of.started?.undos() ?? []).map(({ outcome }) => `${key} ${outcome}`),
    )

  test('waits for it, and takes its output', () => {
    const fold = folded(chains, ...calling)
    expect(standing(fold)).toEqual({
      caller: { sub: 'calling' },
      'caller/sub': { more: 'calling' },
      'caller/sub/more': 'x',
    })
    expect(fold.chains.get('caller/sub/more')?.snapshot.context).toMatchObject({ input: 7, called: true })
    expect(outcomes(fold)).toEqual(['caller unknown', 'caller/sub unknown', 'caller/sub/more unknown'])
    expect(folded(chains, ...calling, ...succeeded).chains.get('caller')?.snapshot.context.steps).toEqual({
      sub: 9,
    })
  })

  test('keeps what has succeeded, as it may have to undo it', () => {
    const fold = folded(chains, ...calling, ...succeeded)
    expect(standing(fold)).toEqual({ caller: 'w', 'caller/sub': 'kept', 'caller/sub/more': 'kept' })
    expect(outcomes(fold)).toEqual(['caller succeeded', 'caller/sub succeeded', 'caller/sub/more succeeded'])
    expect(keptFor('caller', fold.state, fold.chains)).toEqual(['caller/sub', 'caller/sub/more'])
    expect(keptFor('caller/sub', fold.state, fold.chains)).toEqual(['caller/sub/more'])
    expect(keptFor('caller', fold.state, new Map([['caller/sub/more', 1]]))).toEqual(['caller/sub/more'])
    expect(keptFor('caller/sub/more', fold.state, fold.chains)).toEqual([])
    const running = folded(chains, ...calling)
    expect(keptFor('caller', running.state, running.chains)).toEqual([])
  })

  test('lets all of it go as it ends, or as it is undone itself', () => {
    expect(standing(folded(chains, ...calling, ...succeeded, ended('caller')))).toEqual({})
    const undone = folded(chains, ...calling, ...succeeded, { type: 'chain.undone', chain: 'caller/sub' })
    expect(standing(undone)).toEqual({ caller: 'w' })
  })

  test('leaves alone what others called', () => {
    const two = accepted(['caller', 'deeper'], { caller: [], deeper: [] })
    const fold = folded(
      chains,
      two,
      ...calling.slice(1),
      ...succeeded,
      begun('deeper'),
      decided('deeper', 'more:input'),
      calls('deeper', 'more', 'callee'),
      ended('caller'),
    )
    expect(standing(fold)).toEqual({ deeper: { more: 'calling' }, 'deeper/more': 'x' })
  })

  test('fails with it, where nobody undoes anything', () => {
    const plain = chain('callee').step('x', () => 1)
    const one = chain('caller').call('sub', plain)
    const fold = folded(
      find(plain, one),
      ...calling.slice(0, 3),
      calls('caller', 'sub', 'callee'),
      ended('caller/sub', { status: 'failed', failure: no, step: 'x' }),
    )
    expect(standing(fold)).toEqual({ caller: 'failed' })
    expect(fold.chains.get('caller')?.snapshot.output).toMatchObject({ step: 'sub', failure: no })
  })

  test('may be over, or gone from the code, as it ends', () => {
    const over = folded(chains, ...calling, ended('caller', { status: 'cancelled' }), ended('caller/sub'))
    expect(over.divergence).toBeUndefined()
    expect([...over.chains.keys()]).not.toContain('caller')
    const all = events(...calling, ...succeeded)
    const fold = foldEvents(all.slice(0, -1), chains) as RunFold
    applyEvent(fold, all.at(-1) as JournalEvent, find(callee, deeper))
    expect(standing(fold)).toMatchObject({ caller: { sub: 'calling' } })
  })
})

describe('losses', () => {
  const loss = { chain: 'first', step: 'a' }

  test('are counted in a row, for each attempt’s step and item by itself', () => {
    const fold = folded(both, plan)
    expect([countLoss(fold, loss, 3), countLoss(fold, loss, 4), countLoss(fold, loss, 5)]).toEqual([1, 2, 3])
    expect(countLoss(fold, { ...loss, item: 'x' }, 6)).toBe(1)
    expect(countLoss(fold, { ...loss, step: 'b' }, 7)).toBe(1)
    expect(countLoss(fold, { ...loss, chain: 'second' }, 8)).toBe(1)
    expect(countLoss(fold, loss, 9)).toBe(4)
  })

  test('begin anew where the run got on in between', () => {
    const fold = folded(both, plan)
    countLoss(fold, loss, 3)
    fold.progress = 4
    expect([countLoss(fold, loss, 5), countLoss(fold, loss, 6)]).toEqual([1, 2])
    fold.progress = 6
    // what succeeded by the same event is none in between
    expect(countLoss(fold, loss, 7)).toBe(3)
  })

  const twice = [
    begun('first'),
    started('first', 'a'),
    lost('first', 'a'),
    started('first', 'a', 2),
    lost('first', 'a', 2),
  ]
  const times = (fold: RunFold): unknown => [...fold.losses.values()].map((one) => one.times)

  test('are counted as the run is folded, and forgotten as it is retried', () => {
    expect(times(folded(both, plan, ...twice))).toEqual([2])
    expect(times(folded(both, plan, ...twice, { type: 'run.retried', back: [] }))).toEqual([])
  })

  test('of another run do not count for the one that was forked from it', () => {
    const copied = (n: number): Fact => ({ ...plan, origin: { run: 'q', seq: 9, copied: n } }) as Fact
    expect(times(folded(both, copied(3), ...twice))).toEqual([1])
    expect(times(folded(both, copied(5), ...twice))).toEqual([])
    expect(folded(both, copied(5), ...twice).copiedTo).toBe(6)
    expect(folded(both, { ...plan, origin: { run: 'q', seq: 9 } } as Fact).copiedTo).toBe(1)
    expect(foldOver(acceptRun(events(plan)[0] as never), new Map())).toMatchObject({
      copiedTo: 0,
      progress: 0,
    })
  })
})

test('what a retry takes back is gone from the machines, and its traces from the run', () => {
  const fold = folded(
    both,
    plan,
    begun('first'),
    started('first', 'a'),
    { type: 'attempt.failed', ...at('first', 'a'), failure: no, took: 1 },
    ended('first', { status: 'failed', failure: no, step: 'a' }),
    { type: 'run.ended', status: 'failed', failures: [] },
    { type: 'run.retried', back: [{ chain: 'first', to: 2 }] },
    started('first', 'a'),
  )
  expect([standing(fold), fold.divergence]).toEqual([{ first: 'a' }, undefined])
  expect([...(fold.chains.get('first')?.open.keys() ?? [])]).toEqual(['a'])
  expect([fold.state.ended, fold.state.nodes.get('first')?.status]).toEqual([undefined, 'running'])
})

describe('a chain starts', () => {
  const edge = (name: string, kind: PlanEdge['kind'], key = name): PlanEdge => ({ name, key, kind })
  const node = (more: Partial<NodeState>): NodeState => ({
    key: 'c',
    chain: 'c',
    version: '',
    needs: [],
    rule: 'all_success',
    status: 'running',
    input: undefined,
    output: undefined,
    ...more,
  })
  const upstreams = new Map<string, NodeState>([
    ['ok', node({ status: 'succeeded', output: '{"n":1}' })],
    ['nothing', node({ status: 'succeeded' })],
    ['bad', node({ status: 'failed', failure: no, output: '3' })],
    ['not', node({ status: 'skipped' })],
  ])
  const inputOf = (more: Partial<NodeState>): unknown =>
    chainInput({ nodes: upstreams } as RunState, node(more))

  test('from its input alone where it needs nothing, and with the word that it was called', () => {
    expect(inputOf({ input: '{"a":1}' })).toStrictEqual({ input: { a: 1 } })
    expect(inputOf({})).toStrictEqual({ input: undefined })
    expect(inputOf({ input: '4', call: { chain: 'b', step: 's' } })).toStrictEqual({ input: 4, called: true })
  })

  test('from what it needs, by its own names for it', () => {
    const needs = [
      edge('one', 'hard', 'ok'),
      edge('nothing', 'hard'),
      edge('bad', 'optional'),
      edge('not', 'order'),
    ]
    expect(inputOf({ input: '4', needs: [...needs, edge('gone', 'hard')] })).toStrictEqual({
      input: 4,
      needs: { one: { n: 1 }, nothing: undefined, bad: undefined },
    })
  })

  test('from how they ended, where its rule lets it start without their success', () => {
    const needs = [edge('ok', 'hard'), edge('bad', 'hard'), edge('not', 'hard'), edge('nothing', 'optional')]
    expect(inputOf({ needs, rule: 'all_done' })).toStrictEqual({
      input: undefined,
      needs: {
        ok: { status: 'succeeded', output: { n: 1 } },
        bad: { status: 'failed', failure: no },
        not: { status: 'skipped' },
        nothing: undefined,
      },
    })
  })

  test('and only one that has succeeded has an output', () => {
    expect([...upstreams.values()].map(outputOf)).toEqual([{ n: 1 }, undefined, undefined, undefined])
  })
})

test.each<readonly [object, unknown]>([
  [{ payload: '{"n":1}' }, { status: 'succeeded', output: { n: 1 } }],
  [{}, { status: 'succeeded', output: undefined }],
  [
    { status: 'failed', failure: no, step: 's' },
    { status: 'failed', failure: no, step: 's' },
  ],
  [
    { status: 'failed', failure: no },
    { status: 'failed', failure: no, step: '' },
  ],
  [{ status: 'failed' }, { status: 'cancelled' }],
  [{ status: 'cancelled', failure: no }, { status: 'cancelled' }],
  [{ status: 'skipped' }, { status: 'cancelled' }],
])('a chain that ended with %j has the outcome %j', (more, outcome) => {
  expect(outcomeOf(events(ended('c', more))[0] as never)).toStrictEqual(outcome)
})
