// What the journal and the author are told of an attempt: where it stands, that it started, how it ended.

import type { AttemptPlace, Outcome } from '../../execution/attempt.ts'
import type { AttemptId, Fact } from '../../journal/event.ts'
import type { AttemptWork } from './attempt-owner.ts'
import type { ChainParent } from './chain-parent.ts'
import type { Stored } from '../payloads.ts'
import type { Services } from '../services.ts'

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
export function placeOf(parent: ChainParent, id: AttemptId, deadline: number | undefined): AttemptPlace {
  const { runId, scheduledAt, window } = parent
  const { chain, step, item, attempt } = id
  const chainDeadline = parent.deadlineOf(chain)
  return { runId, chain, step, item, attempt, scheduledAt, window, deadline, chainDeadline }
}

/** An outcome as everyone is told of it: an output as it is recorded, or why it cannot be; and how long it took (ms). */
interface Told {
  readonly told: Outcome | Stored
  readonly took: number
  readonly read: readonly string[] | undefined
}

export function endedFact(id: AttemptId, { told, took, read }: Told): Fact {
  if (!told.ok)
    return {
      type: 'attempt.failed',
      ...id,
      failure: told.failure,
      took,
      ...(read === undefined ? {} : { read }),
    }
  return {
    type: 'attempt.succeeded',
    ...id,
    took,
    payload: 'payload' in told ? told.payload : undefined,
    read,
  }
}

export function lateFact(id: AttemptId, outcome: Outcome): Fact {
  return {
    type: 'attempt.settled-late',
    ...id,
    outcome: outcome.ok ? 'succeeded' : 'failed',
    ...(outcome.ok ? {} : { failure: outcome.failure }),
  }
}
