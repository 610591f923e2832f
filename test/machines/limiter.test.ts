// The limiter's machine by itself: who may go, who waits for what, and what comes back.

import { describe, expect, test } from 'vitest'
import { canEverFit, dueFor, limiterMachine, type LimiterTerms, tokensAt } from '../../machines/limiter.ts'
import { createWalker } from './walk.ts'

const slots: LimiterTerms = { inFlight: 2, rate: null, per: 1_000, burst: 1 }
const tokens: LimiterTerms = { inFlight: null, rate: 1, per: 1_000, burst: 2 }
const both: LimiterTerms = { inFlight: 1, rate: 1, per: 1_000, burst: 1 }

const asked = (at: number, cost = 1) => ({ type: 'asked', at, cost }) as const
const offered = (at: number, cost = 1) => ({ type: 'offered', at, cost }) as const
const released = (cost = 1) => ({ type: 'released', cost }) as const
const returned = (at: number, cost = 1) => ({ type: 'returned', at, cost }) as const
const tuned = (terms: LimiterTerms, at: number) => ({ type: 'tuned', terms, at }) as const
const joined = { type: 'joined' } as const
const left = { type: 'left' } as const

const walker = createWalker(limiterMachine)
const from = (terms: LimiterTerms, at = 0) => ({ ...terms, at })

test('it comes through each of its states and transitions: slots, tokens, those who wait, those who give up', () => {
  walker.walk(from(both), [
    [asked(0), 'open', { taken: 1, tokens: 0, granted: 1, waiting: 0 }],
    [asked(0), 'full', { waiting: 1, granted: 1 }],
    [joined, 'full', { waiting: 2 }],
    [joined, 'full', { waiting: 3 }],
    [left, 'full', { waiting: 2 }],
    [offered(0), 'full', { waiting: 2 }],
    [released(), 'full', { taken: 0 }],
    [offered(0), 'drained', { waiting: 2, taken: 0 }],
    [offered(999), 'drained', { waiting: 2 }],
    [joined, 'drained', { waiting: 3 }],
    [left, 'drained', { waiting: 2 }],
    [offered(1_000), 'drained', { taken: 1, waiting: 1, granted: 2, tokens: 0, at: 1_000 }],
    [offered(2_000), 'full', { taken: 1, waiting: 1 }],
    [released(), 'full', { taken: 0 }],
    [offered(2_000), 'open', { taken: 1, waiting: 0, granted: 3 }],
    [released(), 'open', { taken: 0 }],
    [asked(2_000), 'drained', { waiting: 1, taken: 0 }],
    [left, 'open', { waiting: 0 }],
    [asked(2_000), 'drained', { waiting: 1 }],
    [offered(3_000), 'open', { waiting: 0, taken: 1, granted: 4 }],
    [asked(3_000), 'full', { waiting: 1 }],
    [left, 'open', { waiting: 0 }],
  ])
  walker.walk(from(slots), [
    [asked(0, 2), 'open', { taken: 2 }],
    [asked(0), 'full', { waiting: 1 }],
    [joined, 'full', { waiting: 2 }],
    [released(2), 'full', { taken: 0 }],
    [offered(0), 'full', { taken: 1, waiting: 1 }],
    [tuned(tokens, 5), 'full', { inFlight: null, rate: 1, tokens: 2, at: 5 }],
    [returned(5), 'full', { taken: 0, tokens: 2 }],
  ])
  expect(walker.missing()).toEqual([])
})

describe('slots', () => {
  test('cost may weigh more than one, and nothing is let through that does not fit', () => {
    walker.walk(from(slots), [
      [asked(0, 1), 'open', { taken: 1 }],
      [asked(0, 2), 'full', { taken: 1, waiting: 1 }],
      [released(1), 'full', { taken: 0 }],
      [offered(0, 2), 'open', { taken: 2, waiting: 0 }],
    ])
  })

  test('what comes back twice, or was never in flight, makes no room', () => {
    walker.walk(from(slots), [
      [released(5), 'open', { taken: 0 }],
      [left, 'open', { waiting: 0 }],
      [asked(0, 2), 'open', { taken: 2 }],
    ])
  })
})

