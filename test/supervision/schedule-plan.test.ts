// What becomes of ticks: which are wanted, which wait, start, are dropped, and what has to make way for them.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CatchUp, Overlap } from '../../src/definition/schedule.ts'
import { ticksOf } from '../../src/definition/ticks.ts'
import {
  inTheWay,
  longestQueue,
  onTime,
  planSchedule,
  type ScheduleEvent,
  type ScheduleState,
  startable,
  wantedTicks,
} from '../../src/supervision/schedule-plan.ts'

const empty: ScheduleState = { considered: 0, queue: [], running: [], paused: false }
const looked = (...wanted: number[]): ScheduleEvent => ({
  type: 'looked',
  now: 1_000,
  due: wanted.at(-1),
  wanted,
})
const run = (overlap: Overlap, from: Partial<ScheduleState>, ...events: ScheduleEvent[]): ScheduleState =>
  events.reduce((state, event) => planSchedule(overlap, state, event), { ...empty, ...from })

describe('ticks that come', () => {
  test.each<[Overlap, Partial<ScheduleState>, number[], Partial<ScheduleState>]>([
    // nothing runs and nothing waits
    ['skip', {}, [5], { queue: [5] }],
    ['queue', {}, [5, 6], { queue: [5, 6] }],
    ['allow', {}, [5, 6], { queue: [5, 6] }],
    ['cancel', {}, [5], { queue: [5] }],
    // a second one, while the first has not started
    [
      'skip',
      {},
      [5, 6],
      { queue: [5], skipped: { at: 6, because: 'the run of an earlier tick was about to start' } },
    ],
    ['cancel', {}, [5, 6], { queue: [6], skipped: { at: 5, because: 'a later tick took its place' } }],
    // a run has not ended
    ['skip', { running: ['r1', 'r2'] }, [5], { skipped: { at: 5, because: 'run r1 had not ended' } }],
    ['queue', { running: ['r1'] }, [5], { queue: [5] }],
    ['cancel', { running: ['r1'] }, [5], { queue: [5] }],
  ])('%s: %j and ticks %j', (overlap, from, ticks, then) => {
    const state = run(overlap, from, looked(...ticks))
    expect(state).toStrictEqual({ ...empty, ...from, considered: ticks.at(-1), ...then })
  })

  test.each<Overlap>(['queue', 'allow'])('no more than a thousand wait under %s', (overlap) => {
    const queue = Array.from({ length: longestQueue - 1 }, (_, i) => i)
    const state = run(overlap, { queue }, looked(5_000, 6_000))
    expect(state.queue).toEqual([...queue, 5_000])
    expect(state.skipped).toEqual({ at: 6_000, because: '1000 ticks were waiting already' })
  })

  test('are considered once: what was looked at is over, wanted or not', () => {
    expect(run('queue', { considered: 3 }, { type: 'looked', now: 9, due: 8, wanted: [] })).toEqual({
      ...empty,
      considered: 8,
    })
    const state = { ...empty, considered: 3 }
    expect(planSchedule('queue', state, { type: 'looked', now: 9, due: undefined, wanted: [] })).toBe(state)
  })

  test('begin anew where the clock was set back by more than a minute, and not where it was by less', () => {
    const state = { ...empty, considered: 100_000 }
    const look = (now: number): ScheduleState =>
      planSchedule('queue', state, { type: 'looked', now, due: undefined, wanted: [] })
    expect(look(39_999)).toEqual({ ...empty, considered: 39_999 })
    expect(look(40_000)).toBe(state)
  })
})

