// A guest: a user's own XState machine in the place of a chain's entries.

import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'

export interface GuestSpec {
  /** As the user made it; never changed. */
  readonly machine: AnyStateMachine
  /** Actors that are restarted after a restore and never journalled: by their name, or an inline one by its id. */
  readonly volatile: readonly string[]
  /** What the machine is given; the chain's input where absent. */
  readonly input?: (scope: {
    readonly input: unknown
    readonly needs: Readonly<Record<string, unknown>>
  }) => unknown
  /** Why the chain has failed although its machine is done; undefined where it has not. */
  readonly failed?: (snapshot: AnyMachineSnapshot) => string | undefined
}
