// A sound suggestion, for tests of what becomes of one.

import type { Suggestion } from '../../src/reflection/suggestion.ts'

/** Of chain `c`, on its slots; `more` says what is other. */
export function suggested(more: object = {}): Suggestion {
  return {
    id: 's1',
    detector: 8,
    kind: 'under-concurrency',
    class: 'A',
    place: { chain: 'c' },
    sentence: 'change c',
    evidence: {
      runs: 1,
      n: 1,
      fromSeq: 1,
      toSeq: 2,
      statistic: '',
      value: 1,
      low: 1,
      high: 1,
      level: 0.9,
      facts: [],
    },
    gain: {
      objective: 'run-duration',
      unit: 'ms',
      estimate: 1,
      low: 1,
      high: 1,
      level: 0.9,
      by: 'arithmetic',
    },
    guardrails: [],
    expiresAt: 1e15,
    config: 0,
    ...more,
  }
}