describe('a schedule', () => {
  test('that is paused looks at nothing, and drops what has passed when it goes on', () => {
    const paused = run('queue', { queue: [5] }, { type: 'paused' })
    expect(paused).toEqual({ ...empty, queue: [5], paused: true })
    expect(planSchedule('queue', paused, { type: 'paused' })).toBe(paused)
    expect(planSchedule('queue', paused, looked(6))).toBe(paused)
    const on = planSchedule('queue', paused, { type: 'resumed', now: 70 })
    expect(on).toEqual({ ...empty, queue: [5], considered: 70 })
    expect(planSchedule('queue', on, { type: 'resumed', now: 90 })).toBe(on)
    // a clock that was set back makes no tick come twice
    expect(run('queue', { considered: 80, paused: true }, { type: 'resumed', now: 70 }).considered).toBe(80)
  })

  test('knows its runs until they end; those that may overlap are nobody’s business', () => {
    const started: ScheduleEvent = { type: 'started', tick: 6, run: 'r6' }
    const one = run('queue', { queue: [5, 6, 7], running: ['r4'] }, started)
    expect(one).toEqual({ ...empty, queue: [5, 7], running: ['r4', 'r6'], last: { run: 'r6', at: 6 } })
    expect(planSchedule('queue', one, started).running).toEqual(['r4', 'r6'])
    expect(run('allow', { queue: [6] }, started)).toEqual({ ...empty, last: { run: 'r6', at: 6 } })

    expect(planSchedule('queue', one, { type: 'ended', run: 'r4' }).running).toEqual(['r6'])
    expect(planSchedule('queue', one, { type: 'ended', run: 'r5' })).toBe(one)
    const asked = planSchedule('queue', one, { type: 'triggered', at: 9, run: 'mine' })
    expect(asked).toEqual({ ...one, running: ['r4', 'r6', 'mine'], last: { run: 'mine', at: 9 } })
  })

  test('keeps why a tick’s run was refused, and goes on with the next', () => {
    const state = run('queue', { queue: [5, 6] }, { type: 'refused', tick: 5, because: 'no' })
    expect(state).toEqual({ ...empty, queue: [6], refused: { at: 5, because: 'no' } })
  })

  test.each<[Overlap, Partial<ScheduleState>, number | undefined, readonly string[]]>([
    ['skip', { queue: [] }, undefined, []],
    ['skip', { queue: [5] }, 5, []],
    ['queue', { queue: [5, 6] }, 5, []],
    ['queue', { queue: [5], running: ['r'] }, undefined, []],
    ['allow', { queue: [5], running: ['r'] }, 5, []],
    ['allow', { queue: [5], paused: true }, undefined, []],
    ['cancel', { queue: [], running: ['r'] }, undefined, []],
    ['cancel', { queue: [5], running: ['r', 's'] }, undefined, ['r', 's']],
    ['cancel', { queue: [5], running: ['r'], paused: true }, undefined, []],
  ])('under %s with %j starts %j, and cancels %j for it', (overlap, change, tick, cancelled) => {
    const state = { ...empty, ...change }
    expect(startable(overlap, state)).toBe(tick)
    expect(inTheWay(overlap, state)).toEqual(cancelled)
  })
})

