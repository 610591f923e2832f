// What the journal and the author are told of an attempt: where it stands, that it started, how it ended.

import type { AttemptPlace, Outcome } from '../execution/attempt.ts'
import type { AttemptId, Fact } from '../journal/event.ts'
import type { AttemptWork } from './attempt-owner.ts'
import { type Stored, toPayload } from './payloads.ts'
import type { Services } from './services.ts'

export function startedFact(
  { pool, config }: Services,
  id: AttemptId,
  { deadline }: AttemptWork,
  queuedAt: number | undefined,
): Fact {
  return {
    type: 'attempt.started',
    ...id,
    queuedAt,
    inFlight: pool.inFlight,
    config: config.version,
    // that of a step is a decision of its machine
    ...(deadline === undefined || id.item === undefined ? {} : { deadline }),
  }
}

/** What the author's function may know of where it stands; spelled out, so that all places have one shape. */
export function placeOf(
  { chain, step, item, attempt }: AttemptId,
  {
    runId,
    scheduledAt,
    window,
    deadline,
    chainDeadline,
  }: Pick<AttemptPlace, 'runId' | 'scheduledAt' | 'window' | 'deadline' | 'chainDeadline'>,
): AttemptPlace {
  return { runId, chain, step, item, attempt, scheduledAt, window, deadline, chainDeadline }
}

/** How it ended, and what everyone is told of that: the output as it was recorded, or why it cannot be. */
export function endedFact(
  { limits }: Services,
  id: AttemptId,
  outcome: Outcome,
  took: number,
): { readonly fact: Fact; readonly told: Outcome } {
  const told = outcome.ok ? toPayload(outcome.value, limits.maxPayload, id) : outcome
  return { fact: outcomeFact(id, told, took), told }
}

/** The same where the output is encoded already. */
export function outcomeFact(id: AttemptId, told: Outcome | Stored, took: number): Fact {
  if (!told.ok) return { type: 'attempt.failed', ...id, failure: told.failure, took }
  return { type: 'attempt.succeeded', ...id, took, payload: 'payload' in told ? told.payload : undefined }
}

export function lateFact(id: AttemptId, outcome: Outcome): Fact {
  return {
    type: 'attempt.settled-late',
    ...id,
    outcome: outcome.ok ? 'succeeded' : 'failed',
    ...(outcome.ok ? {} : { failure: outcome.failure }),
  }
}
