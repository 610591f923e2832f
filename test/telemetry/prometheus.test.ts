import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { breaker } from '../../src/chain/breaker.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { service } from '../../src/chain/service.ts'
import { createPrometheus, type Prometheus } from '../../src/telemetry/create-prometheus.ts'
import { writeExposition } from '../../src/telemetry/exposition.ts'
import { Gauges } from '../../src/telemetry/gauges.ts'
import { type Labels, measures } from '../../src/telemetry/measures.ts'
import { Registry } from '../../src/telemetry/registry.ts'
import { createRig } from '../engine/rig.ts'
import { type Sample, parseExposition } from './parse-exposition.ts'

function samplesOf(metrics: Prometheus, name: string): readonly Sample[] {
  const { text } = metrics.scrape()
  const families = parseExposition(text, 'prometheus')
  return families.get(name)?.samples ?? []
}

/** The value of the only sample with these labels. */
function valueOf(metrics: Prometheus, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const family = name.replace(/_(?:bucket|sum|count)$/, '')
  const found = samplesOf(metrics, family).filter(
    (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  )
  if (found.length !== 1) throw new Error(`${found.length} of ${name}: ${JSON.stringify(found)}`)
  return found[0]?.value ?? NaN
}

test('runs, chains and attempts are counted by their outcome, with how long they took', async () => {
  const metrics = createPrometheus()
  const flaky = chain<number>('flaky').step(
    'call',
    ({ attempt, input }) => {
      if (attempt <= input) throw new TypeError('no')
      return attempt
    },
    { attempts: 3, backoff: { initial: 60_000, jitter: 'none' } },
  )
  const rig = await createRig([flaky], { telemetry: metrics })
  for (const failures of [0, 2, 3]) await rig.until((await rig.start(flaky, failures)).settled())

  const of = { chain: 'flaky', step: 'call' }
  expect(valueOf(metrics, 'catenary_run_accepted_total', { target: 'flaky' })).toBe(3)
  expect(valueOf(metrics, 'catenary_run_duration_seconds_count', { outcome: 'succeeded' })).toBe(2)
  expect(valueOf(metrics, 'catenary_run_duration_seconds_count', { outcome: 'failed' })).toBe(1)
  expect(valueOf(metrics, 'catenary_chain_duration_seconds_count', { outcome: 'succeeded' })).toBe(2)
  expect(
    valueOf(metrics, 'catenary_attempt_duration_seconds_count', {
      ...of,
      outcome: 'failed',
      error_type: 'thrown',
    }),
  ).toBe(5)
  expect(valueOf(metrics, 'catenary_attempt_duration_seconds_count', { ...of, outcome: 'succeeded' })).toBe(2)
  expect(valueOf(metrics, 'catenary_attempt_retries_total', of)).toBe(4)
  expect(valueOf(metrics, 'catenary_attempt_schedule_to_start_seconds_count', of)).toBe(7)
  // two runs waited for two retries of a minute or more, by a factor of 2
  const bucket = { le: '60', outcome: 'failed' }
  expect(valueOf(metrics, 'catenary_run_duration_seconds_bucket', bucket)).toBe(0)
  expect(valueOf(metrics, 'catenary_run_duration_seconds_bucket', { ...bucket, le: '300' })).toBe(1)
})

test('what waits for a slot is measured from when it began to wait', async () => {
  const metrics = createPrometheus()
  const slow = chain('slow').step(
    'hold',
    () => new Promise((done) => rig.clock.at(rig.now() + 2_000, () => done(1))),
  )
  const rig = await createRig([slow], { telemetry: metrics, concurrency: 1 })
  const runs = [await rig.start(slow), await rig.start(slow)]
  expect(valueOf(metrics, 'catenary_attempt_in_flight')).toBe(1)
  expect(valueOf(metrics, 'catenary_run_live')).toBe(2)
  for (const run of runs) await rig.until(run.result())
  expect(valueOf(metrics, 'catenary_attempt_schedule_to_start_seconds_sum')).toBe(2)
  expect(valueOf(metrics, 'catenary_attempt_in_flight')).toBe(0)
  expect(valueOf(metrics, 'catenary_attempt_duration_seconds_sum')).toBe(4)
})

test('breakers say in which state they are, all keys of one together', async () => {
  const metrics = createPrometheus()
  const bank = breaker('bank', { window: 4, minimum: 2, openFor: '60s' })
  const pay = chain<string>('pay').step(
    'charge',
    ({ input }) => {
      if (input.startsWith('bad')) throw new Error('no')
    },
    { breaker: { by: bank, key: ({ input }) => input } },
  )
  const rig = await createRig([pay], { telemetry: metrics })
  for (const key of ['bad-1', 'bad-1', 'bad-2', 'bad-2', 'good'])
    await rig.until((await rig.start(pay, key)).settled())
  expect(valueOf(metrics, 'catenary_breaker_state', { breaker: 'bank', state: 'open' })).toBe(2)
  expect(valueOf(metrics, 'catenary_breaker_opened_total', { breaker: 'bank' })).toBe(2)
  await rig.advance('2m')
  await rig.until((await rig.start(pay, 'good')).settled())
  expect(valueOf(metrics, 'catenary_breaker_state', { breaker: 'bank', state: 'closed' })).toBe(0)
})

test('services and the supervisor say whether they are well, as healthz() does', async () => {
  const metrics = createPrometheus()
  const server = service('server', async ({ ready, signal }) => {
    ready()
    await new Promise((done) => signal.addEventListener('abort', done))
  })
  const rig = await createRig([server], { telemetry: metrics })
  expect(rig.supervisor.healthz().ok).toBe(true)
  expect(valueOf(metrics, 'catenary_supervisor_ok')).toBe(1)
  expect(valueOf(metrics, 'catenary_service_ready', { service: 'server' })).toBe(1)
  expect(valueOf(metrics, 'catenary_service_starts_total', { service: 'server' })).toBe(1)
  await rig.until(rig.supervisor.stop())
  expect(valueOf(metrics, 'catenary_supervisor_ok')).toBe(0)
  expect(valueOf(metrics, 'catenary_service_ready', { service: 'server' })).toBe(0)
})

test('names beyond so many are one other, so that no label grows without end', async () => {
  const metrics = createPrometheus({ maxNames: 4 })
  const chains = Array.from({ length: 6 }, (_, i) => chain(`c${i}`).step('s', () => 1))
  const rig = await createRig(chains, { telemetry: metrics })
  for (const one of chains) await rig.until((await rig.start(one)).result())
  const found = samplesOf(metrics, 'catenary_attempt_duration_seconds').filter(({ name }) =>
    name.endsWith('_count'),
  )
  // each chain takes a name by itself, and one with its step
  expect(found.map(({ labels, value }) => [labels['chain'], labels['step'], value])).toEqual([
    ['c0', 's', 1],
    ['c1', 's', 1],
    ['_other', '_other', 4],
  ])
  expect(samplesOf(metrics, 'catenary_run_accepted_total').at(-1)).toMatchObject({
    labels: { target: '_other' },
    value: 2,
  })
})

test('two supervisors of a process are added up', async () => {
  const metrics = createPrometheus()
  const one = chain('one').step('s', () => 1)
  for (let i = 0; i < 2; i++) {
    const rig = await createRig([one], { telemetry: metrics })
    await rig.until((await rig.start(one)).result())
  }
  expect(valueOf(metrics, 'catenary_run_accepted_total')).toBe(2)
  expect(valueOf(metrics, 'catenary_supervisor_ok')).toBe(2)
})

test('every measure has its line in docs/telemetry.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/telemetry.md'), 'utf8')
  const untold = Object.values(measures).filter(({ name }) => !page.includes(`| \`${name}\` |`))
  expect(untold.map(({ name }) => name)).toEqual([])
})