describe('ticks that have passed', () => {
  const minute = 60_000
  interface Case {
    readonly catchUp: CatchUp
    readonly within?: number
    readonly delay?: number
    readonly considered?: number
    readonly now: number
  }
  const passed = ({ catchUp, within = Infinity, delay = 0, considered = 0, now }: Case): unknown => {
    const ticks = ticksOf({ every: minute })
    const missing = { ticks, catchUp, catchUpWithin: within, delay: () => delay }
    const { due, wanted } = wantedTicks(missing, considered, now)
    return [due === undefined ? due : due / minute, wanted.map((tick) => tick / minute)]
  }

  test.each<[Case, number | undefined, number[]]>([
    // one that was decided on is over
    [{ catchUp: 'all', considered: 3 * minute, now: 3 * minute }, undefined, []],
    [{ catchUp: 'all', considered: 3 * minute - 1, now: 3 * minute }, 3, [3]],
    // on time, whatever is caught up
    [{ catchUp: 'none', now: 3 * minute + onTime }, 3, [3]],
    [{ catchUp: 'none', now: 3 * minute + onTime + 1 }, 3, []],
    [{ catchUp: 'last', now: 3 * minute + onTime + 1 }, 3, [3]],
    [{ catchUp: 'all', now: 3 * minute + onTime + 1 }, 3, [1, 2, 3]],
    [{ catchUp: 'none', within: 0, now: 3 * minute + onTime }, 3, [3]],
    // no longer ago than asked
    [{ catchUp: 'last', within: onTime + 5, now: 3 * minute + onTime + 5 }, 3, [3]],
    [{ catchUp: 'last', within: onTime + 4, now: 3 * minute + onTime + 5 }, 3, []],
    [{ catchUp: 'all', within: 2 * minute, now: 3 * minute }, 3, [1, 2, 3]],
    [{ catchUp: 'all', within: 2 * minute - 1, now: 3 * minute }, 3, [2, 3]],
    [{ catchUp: 'all', considered: minute, now: 3 * minute }, 3, [2, 3]],
    // what starts a while after its tick is not due before, nor late by that while
    [{ catchUp: 'last', delay: 30_000, now: 3 * minute + 29_999 }, 2, [2]],
    [{ catchUp: 'last', delay: 30_000, now: 3 * minute + 30_000 }, 3, [3]],
    [{ catchUp: 'none', delay: 30_000, now: 3 * minute + 30_000 + onTime }, 3, [3]],
    [{ catchUp: 'none', delay: 30_000, now: 3 * minute + 30_001 + onTime }, 3, []],
  ])('%j', (given, due, wanted) => {
    expect(passed(given)).toEqual([due, wanted])
  })

  test('before the first of a schedule there is none', () => {
    const ticks = ticksOf({ every: minute, from: 5 * minute })
    const missing = { ticks, catchUp: 'all', catchUpWithin: Infinity, delay: () => 1 } as const
    expect(wantedTicks(missing, 0, 5 * minute - 1)).toEqual({ wanted: [], due: undefined })
    expect(wantedTicks(missing, 0, 5 * minute)).toEqual({ wanted: [], due: undefined })
    expect(wantedTicks(missing, 0, 6 * minute + 1)).toEqual({
      wanted: [5 * minute, 6 * minute],
      due: 6 * minute,
    })
  })

  test('are the newest thousand, however long ago they began', () => {
    const ticks = ticksOf({ every: 1 })
    const missing = { ticks, catchUp: 'all', catchUpWithin: Infinity, delay: () => 0 } as const
    const { wanted } = wantedTicks(missing, 0, 1e9)
    expect([wanted.length, wanted[0], wanted.at(-1)]).toEqual([longestQueue, 1e9 - 999, 1e9])
  })

  test('are those of a list of all ticks that nobody had to reckon', () => {
    const some = fc.record({
      every: fc.integer({ min: 1_000, max: 40_000 }),
      share: fc.double({ min: 0, max: 0.99, noNaN: true }),
      considered: fc.nat(400_000),
      now: fc.nat(400_000),
      within: fc.oneof(fc.nat(400_000), fc.constant(Infinity)),
      catchUp: fc.constantFrom<CatchUp>('none', 'last', 'all'),
    })
    fc.assert(
      fc.property(some, ({ every, share, considered, now, within, catchUp }) => {
        const delay = (tick: number): number => Math.floor(((tick / every) % 2) * share * every)
        const all = Array.from({ length: 401 }, (_, i) => i * every)
        const due = all.filter((tick) => tick + delay(tick) <= now).at(-1) as number
        const young = all.filter((tick) => tick > considered && tick <= due && tick >= now - within)
        const isOnTime = now <= due + delay(due) + onTime
        const expected = {
          all: isOnTime ? [...new Set([...young, due])] : young,
          last: isOnTime ? [due] : young.slice(-1),
          none: isOnTime ? [due] : [],
        }[catchUp]
        const ticks = ticksOf({ every })
        expect(wantedTicks({ ticks, catchUp, catchUpWithin: within, delay }, considered, now)).toEqual(
          due > considered ? { due, wanted: expected } : { due: undefined, wanted: [] },
        )
      }),
    )
  })
})
