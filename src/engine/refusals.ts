// What the engine tells callers when it can no longer serve them.

import type { RunState } from '../journal/run-state.ts'
import { CatenaryError } from '../kernel/errors.ts'

export function stopped(): CatenaryError {
  const message = 'the supervisor is not running: create a new one with createSupervisor()'
  return new CatenaryError('SUPERVISOR_STOPPED', message)
}

/** The command that made a run crash was not carried out. */
export function crashed(run: string, cause: unknown): CatenaryError {
  const message = `run ${run} crashed, and what was asked of it is not done: it goes on from what is durable; see the log and the cause, then ask again`
  return new CatenaryError('RUN_CRASHED', message, { cause })
}

export function unavailable(cause: unknown): CatenaryError {
  const message = 'the store can no longer be used; restart the supervisor to recover from what is durable'
  return new CatenaryError('STORE_UNAVAILABLE', message, { cause })
}

/** @param what is done, such as `the config is changed`. */
export function executorOnly(what: string): CatenaryError {
  const message = `${what} only in the process that executes the store, and this one is a client: do it there`
  return new CatenaryError('EXECUTOR_ONLY', message)
}

/** @param id undefined where no chain was given, but a text or something else. */
export function unregisteredChain(id: string | undefined): CatenaryError {
  const message =
    id === undefined
      ? 'what is to start is no chain: give the chain itself, not its id'
      : `chain "${id}" is not registered: give it to createSupervisor({ chains })`
  return new CatenaryError('CHAIN_UNKNOWN', message)
}

/** A fork that does not say from when. */
export function refuseMomentless(given: unknown): void {
  if ((given as { readonly at?: unknown } | undefined)?.at !== undefined) return
  const message = "fork() needs a moment: give { at } with a seq of the run's journal, a Date or a step"
  throw new CatenaryError('BAD_OPTION', message)
}

/** A parked run is not paused: what lets it go on is what its parking says. */
export function refuseParked({ run, parked, paused }: RunState): void {
  if (parked === undefined || paused) return
  const { reason, detail, cure } = parked
  throw new CatenaryError('RUN_PARKED', `run ${run} is parked as ${reason}: ${detail}; to go on: ${cure}`)
}
