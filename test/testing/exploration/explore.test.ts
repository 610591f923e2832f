import { expect, test } from 'vitest'
import { z } from 'zod'
import { chain } from '../../../src/index.ts'
import * as kit from '../../../src/testing.ts'
import { runCode } from './run-code.ts'
import { type Exploration, type FaultName, assertHolds, explore } from '../../../src/testing.ts'

const backoff = { initial: '1s', jitter: 'none' } as const
const unseeded = { drawn: 0 } as const
const few = { stories: 20, drawn: 0 } as const

interface Bank {
  charges: { readonly key: string }[]
}
const bank = (): Bank => ({ charges: [] })
const pay = chain<number>('pay')
  .step('check', ({ input }) => input > 0)
  .step('charge', ({ app, idempotencyKey }) => void (app as Bank).charges.push({ key: idempotencyKey }), {
    attempts: 3,
    backoff,
  })
const once = { 'charged once': ({ world }: { readonly world: Bank }) => world.charges.length <= 1 }

test('a payment that is made twice as its process dies after it is found, with the shortest way to it', async () => {
  const found = await explore(pay, once, { world: bank, input: 5 })
  expect(found.counterexample).toMatchObject({
    invariant: 'charged once',
    script: [{ at: 'charge', does: 'crash-after-effect' }],
  })
  expect(found.counterexample?.code).toMatchInlineSnapshot(`
    "const t = await harness(pay, { hold: true, app: world, input: 5 })
    await (await t.attempt('check')).real()
    await (await t.attempt('charge')).work()
    await t.crash()
    await (await t.attempt('charge')).real()
    // charged once: it does not hold"
  `)
  expect(() => assertHolds(found)).toThrow(
    /broken: charged once[^]*as a test:[^]*to replay: .*seed: 1, script/,
  )
})

test('what a counterexample prints is a test that shows the same', async () => {
  const found = await explore(pay, once, { world: bank, input: 5 })
  const world = bank()
  await runCode(found, { pay, world })
  expect(world.charges).toHaveLength(2)
})

test('a counterexample replays by its script alone', async () => {
  const found = await explore(pay, once, { world: bank, input: 5 })
  const { script = [], seed } = found.counterexample ?? {}
  const again = await explore(pay, once, { world: bank, input: 5, script, seed: seed ?? 0 })
  expect(again.stories).toBe(1)
  expect(again.counterexample).toEqual(found.counterexample)
})

test('what is charged by its key holds, whatever happens', async () => {
  const byKey = {
    'charged once': ({ world }: { readonly world: Bank }) =>
      new Set(world.charges.map(({ key }) => key)).size <= 1,
  }
  const found = await explore(pay, byKey, { world: bank, input: 5, drawn: 5 })
  assertHolds(found)
  expect(found).toMatchObject({ leftOut: 0, missing: [], counterexample: undefined })
})

// as in the README
const extract = chain('extract').step(
  'fetch',
  ({ attempt }) => {
    if (attempt === 1) throw new Error('connection reset')
    return ['Ada', 'Grace']
  },
  { attempts: 5, backoff: { initial: '50ms' }, timeout: '30s' },
)
const report = chain('report')
  .needs({ extract })
  .step('render', ({ needs }) => `${needs.extract.length} people: ${needs.extract.join(', ')}`)
  .step('publish', ({ steps }) => `published ${steps.render}`)

test('of the chain of the README nothing breaks, and all of its machines is visited', async () => {
  for (const one of [extract, report]) {
    const found = await explore(one, {}, { drawn: 3 })
    assertHolds(found)
    expect(found).toMatchObject({ missing: [], leftOut: 0 })
  }
})

test('the same seed explores the same', async () => {
  const seen: string[][] = []
  for (const seed of [3, 3, 4]) {
    const calls: string[] = []
    seen.push(calls)
    const noting = {
      noted: ({ events, end }: kit.Seen) =>
        end === undefined || calls.push(events.map(({ type, at }) => `${type} ${at}`).join()) > 0,
    }
    await explore(extract, noting, { seed, stories: 30, drawn: 15 })
  }
  expect(seen[1]).toEqual(seen[0])
  expect(seen[2]).not.toEqual(seen[0])
})

const order = chain('order')
  .step('reserve', () => 'held', { timeout: '5s', attempts: 2, backoff, compensate: () => {} })
  .wait('approval', z.boolean(), { timeout: '1d' })
  .wait('note')
  .sleep('rest', '1h')
  .step('ship', ({ steps }) => steps.approval)

test('every kind of fault is tried', async () => {
  const script = async (does: FaultName, at: string, more: object = {}): Promise<Exploration> =>
    explore(
      order,
      { never: ({ end }) => end === undefined },
      {
        signals: { approval: true },
        script: [{ at, does, ...more }],
      },
    )
  const lines = async (...of: Parameters<typeof script>): Promise<string> =>
    (await script(...of)).counterexample?.timeline ?? ''
  expect(await lines('crash', 'ship')).toContain('ship is lost with its process')
  expect(await lines('fail', 'reserve')).toContain('reserve fails: connection refused')
  expect(await lines('fail-after-effect', 'reserve')).toContain('reserve fails: no answer came')
  expect(await lines('fail-for-good', 'reserve')).toContain('chain order failed')
  expect(await lines('hang', 'reserve')).toMatch(/5 s +reserve fails: .*\n.*backs off/)
  expect(await lines('late', 'reserve')).toContain('reserve succeeded too late')
  expect(await lines('cancel', 'time')).toContain('cancelled, undone: reserve')
  expect(await lines('pause', 'reserve')).toContain('run is resumed')
  expect(await lines('no-slots', 'time')).toContain('waits for slot')
  expect(await lines('signal-early', 'reserve', { signal: 'note' })).toMatch(
    /signal note comes[^]*signal approval/,
  )
  expect(await lines('signal-twice', 'signal note')).toMatch(/(signal note comes[^]*){2}/)
  expect(await lines('signal-never', 'signal approval')).toContain('approval:timeout is due')
  for (const how of ['refused', 'unheard', 'dies-before', 'dies-after'] as const)
    expect(await lines(`commit-${how}`, 'signal note')).toContain('chain order succeeded')
})

