// That the looks at compensations, memos, ticks and services see what they are there to see.

import { describe, expect, test } from 'vitest'
import type { Row } from '../../src/journal/store.ts'
import { wrongBeats, wrongStarts } from './beats.ts'
import { readLine } from './lines.ts'
import { wrongMemos } from './memos.ts'
import { missedTicks, wrongTicks } from './ticks.ts'
import { wrongUndoing, wrongUndoingTold } from './undone.ts'

/** `run type`, its body, its time. */
type Fact = readonly [string, object?, number?]

function journal(...facts: readonly Fact[]): readonly Row[] {
  return facts.map(([told, body = {}, at = 0], place) => {
    const [run = '', type = ''] = told.split(' ')
    return { seq: place + 1, run, type, at, body: JSON.stringify(body), payload: null }
  })
}

const of = (step: string, item?: string) => ({ chain: 'trip', step, attempt: 1, ...(item && { item }) })
const began = (step: string, item?: string) => ['trip-1 attempt.started', of(step, item)] as const
const ended = (step: string, item?: string) => ['trip-1 attempt.succeeded', of(step, item)] as const
const failed = ['trip-1 run.ended', { status: 'failed' }] as const
const [undo, undoRoom] = ['seat:compensation', 'rooms:compensation']

describe('the look at compensations', () => {
  const forth = [began('seat'), ended('seat'), began('rooms', 'a'), began('rooms', 'b')]
  const back = ['b', 'a'].flatMap((room) => [began(undoRoom, room), ended(undoRoom, room)])

  test('takes the reverse order for well, at every moment', () => {
    const all = [...forth, ...back, began(undo), ended(undo), failed]
    for (let length = 0; length <= all.length; length++)
      expect(wrongUndoing(journal(...all.slice(0, length)))).toEqual([])
  })

  test('sees another order, an overlap, one left out, and a step begun afterwards', () => {
    const wrong = (...facts: readonly Fact[]) => wrongUndoing(journal(...forth, ...facts)).length
    expect(wrong(began(undo))).toBe(1)
    expect(wrong(began(undoRoom, 'a'))).toBe(1)
    expect(wrong(began(undoRoom, 'b'), began(undoRoom, 'a'))).toBe(1)
    expect(wrong(...back, failed)).toBe(1)
    expect(wrong(began(undoRoom, 'b'), began('charge'))).toBe(1)
    expect(wrong(...back, ['trip-1 run.ended', { status: 'succeeded' }])).toBe(1)
  })

  test('sees another order from outside, and takes no offence at items', () => {
    const told = (...lines: readonly string[]) =>
      wrongUndoingTold(lines.map((line) => readLine(line.replace('at', 'trip-1/trip')))).length
    const forwards = ['at/seat/1', 'at/rooms/room-1/1', 'at/rooms/room-0/1']
    expect(told(...forwards, 'at/rooms:compensation/room-0/1', 'done at/rooms:compensation/room-0/1')).toBe(0)
    expect(told(...forwards, 'at/seat:compensation/1')).toBe(1)
  })
})

describe('the look at memos', () => {
  const asked = (run: string, memo?: object) =>
    [`${run} attempt.succeeded`, { chain: 'fare', step: 'ask', memo }] as const
  test('sees what is made again, and what is said to be of another', () => {
    expect(wrongMemos(journal(asked('fare-1'), asked('fare-5', { run: 'fare-1' }), asked('fare-2')))).toEqual(
      [],
    )
    expect(wrongMemos(journal(asked('fare-1'), asked('fare-5')))).toHaveLength(1)
    expect(wrongMemos(journal(asked('fare-1'), asked('fare-5', { run: 'fare-9' })))).toHaveLength(1)
  })
})

describe('the look at ticks', () => {
  const run = (due: number) => `schedule/tick/all/${new Date(due).toISOString()}`
  const tick = (due: number) => [`${run(due)} run.accepted`, { tick: { scheduledAt: due } }] as const
  const known = ['r run.accepted', {}, 500] as const
  test('sees one that is left out, at the start too, one that comes twice, and one that never ended', () => {
    expect(wrongTicks(journal(known, tick(1_000), tick(2_000)))).toEqual([])
    expect(wrongTicks(journal(known, tick(1_000), tick(3_000)))).toHaveLength(1)
    expect(wrongTicks(journal(known, tick(2_000)))).toHaveLength(1)
    expect(wrongTicks(journal(known, tick(1_000), tick(1_000)))).toHaveLength(1)
    expect(missedTicks(journal(tick(1_000)), [readLine('ticked 1000')])).toHaveLength(1)
    expect(
      missedTicks(journal([`${run(1_000)} run.ended`, { status: 'succeeded' }]), [readLine('ticked 1000')]),
    ).toEqual([])
  })
})

describe('the look at a service', () => {
  const begins = (start: number) => ['~services service.started', { service: 'beacon', start }] as const
  const ends = ['~services service.exited', { service: 'beacon' }, 10] as const
  const process = [' engine.started'] as const
  test('sees two at once, and one that is not started again', () => {
    expect(wrongStarts(journal(process, begins(1), ends, begins(2), process, begins(1)))).toEqual([])
    expect(wrongStarts(journal(process, begins(1), begins(2)))).toHaveLength(1)
    expect(wrongStarts(journal(process, begins(1), ends, ['r run.accepted', {}, 9_000]))).toHaveLength(1)
  })

  test('sees from outside what beats out of turn, and one that outlives its process', () => {
    const told = (...lines: readonly string[]) =>
      wrongBeats(lines.map((line) => readLine(`beats ${line}`))).length
    expect(told('7 1 from', '7 1 1', '7 1 to', '7 2 from', '8 1 from', '8 1 1', '8 1 to')).toBe(0)
    expect(told('7 1 from', '7 2 from', '7 2 to')).toBe(1)
    expect(told('7 1 from', '7 1 2', '7 1 to')).toBe(1)
    expect(told('7 1 from', '7 1 1')).toBe(1)
  })
})
