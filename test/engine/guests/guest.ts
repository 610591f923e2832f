// One guest under test: a machine as a user would write it, and what happens to it.

import type { AnyStateMachine } from 'xstate'
import type { World } from './world.ts'

export interface Guest {
  readonly name: string
  machine(world: World): AnyStateMachine
  readonly input?: unknown
  /** Events from outside, each at its virtual time (ms). */
  readonly script: readonly (readonly [at: number, event: { readonly type: string }])[]
  /** When all has come to rest (ms). */
  readonly until: number
  /** The state value in the end. */
  readonly ends: unknown
}
