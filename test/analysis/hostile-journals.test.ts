// Journals as no engine of this version writes them: whoever reads them comes to an end, with numbers that are numbers.

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { createEvidence } from '../../src/analysis/evidence.ts'
import { evaluate } from '../../src/analysis/evaluate.ts'
import type { Report } from '../../src/analysis/report.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import { describeEvent } from '../../src/cli/event-line.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createRunRecords } from '../../src/observe/run-records.ts'
import { timelineOf } from '../../src/observe/timeline.ts'
import { createPrometheus } from '../../src/telemetry/create-prometheus.ts'
import { suggest } from '../../src/reflection/suggest.ts'
import { busyJournal } from './journals.ts'

const journals: (readonly JournalEvent[])[] = []

beforeAll(async () => {
  for (let seed = 1; seed <= 4; seed++) journals.push((await busyJournal(seed)).events)
})

type Change = (events: JournalEvent[], at: number, size: number) => void

const nasty = [
  '__proto__',
  'constructor',
  'toString',
  '',
  '🙂,\n',
  '\u001b[31mred\u001b[0m',
  'x'.repeat(65_536),
  '\ud800',
]
const renamed = ['run', 'chain', 'step', 'item', 'breaker', 'name', 'of'] as const
const day = 86_400_000

/** What may be odd; each keeps the numbers of events rising, as every store does. */
const changes: Readonly<Record<string, Change>> = {
  gap: (events, at, size) => void events.splice(at, 1 + (size % 20)),
  again: (events, at) => void events.splice(at, 0, events[at] as JournalEvent),
  swapped(events, at) {
    const other = events[at + 1]
    if (other !== undefined) events.splice(at, 2, other, events[at] as JournalEvent)
  },
  unknown: (events, at) => Object.assign(events[at] as object, { type: 'run.enchanted', payload: '{' }),
  payload: (events, at) => Object.assign(events[at] as object, { payload: '{"$":["nonsense"' }),
  back: (events, at) => shift(events, at, -day),
  on: (events, at) => shift(events, at, 365 * day),
  once: (events, at) => Object.assign(events[at] as object, { at: 0 }),
  renamed(events, at, size) {
    const name = renamed[size % renamed.length] as string
    const event = events[at] as unknown as Record<string, unknown>
    if (typeof event[name] === 'string') event[name] = nasty[(size >> 3) % nasty.length]
  },
}

function shift(events: JournalEvent[], from: number, by: number): void {
  for (const event of events.slice(from)) Object.assign(event, { at: event.at + by })
}

const odd = fc.record({
  journal: fc.nat(3),
  odds: fc.array(fc.tuple(fc.constantFrom(...Object.keys(changes)), fc.nat(10_000), fc.nat(255)), {
    minLength: 1,
    maxLength: 12,
  }),
})
type Odd = typeof odd extends fc.Arbitrary<infer T> ? T : never

function disturbed({ journal, odds }: Odd): readonly JournalEvent[] {
  const events = (journals[journal] ?? []).map((event) => ({ ...event }))
  for (const [what, at, size] of odds) changes[what]?.(events, at % events.length, size)
  return events.map((event, at) => ({ ...event, seq: at + 1 }))
}

function reportOf(events: readonly JournalEvent[], now: number): Report {
  const evidence = createEvidence()
  for (const event of events) evidence.apply(event)
  return atOnce(evaluate(evidence, { now }))
}

/** What cannot be read is told as just that; nothing else may be thrown. */
function unlessCorrupt(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!isCorrupt(error)) throw error
  }
}

function isCorrupt(error: unknown): boolean {
  return CatenaryError.is(error) && error.code === 'STORE_CORRUPT'
}

function everyNumber(value: unknown, path = 'report'): void {
  if (typeof value === 'number') return expect(Number.isFinite(value), `${path} is ${value}`).toBe(true)
  if (typeof value !== 'object' || value === null) return
  for (const [name, one] of Object.entries(value)) everyNumber(one, `${path}.${name.slice(0, 40)}`)
}

describe('of a journal that is as odd as may be', () => {
  test('a report is made, of numbers, the same each time; nothing is called well that has too little to show', () => {
    fc.assert(
      fc.property(odd, (given) => {
        const events = disturbed(given)
        const now = events.at(-1)?.at ?? 0
        unlessCorrupt(() => {
          const report = reportOf(events, now)
          everyNumber(report)
          expect(reportOf(events, now).meta.hash).toBe(report.meta.hash)
          for (const { state, evidence } of report.health)
            if (evidence.runs < 52) expect(state).not.toBe('ok')
        })
      }),
      { numRuns: 150 },
    )
  })

  test('runs are measured within their bounds, suggestions made or not, timelines drawn, events told', () => {
    fc.assert(
      fc.property(odd, (given) => {
        const events = disturbed(given)
        const records = createRunRecords({ mostEnded: 5, mostOpen: 3, mostAttempts: 200 })
        const runs = new Set<string>()
        for (const event of events) {
          unlessCorrupt(() => records.apply(event))
          runs.add(event.run)
          expect(typeof describeEvent(event)).toBe('string')
        }
        expect(records.ended.size).toBeLessThanOrEqual(5)
        expect(records.open.size).toBeLessThanOrEqual(3)
        for (const run of runs)
          unlessCorrupt(() => void timelineOf(events.filter((event) => event.run === run)))
        unlessCorrupt(() => {
          const { declaration } = records.declared
          const config = { version: 0, concurrency: 3, steps: {}, limiters: {}, edges: {} }
          if (declaration !== undefined)
            suggest({
              records: [...records.ended.values()],
              declaration,
              config,
              now: events.at(-1)?.at ?? 0,
            })
        })
      }),
      { numRuns: 150 },
    )
  })

  test('Prometheus is told what there is, in its form', async () => {
    await fc.assert(
      fc.asyncProperty(odd, async (given) => {
        const events = disturbed(given)
        const problems: (readonly [string, unknown])[] = []
        const metrics = createPrometheus({ maxRuns: 3, maxNames: 5 })
        const watching = metrics.attach({
          healthz: () => ({ ok: true, state: 'running', services: [] }),
          load: () => ({ inFlight: 0, runs: 0 }),
          history: async (run, after) => events.filter((one) => one.run === run && one.seq > after),
          problem: (what, error) => problems.push([what, error]),
        })
        for (const event of events) unlessCorrupt(() => watching.told([event]))
        await new Promise(setImmediate)
        expect(problems.filter(([, error]) => !isCorrupt(error))).toEqual([])
        for (const line of metrics.scrape().text.trimEnd().split('\n'))
          expect(line).toMatch(/^(?:# .*|[a-z_]+(?:\{.*\})? (?:[-+.e\d]+|\+Inf|NaN))$/)
        expect(metrics.scrape().text).not.toContain('NaN')
      }),
      { numRuns: 60 },
    )
  })
})
