// Runs as measured, on the journals of simulated worlds: whatever happens in them, nothing of it is missing.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JournalEvent } from '../../src/journal/event.ts'
import {
  type AttemptRecord,
  type RunRecord,
  applyToRecord,
  beginRecord,
} from '../../src/observe/run-record.ts'
import { createRunRecords } from '../../src/observe/run-records.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'

const seeds = Array.from({ length: 40 }, (_, index) => index + 1)
const worlds = new Map<number, Promise<readonly JournalEvent[]>>()

/** The journal of a world, made once. */
async function journalOf(seed: number): Promise<readonly JournalEvent[]> {
  let world = worlds.get(seed)
  if (world === undefined) {
    const events: JournalEvent[] = []
    world = simulate(seed, { event: (event) => void events.push(event) }).then(() => events)
    worlds.set(seed, world)
  }
  return world
}

function runsOf(events: readonly JournalEvent[]): ReadonlyMap<string, readonly JournalEvent[]> {
  const runs = Map.groupBy(events, ({ run }) => run)
  for (const [run, [first]] of runs) if (first?.type !== 'run.accepted') runs.delete(run)
  return runs
}

function recordOf(events: readonly JournalEvent[]): RunRecord {
  const [first, ...rest] = events
  if (first?.type !== 'run.accepted') throw new TypeError('not a run')
  const record = beginRecord(first)
  for (const event of rest) applyToRecord(record, event)
  return record
}

function* attemptsOf({ chains }: RunRecord): Generator<readonly [string, AttemptRecord]> {
  for (const { key, attempts } of chains.values()) for (const one of attempts) yield [key, one]
}

const idOf = (chain: string, one: { step: string; item?: string | undefined; attempt: number }): string =>
  `${chain} ${one.step} ${one.item ?? ''} ${one.attempt}`
const nameOf = ({ step, part }: AttemptRecord): string => (part === undefined ? step : `${step}:${part}`)

