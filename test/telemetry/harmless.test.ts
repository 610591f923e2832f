// Nothing that telemetry, or what it speaks to, does wrong reaches a run.

import { type Meter, type MeterProvider, type TracerProvider, trace } from '@opentelemetry/api'
import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import type { Watcher } from '../../src/engine/watcher.ts'
import type { Logger } from '../../src/engine/services.ts'
import { createPrometheus } from '../../src/telemetry/create-prometheus.ts'
import { createTelemetry } from '../../src/telemetry/create-telemetry.ts'
import { createRig } from '../engine/rig.ts'
import { createTraces } from './traces.ts'

const broken = (): never => {
  throw new Error('the exporter is broken')
}

function createLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = []
  const write = (_: unknown, message: string): void => void lines.push(message)
  return { lines, info: write, warn: write, error: write }
}

const flaky = chain('flaky').step(
  'call',
  ({ attempt }) => {
    if (attempt === 1) throw new TypeError('no')
    return attempt
  },
  { attempts: 2 },
)

const tracerProvider: TracerProvider = {
  getTracer: () => ({ startSpan: broken, startActiveSpan: broken }),
}
const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 })
const brokenEnds: TracerProvider = {
  getTracer: () =>
    ({ startSpan: () => Object.assign(Object.create(span), { end: broken }) as never }) as never,
}
const instruments = [
  'createCounter',
  'createHistogram',
  'createObservableGauge',
  'addBatchObservableCallback',
]
const meterProvider: MeterProvider = {
  getMeter: () => Object.fromEntries(instruments.map((name) => [name, broken])) as unknown as Meter,
}
const watching = (what: object): Watcher => ({ attach: () => ({ told: () => {}, ...what }) })

const wrong: readonly (readonly [string, Watcher, number])[] = [
  ['a tracer that cannot start spans', createTelemetry({ tracerProvider, meterProvider: false }), 2],
  ['spans that cannot end', createTelemetry({ tracerProvider: brokenEnds, meterProvider: false }), 1],
  ['a provider without a tracer', createTelemetry({ tracerProvider: { getTracer: broken } }), 1],
  ['a meter that makes nothing', createTelemetry({ tracerProvider: false, meterProvider }), 1],
  ['a watcher that cannot be attached', { attach: broken }, 1],
  ['one that throws whatever it is told', watching({ told: broken, lacks: broken, detach: broken }), 2],
  ['one that throws before it calls the function', watching({ around: broken }), 1],
  [
    'one that throws after it',
    watching({
      around: (_: unknown, call: () => unknown) => {
        call()
        broken()
      },
    }),
    1,
  ],
]

test.each(wrong)('%s: the run is as without it, and the logger is told once', async (_, telemetry, told) => {
  const logger = createLogger()
  const rig = await createRig([flaky], { telemetry, logger })
  for (let i = 0; i < 3; i++) expect(await rig.until((await rig.start(flaky)).result())).toBe(2)
  expect(rig.told('attempt.started').length).toBe(6)
  await rig.until(rig.supervisor.stop())
  expect(logger.lines.filter((line) => line.includes('watcher')).length, logger.lines.join('\n')).toBe(told)
})

describe('the function of a step', () => {
  const calls = async (
    around: (place: unknown, call: () => unknown) => unknown,
  ): Promise<readonly unknown[]> => {
    let count = 0
    const count3 = chain('count').step('s', () => {
      count++
      if (count === 3) throw new Error('own')
      return count
    })
    const rig = await createRig([count3], { telemetry: watching({ around }) })
    const all: unknown[] = []
    for (let i = 0; i < 3; i++) {
      const result = await rig.until((await rig.start(count3)).settled())
      all.push('output' in result ? result.output : result.status)
    }
    return [...all, count]
  }

  test.each([
    ['is called by the one around it', (_: unknown, call: () => unknown) => call()],
    [
      'is called once, also by one that calls it again and again',
      (_: unknown, call: () => unknown) => [call(), call()],
    ],
    ['is called, also by one that does not call it', () => 'something else'],
    [
      'fails as it does, also where the one around it makes light of that',
      (_: unknown, call: () => unknown) => {
        try {
          return call()
        } catch {
          return 'fine'
        }
      },
    ],
  ])('%s', async (_, around) => {
    expect(await calls(around)).toEqual([1, 2, 'failed', 3])
  })
})

test('a metric that cannot be told takes no span with it', async () => {
  const traces = createTraces()
  const telemetry = createTelemetry({
    tracerProvider: traces.provider,
    meterProvider: {
      getMeter: () =>
        ({
          createCounter: broken,
          createHistogram: broken,
          createObservableGauge: () => ({}),
          addBatchObservableCallback() {},
        }) as unknown as Meter,
    },
  })
  const rig = await createRig([flaky], { telemetry })
  await rig.until((await rig.start(flaky)).result())
  expect(traces.tree().length).toBe(5)
})

describe('what is wrong with options is told in one error', () => {
  test.each([
    [{ maxRuns: 0, maxNames: 1.5, buckets: [2, 1] }, /maxRuns.*maxNames.*buckets/],
    [{ buckets: [] }, /buckets is a list of growing numbers/],
    [{ maxRun: 5 }, /did you mean maxRuns/],
    [null, /are no object/],
    ['yes', /are no object/],
  ])('%j', (options, message) => {
    for (const create of [createTelemetry, createPrometheus]) {
      expect(() => create(options as object)).toThrow(message)
      expect(() => create(options as object)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    }
  })

  test('providers have what is asked of them', () => {
    const options = { tracerProvider: {}, meterProvider: null } as object
    expect(() => createTelemetry(options)).toThrow(/tracerProvider has a method getTracer.*meterProvider/)
  })

  test.each([[{}], [null], ['all'], [[createPrometheus(), {}]], [createTelemetry]])(
    'the supervisor refuses telemetry %j',
    async (telemetry) => {
      await expect(createRig([flaky], { telemetry: telemetry as never })).rejects.toThrow(/telemetry is what/)
    },
  )
})
