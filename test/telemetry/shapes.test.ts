// What traces look like where runs are more than a row of steps.

import { expect, test } from 'vitest'
import { fromPromise, setup } from 'xstate'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { createTelemetry } from '../../src/telemetry/create-telemetry.ts'
import { spanIds } from '../../src/telemetry/span-ids.ts'
import { createRig } from '../engine/rig.ts'
import { createTraces } from './traces.ts'

function watched(given: Parameters<typeof createTraces>[0] = {}) {
  const traces = createTraces(given)
  return { traces, telemetry: createTelemetry({ tracerProvider: traces.provider, meterProvider: false }) }
}

const fails = (): never => {
  throw new Error('no')
}

test('a called chain is under the step that called it', async () => {
  const { traces, telemetry } = watched()
  const pay = chain('pay').step('charge', () => 1)
  const order = chain('order')
    .step('check', () => 1)
    .call('pay', pay, () => undefined)
  const rig = await createRig([order, pay], { telemetry })
  await rig.until((await rig.start(order)).result())
  expect(traces.tree()).toEqual([
    'run order (succeeded)',
    '  chain order (succeeded)',
    '    step check (succeeded)',
    '      attempt check (succeeded)',
    '    step pay (succeeded)',
    '      chain pay (succeeded)',
    '        step charge (succeeded)',
    '          attempt charge (succeeded)',
  ])
  expect(traces.span('chain pay').attributes).toMatchObject({
    'catenary.chain.id': 'pay',
    'catenary.chain.key': 'order/pay',
  })
})

test('what was undone, and what was blocked, says so', async () => {
  const { traces, telemetry } = watched()
  const book = chain('book')
    .step('hotel', () => 1, { compensate: () => undefined })
    .step('flight', fails)
  const confirm = chain('confirm')
    .needs({ book })
    .step('send', () => 1)
  const rig = await createRig([book, confirm], { telemetry })
  await rig.until((await rig.start(confirm)).settled())
  expect(traces.tree()).toEqual([
    'run confirm (failed)',
    '  chain book (failed)',
    '    step hotel (succeeded)',
    '      attempt hotel (succeeded)',
    '    step flight (failed)',
    '      attempt flight (failed)',
    '    step hotel:compensation (succeeded)',
    '      attempt hotel:compensation (succeeded)',
    '  chain confirm (upstream_failed)',
  ])
  expect(traces.span('chain confirm').attributes['error.type']).toBe('upstream_failed')
  expect(traces.span('run confirm').status).toMatchObject({ code: 2, message: 'no' })
  expect(traces.span('step hotel').status.code).toBe(0)
  const { events } = traces.span('attempt flight')
  expect(events).toMatchObject([{ name: 'exception', attributes: { 'exception.message': 'no' } }])
})

test('a retry after the end is a second span of the run in the same trace, linked to the first', async () => {
  const { traces, telemetry } = watched({ idGenerator: spanIds })
  let broken = true
  const load = chain('load')
    .step('fetch', () => 1)
    .step('store', () => (broken ? fails() : 2))
  const rig = await createRig([load], { telemetry })
  const run = await rig.start(load)
  await rig.until(run.settled())
  broken = false
  await rig.advance('1m')
  await rig.until(run.retry())
  await rig.until(run.result())
  expect(traces.tree()).toEqual([
    'run load (failed)',
    '  chain load (failed)',
    '    step fetch (succeeded)',
    '      attempt fetch (succeeded)',
    '    step store (failed)',
    '      attempt store (failed)',
    'run load (succeeded)',
    '  chain load (succeeded)',
    '    step store (succeeded)',
    '      attempt store (succeeded)',
  ])
  const [first, second] = traces.spans().filter(({ name }) => name === 'run load')
  expect(second?.attributes['catenary.run.retries']).toBe(1)
  expect(second?.links.map((link) => link.context.spanId)).toEqual([first?.spanContext().spanId])
  expect(new Set(traces.spans().map((span) => span.spanContext().traceId)).size).toBe(1)
})

test('a fork tells only of what it did itself', async () => {
  const { traces, telemetry } = watched()
  const load = chain('load')
    .step('fetch', () => 1)
    .step('store', () => 2)
  const rig = await createRig([load], { telemetry })
  const run = await rig.start(load)
  await rig.until(run.result())
  const before = traces.spans().length
  const fork = await rig.until(run.fork({ at: 'store' }))
  await rig.until(fork.result())
  expect(
    traces
      .spans()
      .slice(before)
      .map(({ name }) => name),
  ).toEqual(['attempt store', 'step store', 'chain load', 'run load'])
  const root = traces.spans().at(-1)
  expect(root?.attributes).toMatchObject({ 'catenary.run.id': fork.id, 'catenary.run.origin': run.id })
})

test('an attempt that dies with its process is lost, and the next one is no retry', async () => {
  const { traces, telemetry } = watched({ idGenerator: spanIds })
  let calls = 0
  const load = chain('load').step('fetch', () => (++calls === 1 ? new Promise(() => {}) : 1))
  const rig = await createRig([load], { telemetry })
  const run = await rig.start(load)
  await rig.advance('1m')
  await rig.crash()
  await rig.advance('1m')
  expect(await (await rig.supervisor.get(run.id))?.status()).toBe('succeeded')
  expect(traces.tree()).toEqual([
    'run load (succeeded)',
    '  chain load (succeeded)',
    '    step fetch (succeeded)',
    '      attempt fetch (lost)',
    '      attempt fetch (succeeded)',
  ])
})

test('siblings that are cut short are cancelled, and no attempt stays open', async () => {
  const { traces, telemetry } = watched()
  const both = chain('both').parallel('pair', {
    slow: (b) => b.step('wait', ({ signal }) => new Promise((_, no) => signal.addEventListener('abort', no))),
    fast: (b) => b.step('fail', fails),
  })
  const rig = await createRig([both], { telemetry })
  await rig.until((await rig.start(both)).settled())
  expect(traces.tree()).toEqual([
    'run both (failed)',
    '  chain both (failed)',
    '    step wait (cancelled)',
    '      attempt wait (cancelled)',
    '    step fail (failed)',
    '      attempt fail (failed)',
  ])
})

test("the promises of a user's own machine are attempts", async () => {
  const { traces, telemetry } = watched()
  const machine = setup({ actors: { fetch: fromPromise(async () => 1) } }).createMachine({
    initial: 'fetching',
    states: { fetching: { invoke: { src: 'fetch', onDone: 'done' } }, done: { type: 'final' } },
  })
  const own = fromMachine('own', machine)
  const rig = await createRig([own], { telemetry })
  await rig.until((await rig.start(own)).result())
  expect(traces.tree()).toEqual([
    'run own (succeeded)',
    '  chain own (succeeded)',
    '    step fetch (succeeded)',
    '      attempt fetch (succeeded)',
  ])
})

test('pauses and signals are events of the run, and a wait is a step from when it was reached', async () => {
  const { traces, telemetry } = watched()
  const approve = chain('approve')
    .step('ask', () => 1)
    .wait('yes')
  const rig = await createRig([approve], { telemetry })
  const run = await rig.start(approve)
  await rig.advance('1s')
  await rig.until(run.pause())
  await rig.until(run.resume())
  await rig.advance('10s')
  await rig.until(run.signal('yes', true))
  await rig.until(run.result())
  const { events } = traces.span('run approve')
  expect(events.map(({ name }) => name)).toEqual(['run.paused', 'run.resumed', 'signal.received'])
  expect(traces.tree()).toContain('    step yes (succeeded)')
})
