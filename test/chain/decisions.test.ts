// The decisions of step kinds: what author code says of recorded data, and what it may not say.

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ChainContext } from '../../machines/state.ts'
import {
  chooseBranch,
  expandItems,
  fitOutput,
  settlingSteps,
  untilVerdict,
  wakeTime,
} from '../../src/chain/decisions.ts'
import { chain } from '../../src/chain/create-chain.ts'

const context = { input: 1, needs: { n: 2 }, steps: { s: 3 }, rounds: {} } as unknown as ChainContext
const refused = (work: () => unknown): string => {
  try {
    return `fine: ${JSON.stringify(work())}`
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`
  }
}
const each = (
  items: unknown,
  key: (item: unknown, index: number) => unknown = (_, index) => index,
): unknown => expandItems({ name: 'e', items: () => items, key } as never, context)

describe('a choice', () => {
  const choose = (...results: readonly unknown[]): number =>
    chooseBranch({ name: 'w', cases: results.map((result) => ({ when: () => result })) } as never, context)

  test('is the first case that holds, or what is otherwise', () => {
    expect([choose(true, true), choose(false, 'yes'), choose(0, ''), choose()]).toEqual([0, 1, 2, 0])
  })

  test('is made at once', () => {
    expect(refused(() => choose(false, Promise.resolve(true)))).toMatch(
      /^DECISION_ASYNC .*guard 2 of choose "w"/,
    )
  })
})

describe('items', () => {
  test('are any iterable, each by its key as a text', () => {
    expect(each(['a', 'b'])).toEqual({ keys: ['0', '1'], items: ['a', 'b'] })
    expect(each(new Set([7]), (item) => `k${String(item)}`)).toEqual({ keys: ['k7'], items: [7] })
    expect(each([])).toEqual({ keys: [], items: [] })
  })

  test.each([[null], [undefined], [7], ['text'], [{}]])('are not %j', (items) => {
    expect(refused(() => each(items))).toBe(
      'BAD_DEFINITION the items of each "e" are not iterable: return an array or another iterable',
    )
  })

  test('have keys that are texts, once each, and at once', () => {
    expect(refused(() => each(['a'], () => null))).toBe(
      'BAD_DEFINITION the key of item 0 of each "e" is no text: give { key } a function that returns one',
    )
    expect(refused(() => each(['a', 'b'], () => 'k'))).toBe(
      'BAD_DEFINITION two items of each "e" have the key "k": give { key } a function whose results are unique',
    )
    expect(refused(() => each(['a'], async () => 'k'))).toMatch(/^DECISION_ASYNC .*key of each "e"/)
    expect(refused(() => each(Promise.resolve([])))).toMatch(/^DECISION_ASYNC .*items of each "e"/)
  })
})

test('a sleep ends after a time, or at one', () => {
  const wake = (until: unknown): string =>
    refused(() =>
      wakeTime({ name: 'z', until: typeof until === 'number' ? until : () => until } as never, context, 100),
    )
  expect(wake(50)).toBe('fine: 150')
  expect(wake(new Date(900))).toBe('fine: 900')
  for (const none of [undefined, Number.POSITIVE_INFINITY.toString(), 'soon'])
    expect(wake(none)).toBe(
      'BAD_DEFINITION sleep "z" was given no time to wake at: return a Date or milliseconds since the epoch',
    )
  expect(wake(Promise.resolve(1))).toMatch(/^DECISION_ASYNC .*until of sleep "z"/)
})

test('a loop goes on until it is enough, or there are no more rounds, and is told the round', () => {
  const asked: unknown[] = []
  const verdict = (result: unknown, rounds: object = {}): string => {
    const until = (scope: unknown): unknown => {
      asked.push(scope)
      return result
    }
    return refused(() => untilVerdict({ name: 'r', max: 2, until } as never, { ...context, rounds } as never))
  }
  expect([verdict(true), verdict(false), verdict(false, { r: 2 }), verdict(true, { r: 2 })]).toEqual(
    ['enough', 'again', 'exhausted', 'enough'].map((one) => `fine: "${one}"`),
  )
  expect(asked.slice(1, 3)).toEqual(
    [1, 2].map((round) => ({ input: 1, needs: { n: 2 }, steps: { s: 3 }, round })),
  )
  expect(verdict(Promise.resolve(true))).toMatch(/^DECISION_ASYNC .*until of repeat "r"/)
})

test('a parallel that failed waits for all that its branches hold, and their fallbacks', () => {
  const { entries } = chain('c').parallel('p', {
    x: (b) => b.step('a', () => 1).sleep('nap', '1s'),
    y: (b) => b.step('b', () => 1),
  }).spec
  expect(settlingSteps(entries[0] as never)).toEqual([
    'a',
    'a:fallback',
    'nap',
    'nap:fallback',
    'b',
    'b:fallback',
  ])
})

test('an output is what its schema makes of it, at once', () => {
  const fit = (output: unknown, value: unknown): string =>
    refused(() => fitOutput({ id: 'c', output } as never, value))
  expect(fit(undefined, { any: 1 })).toBe('fine: {"any":1}')
  expect(fit(z.coerce.number(), '7')).toBe('fine: 7')
  expect(fit(z.number(), 'x')).toMatch(/^OUTPUT_INVALID .*output of chain "c"/)
  expect(
    fit(
      z.number().refine(async () => true),
      1,
    ),
  ).toBe('DECISION_ASYNC the output schema of chain "c" is asynchronous: give it to the last step instead')
})
