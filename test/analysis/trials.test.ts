import { expect, test } from 'vitest'
import type { Fact, JournalEvent } from '../../src/journal/event.ts'
import { reportOf } from './reported.ts'

const journal = (facts: readonly Fact[]): readonly JournalEvent[] =>
  facts.map((fact, at) => ({ ...fact, seq: at + 1, at: 1_000 + at, run: '' }))

const begin = (id: string): Fact => ({
  type: 'trial.started',
  id,
  suggestion: `of ${id}`,
  share: 0.1,
  by: 'person',
})
const end = (id: string, verdict: 'kept' | 'reverted' | 'stopped'): Fact => ({
  type: 'trial.ended',
  id,
  verdict,
  why: 'so',
})

test('each trial is told as it stands, and of those that were judged the share that was kept', () => {
  const facts = [
    begin('a'),
    { type: 'trial.widened', id: 'a', share: 0.5 } as const,
    begin('b'),
    begin('c'),
    begin('d'),
    end('b', 'kept'),
    end('c', 'reverted'),
    end('d', 'stopped'),
  ]
  const { experiments, self } = reportOf(journal(facts), { now: 2_000 })
  expect(experiments).toEqual([
    { id: 'a', suggestion: 'of a', state: 'trialling', share: 0.5, pairs: 0 },
    { id: 'b', suggestion: 'of b', state: 'kept', share: 0.1, pairs: 0 },
    { id: 'c', suggestion: 'of c', state: 'reverted', share: 0.1, pairs: 0 },
    { id: 'd', suggestion: 'of d', state: 'stopped', share: 0.1, pairs: 0 },
  ])
  expect(self.precision?.estimate).toBe(0.5)
  expect(reportOf(journal([begin('a')]), { now: 2_000 }).self.precision).toBeUndefined()
})
