import { expect, test } from 'vitest'
import { readQuery } from '../../inspector/parts/event-query.ts'
import type { EventRow } from '../../src/inspector/protocol.ts'

const event = (fields: Partial<EventRow>): EventRow => ({
  seq: 1,
  at: 0,
  run: 'r',
  type: 'chain.started',
  body: {},
  ...fields,
})
const events = [
  event({ seq: 1, at: 1_000, type: 'run.accepted' }),
  event({ seq: 2, at: 2_000, chain: 'prices' }),
  event({ seq: 3, at: 3_000, chain: 'prices', step: 'ask', attempt: 1, type: 'attempt.started' }),
  event({
    seq: 4,
    at: 400_000,
    chain: 'prices',
    step: 'ask',
    attempt: 1,
    type: 'attempt.failed',
    body: { failure: { message: 'connection refused' } },
  }),
  event({ seq: 5, at: 500_000, chain: 'prices', step: 'ask:recovery', type: 'decision.made' }),
  event({
    seq: 6,
    at: 600_000,
    chain: 'stock~2',
    step: 'count',
    item: 'a b',
    attempt: 2,
    type: 'attempt.succeeded',
  }),
]
const found = (text: string): readonly number[] =>
  events.filter(readQuery(text, 600_000).matches).map(({ seq }) => seq)

test.each([
  ['', [1, 2, 3, 4, 5, 6]],
  ['chain:prices', [2, 3, 4, 5]],
  ['chain:stock', [6]],
  ['type:attempt', [3, 4, 6]],
  ['type:attempt.failed', [4]],
  ['type:failed', [4]],
  ['step:ask', [3, 4, 5]],
  ['step:ask -type:decision', [3, 4]],
  ['attempt:2', [6]],
  ['item:"a b"', [6]],
  ['after:-5m', [4, 5, 6]],
  ['before:-5m chain:prices', [2, 3]],
  ['refused', [4]],
  ['"connection refused" chain:prices', [4]],
  ['-refused type:attempt', [3, 6]],
  ['seq:5', [5]],
])('%j finds what it says', (text, seqs) => {
  expect(found(text)).toEqual(seqs)
})

test('what is not understood is said, and filters nothing', () => {
  const { problem, matches } = readQuery('colour:red after:soon chain:prices', 0)
  expect(problem).toMatch(/there is no colour.*after: takes a time/)
  expect(events.filter(matches)).toHaveLength(4)
})
