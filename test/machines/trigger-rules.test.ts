// The trigger rules against an oracle written from the specification's words, for all multisets of up to 4 upstreams.

import { describe, expect, test } from 'vitest'
import {
  isTriggerRule,
  tallyOf,
  type TriggerRule,
  triggerRules,
  type UpstreamState,
  type Verdict,
  verdict,
  verdictOfAnswer,
} from '../../machines/trigger-rules.ts'

type Upstreams = readonly UpstreamState[]
const states: Upstreams = ['pending', 'success', 'failed', 'skipped', 'upstream_failed']

const all = (u: Upstreams, ...of: Upstreams): boolean => u.every((state) => of.includes(state))
const any = (u: Upstreams, ...of: Upstreams): boolean => u.some((state) => of.includes(state))
const terminal = (u: Upstreams): boolean => all(u, 'success', 'failed', 'upstream_failed', 'skipped')
const failure: Upstreams = ['failed', 'upstream_failed']

// Each row as the specification reads: the first sentence that is true decides, and if none is, the chain waits.
const words: Record<TriggerRule, readonly (readonly [Verdict, (u: Upstreams) => boolean])[]> = {
  all_success: [
    ['run', (u) => all(u, 'success')],
    ['upstream_failed', (u) => any(u, ...failure)],
    ['skip', (u) => terminal(u) && any(u, 'skipped')],
  ],
  all_failed: [
    ['run', (u) => all(u, ...failure)],
    ['skip', (u) => any(u, 'success', 'skipped')],
  ],
  all_done: [['run', terminal]],
  always: [['run', () => true]],
  one_success: [
    ['run', (u) => any(u, 'success')],
    ['skip', (u) => all(u, 'skipped')],
    ['upstream_failed', terminal],
  ],
  one_failed: [
    ['run', (u) => any(u, ...failure)],
    ['skip', terminal],
  ],
  one_done: [
    ['run', (u) => any(u, 'success', 'failed')],
    ['skip', terminal],
  ],
  none_failed: [
    ['run', (u) => all(u, 'success', 'skipped')],
    ['upstream_failed', (u) => any(u, ...failure)],
  ],
  none_failed_min_one_success: [
    ['run', (u) => all(u, 'success', 'skipped') && any(u, 'success')],
    ['skip', (u) => all(u, 'skipped')],
    ['upstream_failed', (u) => any(u, ...failure)],
  ],
  none_skipped: [
    ['run', (u) => terminal(u) && !any(u, 'skipped')],
    ['skip', (u) => any(u, 'skipped')],
  ],
  all_skipped: [
    ['run', (u) => all(u, 'skipped')],
    ['skip', (u) => any(u, 'success', ...failure)],
  ],
  all_done_min_one_success: [
    ['run', (u) => terminal(u) && any(u, 'success')],
    ['skip', (u) => all(u, 'skipped')],
    ['upstream_failed', terminal],
  ],
}

function multisets(size: number, from = 0): Upstreams[] {
  if (size === 0) return [[]]
  return states.flatMap((state, index) =>
    index < from ? [] : multisets(size - 1, index).map((rest) => [state, ...rest]),
  )
}

describe('the table', () => {
  test('has every rule of the specification, the default first', () => {
    expect(triggerRules.toSorted()).toEqual(Object.keys(words).toSorted())
    expect(triggerRules[0]).toBe('all_success')
  })

  test.each(triggerRules)('%s decides each multiset of up to 4 upstreams as its words say', (rule) => {
    const sets = [1, 2, 3, 4].flatMap((size) => multisets(size))
    expect(sets).toHaveLength(5 + 15 + 35 + 70)
    for (const upstreams of sets) {
      const expected = words[rule].find(([, holds]) => holds(upstreams))?.[0] ?? 'wait'
      expect([upstreams, verdict(rule, upstreams)]).toEqual([upstreams, expected])
    }
  })

  // S success, F failed, U upstream_failed, K skipped; r run, s skip, u upstream_failed.
  test.each<[TriggerRule, string]>([
    ['all_success', '              r u u s u u s u u u'],
    ['all_failed', '               s r r s s s s r s s'],
    ['all_done', '                 r r r r r r r r r r'],
    ['always', '                   r r r r r r r r r r'],
    ['one_success', '              r u u s r r r u u u'],
    ['one_failed', '               s r r s r r s r r r'],
    ['one_done', '                 r r s s r r r r r s'],
    ['none_failed', '              r u u r u u r u u u'],
    ['none_failed_min_one_success', 'r u u s u u r u u u'],
    ['none_skipped', '             r r r s r r s r s s'],
    ['all_skipped', '              s s s r s s s s s s'],
    ['all_done_min_one_success', ' r u u s r r r u u u'],
  ])('%s decides one and two ended upstreams as drawn by hand', (rule, row) => {
    const letters = { S: 'success', F: 'failed', U: 'upstream_failed', K: 'skipped' } as const
    const columns = ['S', 'F', 'U', 'K', 'SF', 'SU', 'SK', 'FU', 'FK', 'UK']
    const drawn = columns.map((column) =>
      verdict(
        rule,
        Array.from(column, (letter) => letters[letter as keyof typeof letters]),
      ).charAt(0),
    )
    expect(drawn.join(' ')).toBe(row.trim())
  })

  test('a chain without upstreams runs under any rule', () => {
    for (const rule of triggerRules) expect(verdict(rule, [])).toBe('run')
  })

  test('only its own rules are rules', () => {
    expect(triggerRules.every(isTriggerRule)).toBe(true)
    for (const name of ['toString', '__proto__', 'all-success', '', undefined, 1])
      expect(isTriggerRule(name)).toBe(false)
  })
})

describe('a predicate', () => {
  test.each<[boolean | Verdict, Upstreams, Verdict]>([
    [true, ['pending'], 'run'],
    [false, ['pending', 'success'], 'wait'],
    [false, ['failed', 'success'], 'skip'],
    ['wait', ['failed', 'success'], 'skip'],
    ['wait', ['failed', 'pending'], 'wait'],
    ['skip', ['pending'], 'skip'],
    ['upstream_failed', ['failed', 'pending'], 'upstream_failed'],
    [false, [], 'run'],
  ])('that answers %s over %j amounts to %s', (answer, upstreams, expected) => {
    expect(verdictOfAnswer(answer, tallyOf(upstreams))).toBe(expected)
  })
})

test('a predicate that says no waits for who is pending, and skips where all have ended, whatever their ends', () => {
  const ends = ['success', 'failed', 'skipped', 'upstream_failed'] as const
  for (const one of ends)
    for (const other of ends) expect(verdictOfAnswer(false, tallyOf([one, other]))).toBe('skip')
  expect(verdictOfAnswer('wait', tallyOf(['failed', 'pending']))).toBe('wait')
  expect(verdictOfAnswer(false, tallyOf([]))).toBe('run')
})
