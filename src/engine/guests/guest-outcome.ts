// How a guest ended: from its last snapshot, or from what it threw.

import type { AnyMachineSnapshot } from 'xstate'
import type { ChainOutcome } from '../../definition/compiled-chain.ts'
import type { GuestSpec } from '../../definition/guest.ts'
import { type Failure, failureOf } from '../../kernel/failure.ts'
import type { Thrown } from './guest-attempts.ts'

export function outcomeOfDone(guest: GuestSpec, snapshot: AnyMachineSnapshot): ChainOutcome {
  try {
    const message = guest.failed?.(snapshot)
    if (message === undefined) return { status: 'succeeded', output: snapshot.output as unknown }
    return failedWith({ kind: 'failed', message, retryable: false })
  } catch (error) {
    return failedWith(failureOf(error))
  }
}

/** @param thrown the last failure of an attempt: where the machine died of it, it is told as that step's. */
export function outcomeOfError(error: unknown, thrown: Thrown | undefined): ChainOutcome {
  if (thrown === undefined || thrown.error !== error) return failedWith(failureOf(error))
  return failedWith(thrown.failure, thrown.step)
}

/** @param step the step that it failed at; default none, the machine itself. */
export function failedWith(failure: Failure, step = ''): ChainOutcome {
  return { status: 'failed', step, failure }
}