describe('a scraper', () => {
  test('gets nothing where nothing was measured yet, in either form', () => {
    const metrics = createPrometheus()
    expect(parseExposition(metrics.scrape().text, 'prometheus').size).toBe(0)
    expect(parseExposition(metrics.scrape('application/openmetrics-text').text, 'openmetrics').size).toBe(0)
  })

  test('gets OpenMetrics where it asks for it, else the format that all read', async () => {
    const metrics = createPrometheus()
    const one = chain('one').step('s', () => 1)
    const rig = await createRig([one], { telemetry: metrics })
    await rig.until((await rig.start(one)).result())
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
    const open = metrics.scrape(accept)
    expect(open.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(parseExposition(open.text, 'openmetrics').get('catenary_run_accepted')?.samples).toEqual([
      { name: 'catenary_run_accepted_total', labels: { target: 'one' }, value: 1 },
    ])
    for (const other of [undefined, null, '*/*', 'text/plain;version=0.0.4']) {
      const { text, contentType } = metrics.scrape(other)
      expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
      expect(parseExposition(text, 'prometheus').size).toBe(parseExposition(open.text, 'openmetrics').size)
    }
  })

  test('reads back any label and any number that was written', () => {
    const unit = fc.constantFrom(
      'a',
      'Z',
      '0',
      ' ',
      '"',
      '\\',
      '\n',
      '\t',
      '{',
      '}',
      ',',
      '=',
      '#',
      'é',
      '\u{1f600}',
      '\0',
    )
    const label = fc.string({ unit })
    const one = fc.record({ breaker: label, by: fc.double({ min: 0, noNaN: true }) })
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), fc.boolean(), (all, open) => {
        const registry = new Registry([0.1, 1, 2e21])
        const expected = new Map<string, number>()
        for (const { breaker: id, by } of all) {
          const labels: Labels = { 'catenary.breaker.id': id, 'catenary.breaker.state': 'open' }
          registry.add(measures.opened, by, labels)
          registry.record(measures.runs, by, labels)
          const key = JSON.stringify({ breaker: id, state: 'open' })
          expected.set(key, (expected.get(key) ?? 0) + by)
        }
        const format = open ? 'openmetrics' : 'prometheus'
        const families = parseExposition(writeExposition(registry, [], format), format)
        const family = families.get(`catenary_breaker_opened${open ? '' : '_total'}`)
        const read = family?.samples.map(({ labels, value }) => [JSON.stringify(labels), value])
        expect(new Map(read as [string, number][])).toEqual(expected)
        const counts = families.get('catenary_run_duration_seconds')?.samples ?? []
        const total = counts
          .filter(({ name }) => name.endsWith('_count'))
          .reduce((sum, { value }) => sum + value, 0)
        expect(total).toBe(all.length)
      }),
    )
  })

  test('reads one value where several say the same', () => {
    const reading = { measure: measures.ready, value: 1, labels: { 'catenary.service.id': 'a"\\\nb' } }
    const gauges = new Gauges()
    gauges.watch(() => [reading, reading])
    const text = writeExposition(new Registry([1]), gauges.read(), 'prometheus')
    expect(text).toBe(
      '# HELP catenary_service_ready Whether a service is ready.\n# TYPE catenary_service_ready gauge\n' +
        'catenary_service_ready{service="a\\"\\\\\\nb"} 2\n',
    )
    expect(parseExposition(text, 'prometheus').get('catenary_service_ready')?.samples[0]?.labels).toEqual({
      service: 'a"\\\nb',
    })
  })
})
