import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { evaluate } from '../../src/analysis/evaluate.ts'
import { createEvidence } from '../../src/analysis/evidence.ts'
import type { Report } from '../../src/analysis/report.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { busyJournal } from './journals.ts'

const journals: { readonly events: readonly JournalEvent[]; readonly now: number }[] = []

beforeAll(async () => {
  for (let seed = 1; seed <= 6; seed++) journals.push(await busyJournal(seed))
})

/** @param cuts where a report is asked for between two events, and thrown away. */
function reportOf(events: readonly JournalEvent[], now: number, cuts: readonly number[] = []): Report {
  const evidence = createEvidence()
  for (const [at, event] of events.entries()) {
    evidence.apply(event)
    if (cuts.includes(at)) atOnce(evaluate(evidence, { now: event.at }))
  }
  return atOnce(evaluate(evidence, { now }))
}

test('a report is a function of journal and time, in whatever portions the journal came', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.array(fc.nat(600), { maxLength: 8 }), fc.boolean(), (at, cuts, twice) => {
      const { events, now } = journals[at] as (typeof journals)[number]
      const whole = reportOf(events, now)
      // what is told again changes nothing
      const again = twice
        ? events.flatMap((event, index) => (cuts.includes(index) ? [event, event] : [event]))
        : events
      expect(reportOf(again, now, cuts)).toEqual(whole)
    }),
    { numRuns: 60 },
  )
})

test('another time, or one event more, gives another hash', () => {
  for (const { events, now } of journals) {
    const { hash } = reportOf(events, now).meta
    expect(reportOf(events, now + 1).meta.hash).not.toBe(hash)
    expect(reportOf(events.slice(0, -1), now).meta.hash).not.toBe(hash)
  }
})

test('a report is plain JSON', () => {
  for (const { events, now } of journals) {
    const report = reportOf(events, now)
    expect(JSON.parse(JSON.stringify(report))).toStrictEqual(report)
  }
})

test('a chain with few executions is never called well', () => {
  for (const { events, now } of journals)
    for (const { state, evidence } of reportOf(events, now).health)
      if (evidence.runs < 52) expect(state).not.toBe('ok')
})