test('an order that waits, sleeps and is undone holds in every run, and all of its machine is visited', async () => {
  const found = await explore(order, {}, { signals: { approval: true }, ...unseeded })
  assertHolds(found)
  expect(found.missing).toEqual([])
})

test('a signal that nobody sends is waited for by its name, and breaks nothing', async () => {
  assertHolds(await explore(order, {}, { ...unseeded, stories: 1 }))
})

test('what takes two faults is found, and shown with these two alone', async () => {
  const both = {
    'never twice in doubt': ({ calls }: kit.Seen) =>
      calls.filter(({ step }) => step === 'charge').length <= 2,
  }
  const found = await explore(pay, both, { world: bank, input: 5 })
  expect(found.counterexample?.script).toEqual([
    { at: 'charge', does: 'crash-after-effect' },
    { at: 'charge', nth: 2, does: 'crash-after-effect' },
  ])
  const { script = [] } = found.counterexample ?? {}
  const fewer = await explore(pay, both, { world: bank, input: 5, script: script.slice(0, 1) })
  expect(fewer.counterexample).toBeUndefined()
})

test('a bound says what it left out', async () => {
  const found = await explore(pay, {}, { world: bank, input: 5, stories: 5, ...unseeded })
  expect(found.stories).toBe(5)
  expect(found.leftOut).toBeGreaterThan(10)
  expect(String(found)).toContain(`${found.leftOut} faults were left out`)
})

test.each([
  ['returns a text', () => 'so it is', 'so it is'],
  ['throws', () => expect(1).toBe(2), 'expected 1 to be 2'],
  ['waits', async () => {}, 'it returned a promise'],
])('an invariant that %s is broken by that', async (_, holds, message) => {
  const found = await explore(extract, { it: holds }, unseeded)
  expect(found.counterexample?.message).toContain(message)
})

test('bounds that are none are refused', async () => {
  await expect(explore(pay, {}, { stories: -1 })).rejects.toMatchObject({ code: 'BAD_OPTION' })
})

test('a process that dies as it recovers, a clock that is set, and reads that fail are told as a test, and outlived', async () => {
  const nap = chain('nap')
    .step('fetch', () => 'rows', { attempts: 3, backoff })
    .sleep('rest', '1h')
  const lines: Record<string, readonly string[]> = {}
  for (const does of ['crash-in-recovery', 'clock-ahead', 'clock-back', 'reads-fail'] as const) {
    const script = [{ at: 'fetch', does }]
    assertHolds(await explore(nap, {}, { script }))
    const seen = { 'never seen': ({ end }: { readonly end: unknown }) => end === undefined }
    const found = await explore(nap, seen, { script })
    await runCode(found, { nap })
    lines[does] = found.counterexample?.code.split('\n').slice(1, -2) ?? []
  }
  expect(lines).toMatchObject({
    'crash-in-recovery': expect.arrayContaining(['await t.crash({ during: 1 })']) as string[],
    'clock-ahead': expect.arrayContaining(['t.clock.jump(21600000)']) as string[],
    'clock-back': expect.arrayContaining(['t.clock.jump(-21600000)']) as string[],
    'reads-fail': expect.arrayContaining(['t.store.failReads()', 't.store.failReads(false)']) as string[],
  })
})

test('a transact step without a script is refused, as nothing after it would be reached', async () => {
  const sub = chain('sub').transact('keep', () => 1)
  const book = chain('book')
    .transact('book', () => 1)
    .call('sub', sub, () => undefined)
    .step('after', () => 2)
  const refused = async (options: kit.ExploreOptions<unknown, undefined>): Promise<string> =>
    explore(book, {}, { ...options, ...few }).then(
      () => 'nothing',
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    )
  const cure = /"book\/book" is a transact step,.* give { steps: { book: succeed\(\.\.\.\) } }/
  expect(await refused({})).toMatch(/^BAD_OPTION: /)
  expect(await refused({})).toMatch(cure)
  expect(await refused({})).toMatch(/give { steps: { 'sub\/keep': succeed/)
  expect(await refused({ steps: { book: 'real', 'sub/keep': kit.succeed(1) } })).toMatch(cure)
  expect(await refused({ steps: { 'book/book': kit.succeed(1) }, needs: { sub: 1 } })).toBe('nothing')
  const both = { book: kit.succeed(1), 'sub/keep': kit.succeed(1) }
  const found = await explore(book, {}, { ...few, steps: both })
  assertHolds(found)
  expect(found.missing).not.toContain('succeeded')
  expect(found.missing).not.toContain('after')
})