describe('tokens', () => {
  test('come in with time, up to the burst, and go with each cost', () => {
    walker.walk(from(tokens), [
      [asked(0, 2), 'open', { tokens: 0, at: 0 }],
      [asked(500), 'drained', { waiting: 1 }],
      [left, 'open'],
      [asked(1_500), 'open', { tokens: 0.5, at: 1_500 }],
      [asked(60_000), 'open', { tokens: 1, at: 60_000, granted: 3 }],
    ])
  })

  test('a clock that is put back brings none, and takes none', () => {
    walker.walk(from(tokens, 10_000), [
      [asked(10_000), 'open', { tokens: 1, at: 10_000 }],
      [asked(4_000), 'open', { tokens: 0, at: 10_000 }],
      [asked(10_900), 'drained'],
    ])
  })

  test('come back to a bucket that is as it was left, and to no other', () => {
    walker.walk(from(tokens), [
      [asked(0, 2), 'open', { tokens: 0, taken: 2 }],
      [returned(0, 2), 'open', { tokens: 2, taken: 0 }],
      [asked(1_000), 'open', { tokens: 1, at: 1_000 }],
      [asked(1_500), 'open', { tokens: 0.5, at: 1_500 }],
      [returned(1_000), 'open', { tokens: 0.5, taken: 1 }],
      [returned(1_500, 9), 'open', { tokens: 2, taken: 0 }],
    ])
  })

  test('parts of a token that do not add up keep nobody out at its due time', () => {
    const thirds: LimiterTerms = { inFlight: null, rate: 3, per: 1_000, burst: 1 }
    const bucket = { ...thirds, tokens: 0, at: 0 }
    const due = dueFor(bucket, 1, 0)
    expect(due).toBe(334)
    walker.walk(from(thirds), [
      [asked(0), 'open', { tokens: 0 }],
      [asked(due - 1), 'drained'],
      [offered(due), 'open'],
    ])
    // so close to whole is whole
    expect(dueFor({ ...tokens, tokens: 1 - 1e-7, at: 0 }, 1, 0)).toBe(0)
    walker.walk({ ...tokens, burst: 1 - 1e-7, at: 0 }, [[asked(0), 'open', { tokens: 0 }]])
  })
})

test('other terms hold at once: tokens stay as they are within the new burst, and are full where there was no rate', () => {
  walker.walk(from({ ...tokens, burst: 10 }), [
    [asked(0, 2), 'open', { tokens: 8 }],
    [tuned({ ...tokens, burst: 4 }, 0), 'open', { burst: 4, tokens: 4 }],
    [asked(0, 4), 'open', { tokens: 0 }],
    [tuned({ ...tokens, burst: 5 }, 1_000), 'open', { tokens: 1, at: 1_000 }],
    [tuned({ ...tokens, burst: 5 }, 500), 'open', { tokens: 1, at: 1_000 }],
    [tuned({ ...slots, inFlight: 7 }, 2_000), 'open', { inFlight: 7, rate: null }],
    [asked(3_000), 'open', { tokens: 0, at: 3_000 }],
    [tuned(tokens, 4_000), 'open', { tokens: 2 }],
  ])
})

test('without a rate there are no tokens to count, and always enough', () => {
  expect(walker.walk(from(slots), []).context).toMatchObject({
    tokens: 0,
    taken: 0,
    waiting: 0,
    granted: 0,
    at: 0,
  })
  expect(walker.walk(from(tokens), []).context).toMatchObject({ tokens: 2 })
  expect(tokensAt({ ...slots, tokens: 0, at: 0 }, 5)).toBe(Infinity)
  expect(dueFor({ ...slots, tokens: 0, at: 0 }, 100, 5)).toBe(5)
})

test('the due time of a cost is when enough has come in, and now where there is enough', () => {
  expect(dueFor({ ...tokens, tokens: 0, at: 0 }, 2, 0)).toBe(2_000)
  expect(dueFor({ ...tokens, tokens: 0, at: 0 }, 2, 500)).toBe(2_000)
  expect(dueFor({ ...tokens, tokens: 2, at: 0 }, 2, 500)).toBe(500)
})

test('what is more than all slots, or than the burst, can never go', () => {
  expect(canEverFit(slots, 2)).toBe(true)
  expect(canEverFit(slots, 3)).toBe(false)
  expect(canEverFit(tokens, 2)).toBe(true)
  expect(canEverFit(tokens, 3)).toBe(false)
  expect(canEverFit({ ...both, burst: 5 }, 2)).toBe(false)
  expect(canEverFit({ ...slots, inFlight: null }, 1e9)).toBe(true)
})
