// Several processes on one store: who executes a run tells of it.

import { expect, onTestFinished, test } from 'vitest'
import { chain, createSupervisor, type Supervisor, type SupervisorOptions } from '../../src/index.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { createPrometheus } from '../../src/telemetry/create-prometheus.ts'
import { createTelemetry } from '../../src/telemetry/create-telemetry.ts'
import { spanIds } from '../../src/telemetry/span-ids.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { untilAnswered } from '../engine/until.ts'
import { createTraces } from './traces.ts'

test('a run that one process began and another ended is one trace, and each counts what it did', async () => {
  const clock = createVirtualClock({ now: 1_000_000 })
  const contents = createMemoryContents()
  const until = async <T>(work: Promise<T>): Promise<T> => untilAnswered(clock, work)
  const order = chain('order')
    .step('reserve', () => 1)
    .wait('approval')
    .step('ship', () => 2)
  const open = async (options: Partial<SupervisorOptions>): Promise<Supervisor> => {
    const store = { ...createMemoryStore(contents), shared: true }
    const supervisor = await until(createSupervisor({ chains: [order], store, clock, ...options }))
    onTestFinished(async () => until(supervisor.stop({ drain: 0 })))
    return supervisor
  }
  const traces = createTraces({ idGenerator: spanIds })
  const counted = [createPrometheus(), createPrometheus(), createPrometheus()]
  const [first, second] = await Promise.all(
    counted.slice(0, 2).map(async (metrics) =>
      open({
        role: 'auto',
        telemetry: [metrics, createTelemetry({ tracerProvider: traces.provider, meterProvider: false })],
      }),
    ),
  )
  const client = await open({
    role: 'client',
    ...(counted[2] === undefined ? {} : { telemetry: counted[2] }),
  })
  const run = await until(client.start(order))
  await clock.advance('1s')
  const executor = first?.state === 'client' ? second : first
  await until(executor?.stop({ drain: 0 }) ?? Promise.reject(new Error('nobody executes')))
  const signalled = run.signal('approval', true)
  await clock.advance('5s')
  await until(signalled)
  await until(run.result())

  expect(traces.tree()).toEqual([
    'run order (succeeded)',
    '  chain order (succeeded)',
    '    step reserve (succeeded)',
    '      attempt reserve (succeeded)',
    '    step approval (succeeded)',
    '    step ship (succeeded)',
    '      attempt ship (succeeded)',
  ])
  const count = (start: string): readonly number[] =>
    counted
      .map(
        (metrics) =>
          metrics
            .scrape()
            .text.split('\n')
            .filter((line) => line.startsWith(start)).length,
      )
      .toSorted((a, b) => a - b)
  expect(count('catenary_run_accepted_total')).toEqual([0, 0, 1])
  expect(count('catenary_run_duration_seconds_count')).toEqual([0, 0, 1])
  expect(count('catenary_attempt_duration_seconds_count')).toEqual([0, 1, 1])
  expect(counted[2]?.scrape().text).toBe('')
})
