// What is measured, told to OpenTelemetry: the same as Prometheus is told, under the names of OpenTelemetry.

import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createTelemetry } from '../../src/telemetry/create-telemetry.ts'
import { createRig } from '../engine/rig.ts'
import { createTraces } from './traces.ts'

function createMeters() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 })
  const provider = new MeterProvider({ readers: [reader] })
  return {
    provider,
    /** What is exported now, by name. */
    async read(): Promise<ReadonlyMap<string, MetricData>> {
      exporter.reset()
      await provider.forceFlush()
      const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
      const all = scopes.filter(({ scope }) => scope.name === 'catenary').flatMap(({ metrics }) => metrics)
      return new Map(all.map((one) => [one.descriptor.name, one]))
    },
  }
}

test('runs, attempts, retries and waits are measured in seconds, and what is in flight is asked for', async () => {
  const { provider, read } = createMeters()
  const flaky = chain('flaky').step(
    'call',
    ({ attempt }) => {
      if (attempt === 1) throw new TypeError('no')
    },
    { attempts: 2, backoff: { initial: 3_000, jitter: 'none' } },
  )
  const rig = await createRig([flaky], {
    telemetry: createTelemetry({ tracerProvider: false, meterProvider: provider }),
  })
  await rig.until((await rig.start(flaky)).result())
  const all = await read()
  const points = (name: string) =>
    (all.get(name)?.dataPoints ?? []).map(({ attributes, value }) => ({ attributes, value }))

  expect(points('catenary.run.accepted')).toEqual([
    { attributes: { 'catenary.run.target': 'flaky' }, value: 1 },
  ])
  const of = { 'catenary.chain.id': 'flaky', 'catenary.step.name': 'call' }
  expect(points('catenary.attempt.retries')).toEqual([{ attributes: of, value: 1 }])
  expect(points('catenary.attempt.duration')).toEqual([
    {
      attributes: { ...of, 'catenary.attempt.outcome': 'failed', 'error.type': 'thrown' },
      value: expect.objectContaining({ count: 1 }) as unknown,
    },
    {
      attributes: { ...of, 'catenary.attempt.outcome': 'succeeded' },
      value: expect.objectContaining({ count: 1 }) as unknown,
    },
  ])
  expect(points('catenary.attempt.in_flight')).toEqual([{ attributes: {}, value: 0 }])
  expect(points('catenary.supervisor.ok')).toEqual([{ attributes: {}, value: 1 }])

  const runs = all.get('catenary.run.duration')
  expect(runs?.descriptor).toMatchObject({ unit: 's' })
  if (runs?.dataPointType !== DataPointType.HISTOGRAM) throw new Error('no histogram')
  expect(runs.dataPoints[0]?.value).toMatchObject({ count: 1, sum: 3 })
  expect(runs.dataPoints[0]?.value.buckets.boundaries).toContain(86_400)
})

test('a supervisor that has ended is no longer well', async () => {
  const { provider, read } = createMeters()
  const one = chain('one').step('s', () => 1)
  const rig = await createRig([one], { telemetry: createTelemetry({ meterProvider: provider }) })
  const ok = async () => (await read()).get('catenary.supervisor.ok')?.dataPoints.map(({ value }) => value)
  expect(await ok()).toEqual([1])
  await rig.until(rig.supervisor.stop())
  expect(await ok()).toEqual([0])
})

test('spans and steps of a run beyond the limit are dropped, and counted; the rest stays whole', async () => {
  const { provider, read } = createMeters()
  const traces = createTraces()
  const many = chain('many').each(
    'items',
    () => Array.from({ length: 20 }, (_, i) => i),
    () => 1,
    {
      key: (item) => String(item),
    },
  )
  const rig = await createRig([many], {
    telemetry: createTelemetry({ maxSpans: 8, tracerProvider: traces.provider, meterProvider: provider }),
  })
  await rig.until((await rig.start(many)).result())
  expect(traces.tree()).toEqual([
    'run many (succeeded)',
    '  chain many (succeeded)',
    '    step items (succeeded)',
    ...Array.from({ length: 5 }, () => '      attempt items (succeeded)'),
  ])
  const dropped = (await read()).get('catenary.telemetry.dropped')?.dataPoints
  expect(dropped).toMatchObject([{ attributes: { 'catenary.telemetry.item': 'span' }, value: 15 }])
})
