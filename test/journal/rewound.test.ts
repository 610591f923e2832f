// Which events of a retried run still count.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact, JournalEvent, Rewind } from '../../src/journal/event.ts'
import { counting, discounted, isRewound, ownerOf } from '../../src/journal/rewound.ts'
import { accepted, events, failure } from '../observe/events.ts'

const begin = accepted(['a'], { a: [] })
const started = (chain: string): Fact => ({ type: 'chain.started', chain })
const tried = (chain: string, step: string, item?: string): Fact => ({
  type: 'attempt.started',
  chain,
  step,
  attempt: 1,
  inFlight: 1,
  config: 0,
  ...(item === undefined ? {} : { item }),
})
const back = (...rewinds: readonly Rewind[]): Fact => ({ type: 'run.retried', back: rewinds })
/** The `seq`s of what still counts. */
const left = (...facts: readonly Fact[]): readonly number[] =>
  counting(events(...facts)).map(({ seq }) => seq)

test.each([
  ['fetch', 'fetch'],
  ['fetch:backoff', 'fetch'],
  ['fetch:recovery', 'fetch'],
  ['fetch:fallback', 'fetch'],
  ['fetch:compensation', 'fetch:compensation'],
  ['fetch:compensation:recovery', 'fetch:compensation'],
  ['compensation', 'compensation'],
  ['', ''],
])('the actor %j belongs to the step %j', (id, step) => {
  expect(ownerOf(id)).toBe(step)
})

describe('of a run that was never retried', () => {
  test('everything counts, and is handed back as it is', () => {
    const all = events(begin, started('a'), tried('a', 's'))
    expect(isRewound(all)).toBe(false)
    expect(counting(all)).toBe(all)
    expect(discounted(all)).toEqual([false, false, false])
  })
})

describe('a retry', () => {
  test('takes its chains back to where it says, and leaves the others and the run’s own events', () => {
    expect(isRewound(events(begin, back()))).toBe(true)
    expect(
      left(
        begin,
        started('a'),
        started('b'),
        tried('a', 's'),
        { type: 'run.paused' },
        tried('b', 's'),
        back({ chain: 'a', to: 3 }),
        tried('a', 's'),
      ),
    ).toEqual([1, 2, 3, 5, 6, 7, 8])
    expect(left(begin, started('a'), tried('a', 's'), back({ chain: 'a', to: 0 }), started('a'))).toEqual([
      1, 4, 5,
    ])
  })

  test('keeps what happened exactly at the place that it goes back to', () => {
    expect(left(begin, started('a'), tried('a', 's'), back({ chain: 'a', to: 3 }))).toEqual([1, 2, 3, 4])
  })

  test('may take steps back further than their chain, or single items of them, with all their actors', () => {
    const facts = [
      begin,
      started('a'),
      tried('a', 'x'),
      tried('a', 'y', 'k1'),
      tried('a', 'y', 'k2'),
      { type: 'timer.fired', chain: 'a', step: 'x:backoff' },
      tried('a', 'x:compensation'),
      { type: 'chain.ended', chain: 'a', status: 'failed', failure: failure('no'), step: 'x' },
    ] as const
    const without = (...some: NonNullable<Rewind['without']>): readonly number[] =>
      left(...facts, back({ chain: 'a', to: 8, without: some }))
    expect(without({ step: 'x', after: 2 })).toEqual([1, 2, 4, 5, 7, 8, 9])
    expect(without({ step: 'x', after: 3 })).toEqual([1, 2, 3, 4, 5, 7, 8, 9])
    expect(without({ step: 'x:compensation', after: 0 })).toEqual([1, 2, 3, 4, 5, 6, 8, 9])
    expect(without({ step: 'y', item: 'k2', after: 0 })).toEqual([1, 2, 3, 4, 6, 7, 8, 9])
    expect(without({ step: 'y', after: 0 })).toEqual([1, 2, 3, 6, 7, 8, 9])
    expect(without({ step: 'y', item: 'k1', after: 0 }, { step: 'x', after: 5 })).toEqual([
      1, 2, 3, 5, 7, 8, 9,
    ])
  })

  test('of a run that was retried before takes back what is left, and what came since', () => {
    const facts = [begin, started('a'), tried('a', 's'), back({ chain: 'a', to: 2 }), tried('a', 's')]
    expect(left(...facts, back({ chain: 'a', to: 5 }))).toEqual([1, 2, 4, 5, 6])
    expect(left(...facts, back({ chain: 'a', to: 2 }), tried('a', 's'))).toEqual([1, 2, 4, 6, 7])
  })

  test('counts an event exactly where no later retry takes it back', () => {
    const chains = fc.constantFrom('a', 'b', 'c')
    const steps = fc.constantFrom('x', 'y')
    const items = fc.constantFrom('k1', 'k2')
    const fact: fc.Arbitrary<Fact> = fc
      .oneof(
        { weight: 4, arbitrary: fc.tuple(chains, steps, fc.option(items)) },
        { weight: 1, arbitrary: fc.array(fc.tuple(chains, fc.nat(9), fc.option(fc.tuple(steps, items)))) },
      )
      .map((drawn): Fact => {
        if (typeof drawn[0] === 'string')
          return tried(drawn[0], String(drawn[1]), (drawn[2] as string | null) ?? undefined)
        return back(
          ...(drawn as readonly [string, number, readonly [string, string] | null][]).map(
            ([chain, to, one]) => ({
              chain,
              to,
              ...(one === null
                ? {}
                : { without: [{ step: one[0], item: one[1], after: Math.floor(to / 2) }] }),
            }),
          ),
        )
      })
    /** One event against one retry, as the retry's words say it. */
    const takes = (retry: JournalEvent, event: JournalEvent): boolean =>
      retry.type === 'run.retried' &&
      event.type === 'attempt.started' &&
      retry.back.some(
        ({ chain, to, without = [] }) =>
          chain === event.chain &&
          (event.seq > to ||
            without.some(
              ({ step, item, after }) => step === event.step && item === event.item && event.seq > after,
            )),
      )
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 12 }), (facts) => {
        const all = events(...facts)
        expect(counting(all)).toEqual(
          all.filter((event) => !all.some((retry) => retry.seq > event.seq && takes(retry, event))),
        )
      }),
      { numRuns: 60 },
    )
  })
})
