import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRecentEvents } from '../../src/inspector/recent-events.ts'
import type { JournalEvent } from '../../src/journal/event.ts'

const eventOf = (seq: number): JournalEvent => ({ seq }) as JournalEvent

test('it gives what follows a seq without a gap, or nothing at all, and never holds twice of what it is to hold', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      // how far each event is behind the one before: nearly always one
      fc.array(fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 9 })), {
        maxLength: 200,
      }),
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 1, max: 50 }),
      (most, steps, after, limit) => {
        const recent = createRecentEvents(most)
        const seqs: number[] = []
        for (const step of steps) {
          seqs.push((seqs.at(-1) ?? 0) + step)
          recent.push(eventOf(seqs.at(-1) ?? 0))
        }
        const given = recent.after(after, limit)
        const real = seqs.filter((seq) => seq > after)
        if (given === undefined) return
        expect(given.length).toBeGreaterThan(0)
        expect(given.map(({ seq }) => seq)).toEqual(real.slice(0, given.length))
        expect(given[0]?.seq).toBe(after + 1)
        expect(given.map(({ seq }, at) => seq - at)).toEqual(given.map(() => after + 1))
        expect((recent.after(seqs[0] ?? 0, 1_000) ?? []).length).toBeLessThan(most * 2)
      },
    ),
  )
})

test('who is behind by no more than it is to hold is always given something', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 200 }),
      fc.nat(19),
      (most, last, behind) => {
        const recent = createRecentEvents(most)
        for (let seq = 1; seq <= last; seq++) recent.push(eventOf(seq))
        const from = last - 1 - (behind % Math.min(most, last))
        expect(recent.after(from, 1_000)).toEqual(
          Array.from({ length: last - from }, (_, at) => eventOf(from + 1 + at)),
        )
        expect(recent.after(last, 1)).toBeUndefined()
      },
    ),
  )
})

test('who is cleared gives nothing until something comes', () => {
  const recent = createRecentEvents(10)
  recent.push(eventOf(1))
  recent.push(eventOf(2))
  expect(recent.after(1, 5)).toEqual([eventOf(2)])
  recent.clear()
  expect(recent.after(1, 5)).toBeUndefined()
  recent.push(eventOf(3))
  expect([recent.after(1, 5), recent.after(2, 5), recent.after(3, 5)]).toEqual([
    undefined,
    [eventOf(3)],
    undefined,
  ])
})
