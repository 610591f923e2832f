// What runs in a step's function, and is traced by its host, belongs to the span of the attempt.

import { join } from 'node:path'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromPromise, setup } from 'xstate'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { createTelemetry } from '../../src/telemetry/create-telemetry.ts'
import { spanIds } from '../../src/telemetry/span-ids.ts'
import { createRig } from '../engine/rig.ts'
import { testFolder } from '../sqlite/folder.ts'
import { createTraces } from './traces.ts'

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
afterAll(() => context.disable())

test('spans that a step begins, also after it waited, are children of its attempt', async () => {
  const traces = createTraces()
  const tracer = traces.provider.getTracer('host')
  const get = (name: string): void => tracer.startSpan(name).end()
  const load = chain('load')
    .step('fetch', async () => {
      get('GET first')
      await Promise.resolve()
      get('GET second')
    })
    .each(
      'pages',
      () => ['a', 'b'],
      (page) => get(`GET ${page}`),
      { key: (page) => page },
    )
  const rig = await createRig([load], { telemetry: createTelemetry({ tracerProvider: traces.provider }) })
  await rig.until((await rig.start(load)).result())
  expect(traces.tree()).toEqual([
    'run load (succeeded)',
    '  chain load (succeeded)',
    '    step fetch (succeeded)',
    '      attempt fetch (succeeded)',
    '        GET first (undefined)',
    '        GET second (undefined)',
    '    step pages (succeeded)',
    '      attempt pages (succeeded)',
    '        GET a (undefined)',
    '      attempt pages (succeeded)',
    '        GET b (undefined)',
  ])
})

test('whoever asks for a run is not what its steps happen in', async () => {
  const traces = createTraces()
  const tracer = traces.provider.getTracer('host')
  const load = chain('load').step('fetch', () => tracer.startSpan('GET').end())
  const rig = await createRig([load], { telemetry: createTelemetry({ tracerProvider: traces.provider }) })
  const request = tracer.startSpan('POST /runs')
  await context.with(trace.setSpan(context.active(), request), async () => {
    await rig.until((await rig.start(load)).result())
  })
  request.end()
  expect(traces.span('run load').parentSpanContext).toBeUndefined()
  expect(traces.tree()).toContain('        GET (undefined)')
})

test('the first step after a restart, too, is traced within the run', async () => {
  const traces = createTraces({ idGenerator: spanIds })
  const tracer = traces.provider.getTracer('host')
  const long = chain('long')
    .sleep('night', '8h')
    .step('after', () => tracer.startSpan('GET').end())
  const rig = await createRig([long], { telemetry: createTelemetry({ tracerProvider: traces.provider }) })
  await rig.start(long)
  await rig.advance('1h')
  await rig.crash()
  await rig.advance('8h')
  expect(traces.tree()).toEqual([
    'run long (succeeded)',
    '  chain long (succeeded)',
    '    step night (succeeded)',
    '    step after (succeeded)',
    '      attempt after (succeeded)',
    '        GET (undefined)',
  ])
})

test('so does what a transact step, a compensation and a machine of a user do', async () => {
  const traces = createTraces()
  const tracer = traces.provider.getTracer('host')
  const touch = (name: string): void => tracer.startSpan(name).end()
  const machine = setup({ actors: { look: fromPromise(async () => touch('look')) } }).createMachine({
    initial: 'looking',
    states: { looking: { invoke: { src: 'look', onDone: 'done' } }, done: { type: 'final' } },
  })
  const own = fromMachine('own', machine)
  const book = chain('book')
    .needs({ own })
    .transact('write', () => {
      touch('INSERT')
    })
    .step('hotel', () => 1, { compensate: () => touch('undo') })
    .step('flight', () => {
      throw new Error('no')
    })
  const rig = await createRig([own, book], {
    file: join(testFolder(), 'app.db'),
    telemetry: createTelemetry({ tracerProvider: traces.provider }),
  })
  await rig.until((await rig.start(book)).settled())
  for (const [name, within] of [
    ['look', 'attempt look'],
    ['INSERT', 'attempt write'],
    ['undo', 'attempt hotel:compensation'],
  ] as const)
    expect(traces.span(name).parentSpanContext?.spanId).toBe(traces.span(within).spanContext().spanId)
  await rig.until(rig.supervisor.stop())
})

test('a sampler decides for a run, and all that is in it goes with the run, also after a restart', async () => {
  const root = new TraceIdRatioBasedSampler(0.5)
  const traces = createTraces({ idGenerator: spanIds, sampler: new ParentBasedSampler({ root }) })
  const tracer = traces.provider.getTracer('host')
  const load = chain('load')
    .step('fetch', () => tracer.startSpan('GET').end())
    .sleep('night', '8h')
    .step('store', () => 1)
  const rig = await createRig([load], { telemetry: createTelemetry({ tracerProvider: traces.provider }) })
  const runs = Array.from({ length: 40 }, (_, i) => `run-${i}`)
  for (const id of runs) await rig.start(load, undefined, { id })
  await rig.advance('1h')
  await rig.crash()
  await rig.advance('8h')
  const sampled = traces.spans().filter(({ name }) => name === 'run load')
  expect(sampled.length).toBeGreaterThan(0)
  expect(sampled.length).toBeLessThan(40)
  const byTrace = Map.groupBy(traces.spans(), (span) => span.spanContext().traceId)
  expect(byTrace.size).toBe(sampled.length)
  const whole = [
    'GET',
    'attempt fetch',
    'attempt store',
    'chain load',
    'run load',
    'step fetch',
    'step night',
    'step store',
  ]
  for (const spans of byTrace.values())
    expect(spans.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(whole)
})
