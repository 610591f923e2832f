// Whatever the kit is given wrongly, it says so with a code and a cure, and goes on with nothing.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type AnyChain, chain, service } from '../../src/index.ts'
import { anyChain, anyGraph, faultsOf, inputOf } from '../../src/fast-check.ts'
import * as kit from '../../src/testing.ts'
import type { Trace } from '../../src/testing.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'

const greet = chain('greet')
  .step('ask', () => 'who?', { attempts: 2, timeout: '1s' })
  .wait('go')
const folder = mkdtempSync(join(tmpdir(), 'catenary-bad-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The same functions, as JavaScript meets them. */
type Loose = (...given: readonly unknown[]) => unknown
type Tools =
  | 'harness'
  | 'explore'
  | 'coverage'
  | 'shortestPaths'
  | 'simplePaths'
  | 'slow'
  | 'flaky'
  | 'writeCoverage'
type Others =
  | 'assertHolds'
  | 'assertIn'
  | 'assertRun'
  | 'assertWaitedFor'
  | 'createVirtualClock'
  | 'createFaultyStore'
  | 'describeStoreConformance'
const loose = kit as unknown as Readonly<Record<Tools | Others, Loose>>
const { harness, explore, coverage, shortestPaths, simplePaths, slow, flaky, assertHolds, writeCoverage } =
  loose
const { assertIn, assertRun, assertWaitedFor, createVirtualClock, createFaultyStore } = loose
const { describeStoreConformance } = loose
const fromTrace = kit.harness.fromTrace as unknown as Loose
const memory = kit.createMemoryStore(kit.createMemoryContents())
const few = { stories: 2, drawn: 0 }

const throwing = (odd: unknown) => (): never => {
  throw odd
}

async function refusal(act: () => unknown): Promise<CatenaryError> {
  try {
    await act()
  } catch (error) {
    if (CatenaryError.is(error)) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const chainless: Readonly<Record<string, Loose>> = {
  harness,
  explore,
  coverage,
  shortestPaths,
  simplePaths,
  fromTrace: (given) => fromTrace({}, given),
  inputOf: inputOf as Loose,
  faultsOf: faultsOf as Loose,
}

describe.each(Object.keys(chainless))('%s', (name) => {
  test.each([
    ['nothing', undefined, 'make one with chain(id)'],
    ['null', null, 'make one with chain(id)'],
    ['an object', {}, 'make one with chain(id)'],
    ['a text', 'greet', 'make one with chain(id)'],
    ['the machine of a chain', greet.machine, 'give the chain that it is of'],
    ['a service', service('bank', async () => {}), 'test it in a supervisor'],
  ])('takes a chain, and not %s', async (_, given, cure) => {
    const error = await refusal(() => chainless[name]?.(given))
    expect(error.code).toBe('BAD_OPTION')
    expect(error.message).toContain(cure)
  })
})

test('all that is wrong with a harness is in one error', async () => {
  const { code, message } = await refusal(() =>
    harness(greet, {
      steps: { aks: kit.succeed(1), ask: 5, 'greet/ask': [], 'gret/ask': 'real', 'ask:fallback': 'reel' },
      needs: { order: 1 },
      chains: [5],
      seed: 'x',
      now: NaN,
      hold: 1,
      sede: 4,
      store: 'app.db',
    }),
  )
  expect(code).toBe('BAD_OPTION')
  for (const problem of [
    'harness() has no option "sede" (did you mean seed?), "store"',
    'chains of a harness takes a chain',
    'steps has "aks", and chain "greet" has no such step: it has ask, go',
    'steps.ask is no script: give succeed(value)',
    'steps.greet/ask is no script',
    'steps has "gret/ask", and there is no such chain: there are greet',
    'steps.ask:fallback is no script',
    'needs has "order", which no chain here needs or calls: there are greet',
    'now is NaN: give a number from 0 on',
    'seed is "x": give a number',
    'hold is neither true nor false',
  ])
    expect(message).toContain(problem)
})

test('all that is wrong with an exploration is in one error', async () => {
  const { code, message } = await refusal(() =>
    explore(
      greet,
      { charged: true },
      {
        seed: 'x',
        stories: -1,
        drawn: 0.5,
        world: [],
        signals: { stop: 1 },
        script: [null, { at: 'ask', does: 'explode' }, { at: 'ask', nth: 0, does: 'crash' }],
        storie: 3,
        occupied: true,
        steps: { aks: kit.succeed(1) },
      },
    ),
  )
  expect(code).toBe('BAD_OPTION')
  for (const problem of [
    'invariant "charged" is no function',
    'stories is -1',
    'drawn is 0.5',
    'seed is "x"',
    'world is no function',
    'signals has "stop", for which no step waits: they wait for go',
    'fault 1 of the script is none',
    'fault 2 of the script is none',
    'nth of fault 3 is 0',
    'explore() has no option "storie" (did you mean stories?), "occupied": it takes steps, input, needs, seed, start, ',
    'world, signals, stories, drawn, script',
    'steps has "aks"',
  ])
    expect(message).toContain(problem)
})

const trace = async (): Promise<Trace> => (await kit.harness(greet)).run.trace()

test.each<readonly [string, () => unknown, string]>([
  ['options of a harness', () => harness(greet, null), 'give { steps, needs, ... }'],
  ['invariants', () => explore(greet, null), 'takes invariants as an object'],
  ['options of an exploration', () => explore(greet, {}, 5), 'takes options as an object'],
  ['script', () => explore(greet, {}, { script: 5 }), 'script is no list'],
  ['a world that throws', () => explore(greet, {}, { world: throwing(null), ...few }), 'world of'],
  [
    'what an exploration is not awaited for',
    () => assertHolds(explore(greet, {}, few)),
    'give await explore',
  ],
  ['options of flaky()', () => flaky(0.5, kit.succeed(), { sede: 3 }), 'did you mean seed?'],
  ['the seed of flaky()', () => flaky(0.5, kit.succeed(), { seed: 'x' }), 'give a number'],
  ['the script that slow() goes on with', () => slow('1s', 5), 'give succeed(value)'],
  ['a harness that is not awaited', () => assertIn(harness(greet), 'ask'), 'await harness(chain)'],
  ['no harness', () => assertRun(undefined, 'ask'), 'await harness(chain)'],
  ['bounds of paths', () => simplePaths(greet, { most: 5 }), 'paths has no option "most"'],
  ['options of a clock', () => createVirtualClock({ now: 'x', sed: 1 }), '(did you mean seed?); now is "x"'],
  ['a clock of null', () => createVirtualClock(null), 'options of createVirtualClock() are no object'],
  ['slots', () => harness(greet, { concurrency: 0 }), 'concurrency is 0: give a whole number from 1 on'],
  [
    'the chain under test as something else',
    () => harness(greet, { needs: { greet: 5 } }),
    'needs has "greet", which is the chain under test itself: give what',
  ],
  [
    'chances of null',
    () => createFaultyStore(memory, kit.createVirtualClock(), null),
    'options of createFaultyStore() are no object',
  ],
  ['a store to prove', () => describeStoreConformance(), 'are no object: give { name, create'],
  ['no store', () => createFaultyStore(), 'takes a store to break'],
  [
    'chances',
    () => createFaultyStore(memory, kit.createVirtualClock(), { powerCut: 7, failBefor: 1 }),
    '(did you mean failBefore?); powerCut is 7',
  ],
  [
    'how an append fails',
    () => (createFaultyStore(memory, kit.createVirtualClock()) as { failNext: Loose }).failNext('x'),
    'give failBefore, failAfter or powerCut',
  ],
  [
    'a file where coverage should be a folder',
    () => writeCoverage(import.meta.filename),
    'give the path of a folder',
  ],
  ['a number where coverage should be a folder', () => writeCoverage(5), 'give the path of a folder'],
  ['entries that are drawn', () => anyChain({ entries: 'x' as never }), 'entries is "x"'],
  ['chains that are drawn', () => anyGraph({ chains: 0 }), 'chains is 0'],
  ['faults that are drawn', () => faultsOf(greet, { most: -1 }), 'most is -1'],
])('%s: it is said what to give', async (_, act, cure) => {
  const error = await refusal(act)
  expect(error.code).toBe('BAD_OPTION')
  expect(error.message).toContain(cure)
})

test('an assertion whose expectation cannot be meant is refused, and does not just hold or fail', async () => {
  const t = await kit.harness(greet)
  const expectations = [
    () => assertRun(t, 'ask', { attempt: 1 }),
    () => assertIn(t, undefined),
    () => assertWaitedFor(t, 'ask', { atleast: 1 }),
    () => assertWaitedFor(t, 'ask'),
  ]
  const codes = await Promise.all(expectations.map(async (act) => (await refusal(act)).code))
  expect(codes).toEqual(['BAD_OPTION', 'BAD_OPTION', 'BAD_OPTION', 'BAD_DURATION'])
  const odd = t as unknown as Readonly<Record<string, Loose>>
  expect((await refusal(() => odd['attempt']?.(5))).message).toBe('the name of a step is 5: give a text')
  expect((await refusal(() => odd['breakCommit']?.('x'))).message).toContain('give one of refused, unheard')
  expect((await refusal(() => odd['breakCommit']?.('refused', 0))).code).toBe('BAD_OPTION')
  for (const [given, said] of [
    [{ durin: 2 }, 'crash() has no option "durin" (did you mean during?)'],
    [{ during: 0 }, 'during is 0: give a whole number from 1 on'],
    [5, 'options of crash() are no object: give { during'],
    [null, 'options of crash() are no object'],
  ] as const)
    expect((await refusal(() => odd['crash']?.(given))).message).toContain(said)
})

test('all that is missing for the proof of a store is in one error', async () => {
  const given = { name: 5, create: memory, tset: test, client: 'none' }
  const { code, message } = await refusal(() => describeStoreConformance(given))
  expect(code).toBe('BAD_OPTION')
  for (const problem of [
    'describeStoreConformance() has no option "tset" (did you mean test?)',
    "takes the name of the store: give { name: 'my store', ... }",
    'takes create as a function',
    'takes reopen as a function',
    'takes describe as a function: give that of your test runner',
    'takes test as a function',
    'takes client as a function',
  ])
    expect(message).toContain(problem)
})

test('a harness that was stopped says so, and nothing of it hangs', async () => {
  const t = await kit.harness(greet)
  await t.stop()
  const asked = [
    () => t.attempt('ask'),
    () => t.attempts(),
    () => t.advance('1s'),
    () => t.signal('go'),
    () => t.cancel(),
    () => t.crash(),
    () => t.again(),
    () => t.occupy(),
    () => t.end(),
  ]
  for (const act of asked) expect((await refusal(act)).code, String(act)).toBe('SUPERVISOR_STOPPED')
  await t.stop()
})

test.each([
  ['nothing', throwing(null), 'null'],
  ['what has no words', throwing(Object.create(null)), '{}'],
  ['a symbol', throwing(Symbol('odd')), 'Symbol(odd)'],
  ['never, as it returned a promise', () => new Promise(() => {}), 'waits for nothing'],
  [
    'never, as it returned what will never be there', // oxlint-disable-next-line unicorn/no-thenable -- as authors' code may
    () => ({ then: () => {} }),
    'waits for nothing',
  ],
])('an invariant that throws %s is broken, and said to be', async (_, holds, said) => {
  const { counterexample } = await kit.explore(greet, { odd: holds as unknown as () => boolean }, few)
  expect(counterexample?.invariant).toBe('odd')
  expect(counterexample?.message).toContain(said)
})

test('a step that never comes to an end is waited for by nobody', async () => {
  const stuck = chain('stuck').step('hang', () => new Promise<void>(() => {}))
  const { counterexample } = await kit.explore(stuck, {}, few)
  expect(counterexample?.invariant).toBe('a run ends, or waits for something that has a name')
})

test('a trace that is cut off, of others, or of odd values is refused by name', async () => {
  const whole = await trace()
  const file = join(folder, 'cut.trace.json')
  writeFileSync(file, JSON.stringify(whole).slice(0, 400))
  const odd = { ...whole, events: whole.events.map((event) => ({ ...event, payload: '{' })) }
  const refused = [
    [() => fromTrace(file, greet), 'BAD_TRACE', 'was cut off: copy it whole'],
    [() => fromTrace(folder, greet), 'BAD_TRACE', 'cannot be read'],
    [
      () =>
        fromTrace(
          whole,
          chain('other').step('x', () => 1),
        ),
      'BAD_TRACE',
      'greet is not among the chains',
    ],
    [
      () =>
        fromTrace(
          whole,
          chain('greet').step('x', () => 1),
        ),
      'TRACE_DIVERGED',
      'ask starts',
    ],
    [() => fromTrace(odd, greet), 'BAD_TRACE', 'payload'],
    [() => fromTrace(whole, greet, { exacty: false }), 'BAD_OPTION', 'exactly'],
  ] as const
  for (const [act, code, said] of refused) {
    const error = await refusal(act)
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(said)])
  }
})

test('what is wrong with a chain is told before scripts stand in for it', async () => {
  const plain = chain('loose') as unknown as Readonly<Record<string, (...given: unknown[]) => AnyChain>>
  const wrong = [
    [plain['each']?.('send', [1], () => 1), 'the items of each "send" are no function'],
    [plain['call']?.('sub', 5), 'call "sub" was given no chain'],
  ] as const
  for (const [bad, said] of wrong) {
    const error = await refusal(() => harness(bad))
    expect([error.code, error.message]).toEqual(['BAD_DEFINITION', expect.stringContaining(said)])
  }
})

test('a trace of very many events is read', async () => {
  const { events, ...head } = await trace()
  const [first] = events
  if (first === undefined) throw new Error('there is no event')
  const many = Array.from({ length: 150_000 }, (_, at) => ({
    type: 'run.paused',
    run: head.run,
    at: first.at,
    seq: first.seq + 1 + at,
  }))
  const error = await refusal(() => fromTrace({ ...head, events: [first, ...many] }, greet))
  expect(error.code).toBe('TRACE_DIVERGED')
})