describe('the record of a run', { timeout: 120_000 }, () => {
  test('has every attempt that the journal tells of, with its times, and none besides', async () => {
    const seen = { runs: 0, attempts: 0, lost: 0, retried: 0, waited: 0 }
    for (const seed of seeds) {
      for (const events of runsOf(await journalOf(seed)).values()) {
        const record = recordOf(events)
        const told = new Map<string, { seq: number; started: number[]; ended: string[] }>()
        const open = new Set<string>()
        for (const event of events) {
          if (event.type === 'run.ended') open.clear()
          if (event.type === 'chain.ended')
            for (const id of open) if (id.startsWith(`${event.chain} `)) open.delete(id)
          if (!('attempt' in event) || !('chain' in event)) continue
          const id = idOf(event.chain, event)
          const known = told.get(id) ?? { seq: event.seq, started: [], ended: [] }
          told.set(id, known)
          if (event.type === 'attempt.started') {
            open.add(id)
            known.started.push(event.at)
          }
          const ends = {
            'attempt.succeeded': 'succeeded',
            'attempt.failed': 'failed',
            'attempt.lost': 'lost',
          }
          // a retry may tell of a loss what the end of its chain had ended before
          if (event.type in ends && open.delete(id))
            known.ended.push(`${ends[event.type as keyof typeof ends]} ${event.at}`)
        }
        const measured = Map.groupBy(attemptsOf(record), ([key, one]) =>
          idOf(key, { ...one, step: nameOf(one) }),
        )
        const where = `run ${record.run} of seed ${seed}`
        expect([...measured.keys()].sort(), where).toEqual([...told.keys()].sort())
        for (const [id, { started, ended }] of told) {
          const ones = measured.get(id)?.map(([, one]) => one) ?? []
          const at = `${id} in ${where}`
          expect(
            ones.flatMap(({ startedAt }) => startedAt ?? []),
            at,
          ).toEqual(started)
          const ends = ones.flatMap(({ outcome, endedAt }) =>
            outcome === undefined || outcome === 'aborted' ? [] : [`${outcome} ${endedAt}`],
          )
          expect(ends, at).toEqual(ended)
        }
        seen.runs++
        for (const [, one] of attemptsOf(record)) {
          seen.attempts++
          if (one.outcome === 'lost') seen.lost++
          if (one.waits.length > 0) seen.waited++
        }
        seen.retried += record.retries
      }
    }
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(20)
  })

  test('the waits of an attempt fill the time until it began, and no attempt of a run that ended is open', async () => {
    for (const seed of seeds) {
      for (const events of runsOf(await journalOf(seed)).values()) {
        const record = recordOf(events)
        for (const [key, one] of attemptsOf(record)) {
          const at = `${idOf(key, one)} of run ${record.run} of seed ${seed}`
          const waited = one.waits.reduce((sum, { ms }) => sum + ms, 0)
          expect(
            one.waits.every(({ ms }) => ms >= 0),
            at,
          ).toBe(true)
          if (one.startedAt !== undefined) expect(waited, at).toBeCloseTo(one.startedAt - one.enqueuedAt, 3)
          if (record.endedAt !== undefined) expect(one.outcome, at).toBeDefined()
          if (one.endedAt !== undefined && one.startedAt !== undefined)
            expect(one.endedAt, at).toBeGreaterThanOrEqual(one.startedAt)
        }
        for (const { readyAt, startedAt, endedAt, key, waits } of record.chains.values()) {
          const at = `chain ${key} of run ${record.run} of seed ${seed}`
          if (startedAt === undefined) continue
          expect(startedAt, at).toBeGreaterThanOrEqual(readyAt ?? Infinity)
          if (endedAt === undefined) continue
          expect(endedAt, at).toBeGreaterThanOrEqual(startedAt)
          for (const { from, to = 0 } of waits) expect(to, at).toBeGreaterThanOrEqual(from)
        }
      }
    }
  })

  test('is the same however its events come, and goes on from a copy of itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds.slice(0, 12)),
        fc.nat(),
        fc.nat(),
        async (seed, which, where) => {
          const runs = [...runsOf(await journalOf(seed)).values()]
          const events = runs[which % runs.length] ?? []
          const at = 1 + (where % events.length)
          const resumed = structuredClone(recordOf(events.slice(0, at)))
          for (const event of events.slice(at)) applyToRecord(resumed, event)
          expect(resumed).toEqual(recordOf(events))
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('the records of a journal', { timeout: 120_000 }, () => {
  test('are those of its runs, whether an event comes twice or not', async () => {
    for (const seed of seeds.slice(0, 10)) {
      const journal = await journalOf(seed)
      const records = createRunRecords()
      for (const event of journal) {
        records.apply(event)
        records.apply(event)
      }
      const all = new Map([...records.open, ...records.ended])
      const runs = runsOf(journal)
      expect(all.size, `seed ${seed}`).toBe(runs.size)
      for (const [run, events] of runs) expect(all.get(run), `seed ${seed}`).toEqual(recordOf(events))
      expect([...records.ended.values()].every(({ endedAt }) => endedAt !== undefined)).toBe(true)
      expect(records.dropped).toEqual({ ended: 0, open: 0, attempts: 0 })
    }
  })

  test('stay within their bounds, and count what there was no room for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds.slice(0, 12)),
        fc.record({
          mostEnded: fc.integer({ min: 0, max: 5 }),
          mostOpen: fc.integer({ min: 1, max: 5 }),
          mostAttempts: fc.integer({ min: 5, max: 200 }),
        }),
        async (seed, bounds) => {
          const journal = await journalOf(seed)
          const records = createRunRecords(bounds)
          for (const event of journal) {
            records.apply(event)
            expect(records.ended.size).toBeLessThanOrEqual(bounds.mostEnded)
            expect(records.open.size).toBeLessThanOrEqual(bounds.mostOpen)
          }
          const kept = [...records.open.values(), ...records.ended.values()]
          for (const one of kept) expect(records.find(one.run)).toBe(one)
          const size = kept.reduce((sum, one) => sum + one.size, 0)
          const held = kept.reduce(
            (sum, { chains }) => [...chains.values()].reduce((all, one) => all + one.attempts.length, sum),
            0,
          )
          expect(held).toBeLessThanOrEqual(size)
          expect(size).toBeLessThanOrEqual(bounds.mostAttempts)
          const { dropped } = records
          expect(kept.length + dropped.ended + dropped.open).toBe(runsOf(journal).size)
        },
      ),
      { numRuns: 40 },
    )
  })
})
