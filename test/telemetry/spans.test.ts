import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createTelemetry } from '../../src/telemetry/create-telemetry.ts'
import { spanIds } from '../../src/telemetry/span-ids.ts'
import { createRig } from '../engine/rig.ts'
import { createTraces, endOf, startOf } from './traces.ts'

test('a run is a trace: its chains, their steps and attempts, each under what it is in', async () => {
  const traces = createTraces()
  const load = chain('load').step('fetch', () => 1)
  const report = chain('report')
    .needs({ load })
    .step('render', ({ needs }) => needs.load)
    .step('publish', () => 2)
  const rig = await createRig([load, report], {
    telemetry: createTelemetry({ tracerProvider: traces.provider }),
  })
  const run = await rig.start(report)
  await rig.until(run.result())
  expect(traces.tree()).toEqual([
    'run report (succeeded)',
    '  chain load (succeeded)',
    '    step fetch (succeeded)',
    '      attempt fetch (succeeded)',
    '  chain report (succeeded)',
    '    step render (succeeded)',
    '      attempt render (succeeded)',
    '    step publish (succeeded)',
    '      attempt publish (succeeded)',
  ])
  expect(traces.span('run report').attributes).toMatchObject({
    'catenary.run.id': run.id,
    'catenary.run.targets': ['report'],
    'catenary.run.outcome': 'succeeded',
  })
  expect(traces.span('attempt render').attributes).toMatchObject({
    'catenary.chain.id': 'report',
    'catenary.step.name': 'render',
    'catenary.attempt.number': 1,
  })
})

test('a chain is linked to the chains that it needed', async () => {
  const traces = createTraces()
  const load = chain('load').step('fetch', () => 1)
  const report = chain('report')
    .needs({ rows: load })
    .step('render', () => 2)
  const rig = await createRig([load, report], {
    telemetry: createTelemetry({ tracerProvider: traces.provider }),
  })
  await rig.until((await rig.start(report)).result())
  const [link, ...more] = traces.span('chain report').links
  expect(more).toEqual([])
  expect(link?.context.spanId).toBe(traces.span('chain load').spanContext().spanId)
  expect(link?.attributes).toEqual({ 'catenary.edge.name': 'rows', 'catenary.edge.kind': 'hard' })
})

test('a failed attempt says why, and every span has the times of the journal', async () => {
  const traces = createTraces()
  const flaky = chain('flaky').step(
    'call',
    ({ attempt }) => {
      if (attempt === 1) throw Object.assign(new TypeError('no'), { code: 'ECONNRESET' })
      return 1
    },
    { attempts: 2, backoff: { initial: 100, jitter: 'none' } },
  )
  const rig = await createRig([flaky], { telemetry: createTelemetry({ tracerProvider: traces.provider }) })
  await rig.until((await rig.start(flaky)).result())
  expect(traces.tree()).toEqual([
    'run flaky (succeeded)',
    '  chain flaky (succeeded)',
    '    step call (succeeded)',
    '      attempt call (failed)',
    '      attempt call (succeeded)',
  ])
  const failed = traces.spans().find(({ attributes }) => attributes['catenary.attempt.outcome'] === 'failed')
  expect(failed?.attributes['error.type']).toBe('ECONNRESET')
  expect(failed?.status).toMatchObject({ message: 'no' })
  const started = rig.events().find(({ type }) => type === 'run.accepted')
  const ended = rig.events().find(({ type }) => type === 'run.ended')
  const run = traces.span('run flaky')
  expect([startOf(run), endOf(run)]).toEqual([started?.at, ended?.at])
  expect(endOf(run) - startOf(run)).toBeGreaterThanOrEqual(100)
})

test('a run that outlives its process is one trace with the ids that its first process began with', async () => {
  const traces = createTraces({ idGenerator: spanIds })
  const long = chain('long')
    .step('before', () => 1)
    .sleep('night', '8h')
    .step('after', () => 2)
  const rig = await createRig([long], { telemetry: createTelemetry({ tracerProvider: traces.provider }) })
  const run = await rig.start(long)
  await rig.advance('1h')
  expect(traces.tree()).toEqual(['attempt before (succeeded) ORPHAN'])
  await rig.crash()
  await rig.advance('8h')
  expect(await rig.until((await rig.supervisor.get(run.id))?.status() ?? Promise.reject())).toBe('succeeded')
  expect(traces.tree()).toEqual([
    'run long (succeeded)',
    '  chain long (succeeded)',
    '    step before (succeeded)',
    '      attempt before (succeeded)',
    '    step night (succeeded)',
    '    step after (succeeded)',
    '      attempt after (succeeded)',
  ])
  expect(new Set(traces.spans().map((span) => span.spanContext().traceId)).size).toBe(1)
})
