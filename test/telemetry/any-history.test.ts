// Whatever becomes of the process and however many runs there are: a run's trace is one tree, each of its spans told once.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { RunTracks } from '../../src/telemetry/run-tracks.ts'
import type { Stretch, StretchEnd } from '../../src/telemetry/stretch.ts'
import { createTelemetry } from '../../src/telemetry/create-telemetry.ts'
import { spanIds } from '../../src/telemetry/span-ids.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createRig, type Rig } from '../engine/rig.ts'
import { createTraces } from './traces.ts'

const pay = chain<string>('pay').step('charge', () => 1)
const load = chain('load')
  .step(
    'fetch',
    ({ attempt }) => {
      if (attempt === 1) throw new Error('no')
    },
    { attempts: 3, backoff: { initial: 1_000, jitter: 'none' } },
  )
  .each(
    'parts',
    () => ['a', 'b', 'c'],
    (part) => part,
    { key: (part) => part },
  )
const report = chain('report')
  .needs({ load })
  .parallel('both', {
    left: (b) => b.step('render', () => 1),
    right: (b) => b.sleep('nap', '10s'),
  })
  .call('pay', pay, () => 'x')
  .step('publish', () => 2)
const chains = [pay, load, report]

/** Every stretch that the journal tells of, whole, by whoever was told of it in one go. */
function stretchesOf(events: readonly JournalEvent[]): readonly string[] {
  const found: string[] = []
  const tracks = tracksWith((stretch, end) => found.push(`${stretch.key} ${end.how}`))
  for (const event of events) tracks.told([event])
  return found
}

function tracksWith(
  ended: (stretch: Stretch, end: StretchEnd) => void,
  more: { readonly mostRuns?: number; readonly journal?: () => readonly JournalEvent[] } = {},
): RunTracks {
  return new RunTracks({
    listener: { began() {}, ended },
    mostRuns: more.mostRuns ?? 1_000,
    history: async (run, after) =>
      (more.journal?.() ?? []).filter((event) => event.run === run && event.seq > after),
    problem: (_, error) => {
      throw error
    },
    dropped: () => {},
  })
}

async function journalOf(rig: Rig): Promise<readonly JournalEvent[]> {
  const runs = [await rig.start(report), await rig.start(report), await rig.start(load)]
  for (const run of runs) await rig.until(run.result())
  return rig.events()
}

test('a run that loses its process at any moments is one trace, a tree without gaps or doubles', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 4 }), async (moments) => {
      const traces = createTraces({ idGenerator: spanIds })
      const telemetry = createTelemetry({ tracerProvider: traces.provider, meterProvider: false })
      const rig = await createRig(chains, { telemetry, lostAttempts: 100 })
      const run = await rig.start(report)
      for (const moment of moments) {
        if ((await (await rig.supervisor.get(run.id))?.status()) === 'succeeded') break
        for (let step = 0; step < moment; step++) if (!(await rig.steps(1))) await rig.advance(200)
        await rig.crash()
      }
      const again = await rig.supervisor.get(run.id)
      await rig.until(again?.result() ?? Promise.reject(new Error('it is gone')))

      const spans = traces.spans()
      const ids = spans.map((span) => span.spanContext().spanId)
      expect(new Set(ids).size).toBe(ids.length)
      expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1)
      expect(spans.filter((span) => span.parentSpanContext === undefined).map(({ name }) => name)).toEqual([
        'run report',
      ])
      const known = new Set(ids)
      for (const span of spans)
        if (span.parentSpanContext !== undefined) expect(known).toContain(span.parentSpanContext.spanId)
      for (const link of spans.flatMap((span) => span.links)) expect(known).toContain(link.context.spanId)

      const ended = rig.events().filter(({ type }) => /^attempt\.(?:succeeded|failed|lost)$/.test(type))
      expect(spans.filter(({ name }) => name.startsWith('attempt ')).length).toBe(ended.length)
      for (const span of spans) {
        const parent = spans.find((one) => one.spanContext().spanId === span.parentSpanContext?.spanId)
        if (parent === undefined) continue
        expect(span.startTime[0] * 1e3 + span.startTime[1] / 1e6).toBeGreaterThanOrEqual(
          parent.startTime[0] * 1e3 + parent.startTime[1] / 1e6,
        )
      }
    }),
    { numRuns: 60 },
  )
}, 60_000)

describe('however few runs are followed', () => {
  test('every stretch is told of once, as by one who follows all', async () => {
    const rig = await createRig(chains)
    const events = await journalOf(rig)
    const whole = stretchesOf(events)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.infiniteStream(fc.boolean()),
        async (mostRuns, pauses) => {
          const told: string[] = []
          let committed: readonly JournalEvent[] = []
          const tracks = tracksWith((stretch, end) => told.push(`${stretch.key} ${end.how}`), {
            mostRuns,
            journal: () => committed,
          })
          for (const event of events) {
            committed = [...committed, event]
            tracks.told([event])
            if (pauses.next().value === true) await Promise.resolve()
            expect(tracks.size).toBeLessThanOrEqual(mostRuns)
          }
          for (let i = 0; i < 50; i++) await Promise.resolve()
          expect(told.toSorted()).toEqual(whole.toSorted())
        },
      ),
      { numRuns: 60 },
    )
  })

  test('nothing is kept of those that have ended', async () => {
    const rig = await createRig(chains)
    const events = await journalOf(rig)
    const tracks = tracksWith(() => {})
    for (const event of events) tracks.told([event])
    expect(tracks.size).toBe(0)
  })

  test('too many histories at once are not read, and what is missed is counted', async () => {
    const rig = await createRig([load])
    for (let i = 0; i < 40; i++) await rig.until((await rig.start(load)).result())
    const events = rig.events()
    let dropped = 0
    let reads = 0
    const tracks = new RunTracks({
      listener: { began() {}, ended() {} },
      mostRuns: 10,
      history: () => {
        reads++
        return new Promise(() => {})
      },
      problem: () => {},
      dropped: (count) => void (dropped += count),
    })
    const second = events.filter(({ type }) => type === 'chain.ended')
    for (const event of second) tracks.told([event])
    expect(reads).toBe(16)
    expect(dropped).toBe(24)
  })
})
