// What an engine is told instead of finding it out, where a recorded run is to go again as it went: the seam of its test kit.

import type { AttemptId, Fact } from '../journal/event.ts'
import type { Guards } from './chains/attempt-guards.ts'
import type { Gates } from './gates.ts'

export interface Rehearsal {
  /** Stands in for all that an attempt passes on its way to its start: budget, limiter, breaker, memo and slots. */
  guards(run: string, attempt: AttemptId): Guards
  /** What counts as decided: the value itself, or as it was recorded, where only chance or time has made it another. */
  decided<T>(run: string, of: Omit<AttemptId, 'attempt'>, value: T): T
  /** Told of all that is recorded, before it is durable. */
  told(run: string, fact: Fact): void
  /** Stand in for the lines in front of chains, which runs of before may have filled. */
  gates(own: Gates): Gates
}
