// What a chain undoes when its machine runs alone, under plain XState.

import { expect, test } from 'vitest'
import { type AnyStateMachine, SimulatedClock, createActor } from 'xstate'
import { chain } from '../../src/chain/create-chain.ts'
import { NonRetryable, OutcomeUnknown } from '../../src/kernel/failure.ts'

const fails = (): never => {
  throw new NonRetryable('no')
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

function alone(machine: AnyStateMachine) {
  const actor = createActor(machine, { clock: new SimulatedClock(), input: {} })
  actor.start()
  return actor
}

function undoer() {
  const undone: string[] = []
  const undo = (name: string) => (context: { readonly outcome: string; readonly output: unknown }) => {
    undone.push(`${name} ${context.outcome} ${JSON.stringify(context.output)}`)
  }
  return { undone, undo }
}

test('a failed chain undoes its steps and items, the last first, before it ends', async () => {
  const { undone, undo } = undoer()
  const c = chain('c')
    .step('a', () => 1, { compensate: undo('a') })
    .each(
      'many',
      () => ['x', 'y'],
      (item) => `did ${item}`,
      {
        inFlight: 1,
        compensate: (item, context) => undo(item)(context),
      },
    )
    .step(
      'b',
      () => {
        throw new OutcomeUnknown('no answer')
      },
      { compensate: undo('b') },
    )
  const actor = alone(c.machine)
  await settle()
  expect(undone).toEqual([
    'b unknown undefined',
    'y succeeded "did y"',
    'x succeeded "did x"',
    'a succeeded 1',
  ])
  expect(actor.getSnapshot().output).toMatchObject({
    status: 'failed',
    step: 'b',
    compensated: [{ step: 'b' }, { step: 'many' }, { step: 'many' }, { step: 'a' }],
  })
})

test('a called chain that has succeeded is undone with its caller', async () => {
  const { undone, undo } = undoer()
  const callee = chain('callee').step('one', () => 1, { compensate: undo('one') })
  const c = chain('c')
    .step('a', () => 1, { compensate: undo('a') })
    .call('sub', callee)
    .step('bad', fails)
  const actor = alone(c.machine)
  await settle()
  expect(undone).toEqual(['one succeeded 1', 'a succeeded 1'])
  expect(actor.getSnapshot().value).toBe('failed')
})

test('a called chain in the middle of its work is cancelled with its caller, and undone', async () => {
  const { undone, undo } = undoer()
  const callee = chain('callee')
    .step('one', () => 1, { compensate: undo('one') })
    .wait('signal')
  const c = chain('c')
    .step('a', () => 1, { compensate: undo('a') })
    .call('sub', callee)
  const actor = alone(c.machine)
  await settle()
  actor.send({ type: 'cancel' })
  await settle()
  expect(undone).toEqual(['one succeeded 1', 'a succeeded 1'])
  expect(actor.getSnapshot().value).toBe('cancelled')
})

test('a compensation that has failed for good waits for a retry, or is given up', async () => {
  let broken = true
  const undone: string[] = []
  const c = chain('c')
    .step('a', () => 1, { compensate: () => void undone.push('a') })
    .step('b', () => 1, { compensate: () => (broken ? fails() : void undone.push('b')) })
    .step('bad', fails)
  const first = alone(c.machine)
  const second = alone(c.machine)
  await settle()
  expect(first.getSnapshot().value).toEqual({ compensating: 'stuck' })
  first.send({ type: 'cancel' })
  expect(first.getSnapshot().value).toEqual({ compensating: 'stuck' })
  broken = false
  first.send({ type: 'retry' })
  second.send({ type: 'give-up' })
  await settle()
  expect(undone).toEqual(['b', 'a'])
  expect(first.getSnapshot().output).toMatchObject({ compensated: [{ step: 'b' }, { step: 'a' }] })
  expect(second.getSnapshot().output).toMatchObject({
    status: 'failed',
    compensated: [],
    uncompensated: [{ step: 'b' }, { step: 'a' }],
  })
})

test('a cancel that carries a failure ends a chain as failed, with or without compensations', () => {
  const failure = { kind: 'deadline', message: 'too late', retryable: false }
  const plain = alone(chain('plain').wait('signal').machine)
  plain.send({ type: 'cancel', failure })
  expect(plain.getSnapshot().output).toEqual({ status: 'failed', step: '', failure })
  const saga = alone(
    chain('saga')
      .wait('signal')
      .step('a', () => 1, { compensate: () => {} }).machine,
  )
  saga.send({ type: 'cancel', failure })
  expect(saga.getSnapshot().output).toEqual({ status: 'failed', step: '', failure })
})
