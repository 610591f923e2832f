// What a chain is compiled to: what its machine does where its end is a decision, and what the engine reads of its steps.

import { expect, test } from 'vitest'
import { type AnyStateMachine, SimulatedClock, createActor, setup } from 'xstate'
import { z } from 'zod'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'

const failing = (): never => {
  throw new Error('no')
}
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => void setImmediate(resolve))
}
/** How the machine ends alone. */
async function ended(machine: AnyStateMachine, input?: unknown): Promise<unknown> {
  const actor = createActor(machine, { clock: new SimulatedClock(), input: { input } }).start()
  await settle()
  return actor.getSnapshot().output
}

test('what decides the end of a chain fails it, as a step of its own', async () => {
  const thrown = chain('c')
    .step('s', () => 1)
    .returns(failing)
  expect(await ended(thrown.machine)).toMatchObject({
    status: 'failed',
    step: 'returning',
    failure: { kind: 'thrown', message: 'no' },
  })
  const unfit = chain('c', { output: z.number() }).step('s', () => 'text' as never)
  expect(await ended(unfit.machine)).toMatchObject({ status: 'failed', step: 'returning' })
  const undone: string[] = []
  const saga = chain('c')
    .step('s', () => 1, { compensate: () => void undone.push('s') })
    .returns(failing)
  expect(await ended(saga.machine)).toMatchObject({
    status: 'failed',
    step: 'returning',
    compensated: [{ step: 's', outcome: 'succeeded' }],
  })
  expect(await ended(saga.machine)).not.toHaveProperty('uncompensated')
  expect(undone).toEqual(['s', 's'])
})

test('what a chain returns is fit to its schema', async () => {
  const fit = chain('c', { output: z.coerce.number() }).step('s', () => '7' as never)
  expect(await ended(fit.machine)).toEqual({ status: 'succeeded', output: 7 })
  const returned = chain('c', { output: z.coerce.number() })
    .step('s', () => 1)
    .returns(({ steps }) => `${steps.s}1` as never)
  expect(await ended(returned.machine)).toEqual({ status: 'succeeded', output: 11 })
})

test('a chain of nothing is over at once, and may return something', async () => {
  expect(await ended(chain('c').machine)).toEqual({ status: 'succeeded', output: undefined })
  expect(await ended(chain('c').returns(({ input }) => [input]).machine, 5)).toEqual({
    status: 'succeeded',
    output: [5],
  })
})

test('a cancelled chain that compensates tells what it undid, and what it could not', async () => {
  const held = chain('c')
    .step('a', () => 1, { compensate: () => {} })
    .step('b', async () => new Promise(() => {}), { compensate: () => {} })
  const actor = createActor(held.machine, { clock: new SimulatedClock(), input: {} }).start()
  await settle()
  actor.send({ type: 'cancel' })
  await settle()
  expect(actor.getSnapshot().output).toMatchObject({
    status: 'cancelled',
    compensated: [{ step: 'b' }, { step: 'a' }],
  })
})

test('what could not be undone is told beside what was', async () => {
  const saga = chain('c')
    .step('a', () => 1, { compensate: { run: failing, attempts: 1 } })
    .step('b', () => 2, { compensate: () => {} })
    .step('x', failing)
  const actor = createActor(saga.machine, { clock: new SimulatedClock(), input: {} }).start()
  await settle()
  expect(actor.getSnapshot().value).toEqual({ compensating: 'stuck' })
  actor.send({ type: 'give-up' })
  await settle()
  const { compensated, uncompensated } = actor.getSnapshot().output as unknown as Record<string, unknown>
  expect(compensated).toEqual([{ step: 'b', outcome: 'succeeded' }])
  expect(uncompensated).toEqual([{ step: 'a', outcome: 'succeeded' }])
})

test('a wait waits as long as it may, and no longer', async () => {
  const clock = new SimulatedClock()
  const { machine } = chain('c').wait('w', z.string(), { timeout: '5s' })
  const actor = createActor(machine, { clock, input: {} }).start()
  await settle()
  clock.increment(4_999)
  await settle()
  expect(actor.getSnapshot().value).toEqual({ w: 'waiting' })
  clock.increment(1)
  await settle()
  expect(actor.getSnapshot().output).toMatchObject({
    status: 'failed',
    step: 'w',
    failure: { kind: 'timeout' },
  })
})

test("a user's machine that is called ends the call with its output, or fails it", async () => {
  const adder = setup({ types: { input: {} as { a: number }, output: {} as number } }).createMachine({
    id: 'adder',
    initial: 'end',
    states: { end: { type: 'final' } },
    context: ({ input }) => ({ sum: input.a + 1 }),
    output: ({ context }) => (context as unknown as { sum: number }).sum,
  })
  const plain = chain<number>('c').call('k', fromMachine('plain', adder), ({ input }) => ({ a: input }))
  expect(await ended(plain.machine, 4)).toEqual({ status: 'succeeded', output: 5 })
  const mapped = fromMachine('mapped', adder, { input: ({ input }: { input: number }) => ({ a: input * 2 }) })
  const called = chain<number>('c').call('k', mapped, ({ input }) => input)
  expect(await ended(called.machine, 4)).toEqual({ status: 'succeeded', output: 9 })
  const broken = setup({}).createMachine({ id: 'broken', entry: failing })
  expect(await ended(chain('c').call('k', fromMachine('broken', broken)).machine)).toMatchObject({
    status: 'failed',
    step: 'k',
    failure: { message: 'no' },
  })
})

test('a chain has one machine, and what its steps are called with is read of it by name', () => {
  const bodies = { s: () => 1, instead: () => 2, plain: () => 3 }
  const schema = z.number()
  const whole = chain('c', { description: 'all of it' })
    .step('s', bodies.s, {
      attempts: 3,
      timeout: '1s',
      deadline: '9s',
      heartbeat: '2s',
      uses: ['bank'],
      output: schema,
      fallback: bodies.instead,
    })
    .step('plain', bodies.plain, { fallback: bodies.instead, compensate: () => {} })
    .sleep('nap', '1s')
  const compiled = compile(whole.spec)
  expect(compile(whole.spec)).toBe(compiled)
  expect(compiled.machine.config.description).toBe('all of it')
  expect(Object.keys(compile(chain('d').spec).machine.config)).not.toContain('description')
  expect([...compiled.attempts.keys()]).toEqual(['s', 's:fallback', 'plain', 'plain:fallback'])
  expect(compiled.attempts.get('s')).toEqual({
    kind: 'attempt',
    id: 's',
    body: bodies.s,
    options: expect.objectContaining({ attempts: 3, timeout: 1_000, deadline: 9_000, heartbeat: 2_000 }),
    substitute: false,
  })
  const { attempts, backoff } = compiled.attempts.get('s')?.options ?? {}
  expect(compiled.attempts.get('s:fallback')).toEqual({
    kind: 'attempt',
    id: 's:fallback',
    body: bodies.instead,
    // it is called once, and nothing watches over it but its time
    options: {
      attempts,
      backoff,
      timeout: 1_000,
      output: schema,
      idempotent: false,
      pure: false,
      stub: false,
      reads: [],
      writes: [],
      uses: ['bank'],
    },
    substitute: true,
  })
  expect(Object.keys(compiled.attempts.get('plain:fallback')?.options ?? {})).not.toContain('timeout')
  expect([...(compiled.undoable?.keys() ?? [])]).toEqual(['plain'])
  expect(compiled.undoable?.get('plain')).toMatchObject({ name: 'plain' })
  expect(compile(chain('d').spec)).not.toHaveProperty('undoable')
})
