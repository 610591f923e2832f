// What an author says of outputs that are to be used again, once it is checked; durations are in milliseconds.

import type { GuardScope } from './guards.ts'

export interface StepMemoSpec {
  /** Told from recorded data; all of it where absent. */
  readonly key?: (scope: GuardScope) => unknown
  readonly ttl?: number
  readonly version: string
}

export interface ChainMemoSpec {
  readonly ttl?: number
  readonly version: string
  /** What else its output depends on. */
  readonly env?: () => unknown
}
