// Watches the attempts in a journal: started once, decided once, never again after success, never too often.

import type { AttemptId, JournalEvent } from '../../journal/event.ts'
import type { Proof } from './proof.ts'

interface Tries {
  started: number
  /** Outcomes by attempt. */
  readonly outcomes: Map<number, 'succeeded' | 'failed' | 'lost'>
  failed: number
  lost: number
  done: boolean
}

export interface AttemptWatch {
  see(event: JournalEvent): void
  /** Whether this attempt's start is in the journal, and no outcome of it. */
  mayRun(key: string, attempt: number): boolean
  /** Attempts of a step that ended in failure. */
  failures(key: string): number
}

export const attemptPath = (run: string, { chain, step, item }: Omit<AttemptId, 'attempt'>): string =>
  item === undefined ? `${run}/${chain}/${step}` : `${run}/${chain}/${step}/${item}`

/** @param most how many attempts the step of a node may have. */
export function createAttemptWatch(
  proof: Proof,
  most: (run: string, node: string, step: string) => number,
): AttemptWatch {
  const all = new Map<string, Tries>()

  const triesOf = (key: string): Tries => {
    let tries = all.get(key)
    if (tries === undefined) {
      tries = { started: 0, outcomes: new Map(), failed: 0, lost: 0, done: false }
      all.set(key, tries)
    }
    return tries
  }
  const decide = (event: JournalEvent & AttemptId, outcome: 'succeeded' | 'failed' | 'lost'): void => {
    const key = attemptPath(event.run, event)
    const tries = triesOf(key)
    const { attempt } = event
    proof.check(
      'outcome',
      attempt <= tries.started && !tries.outcomes.has(attempt),
      () =>
        `attempt ${attempt} of ${key} ${outcome} at seq ${event.seq}, was ${tries.outcomes.get(attempt) ?? 'not started'}`,
    )
    tries.outcomes.set(attempt, outcome)
    if (outcome === 'failed') tries.failed++
    if (outcome === 'lost') tries.lost++
    if (outcome === 'succeeded') tries.done = true
  }

  return {
    see(event) {
      switch (event.type) {
        case 'attempt.started': {
          const key = attemptPath(event.run, event)
          const tries = triesOf(key)
          const where = (): string => `attempt ${event.attempt} of ${key} starts at seq ${event.seq}`
          proof.check('once', !tries.done && event.attempt === tries.started + 1, where)
          tries.started = event.attempt
          const limit = most(event.run, event.chain, event.step)
          proof.check(
            'attempts',
            tries.started - tries.lost <= limit,
            () => `${where()}, of at most ${limit}`,
          )
          return
        }
        case 'attempt.succeeded':
          return decide(event, 'succeeded')
        case 'attempt.failed':
          return decide(event, 'failed')
        case 'attempt.lost':
          return decide(event, 'lost')
        case 'attempt.settled-late': {
          const { started } = triesOf(attemptPath(event.run, event))
          proof.check(
            'outcome',
            event.attempt <= started,
            () => `settled late, never started: seq ${event.seq}`,
          )
          return
        }
        default:
      }
    },
    mayRun(key, attempt) {
      const tries = triesOf(key)
      return attempt <= tries.started && !tries.outcomes.has(attempt)
    },
    failures: (key) => triesOf(key).failed,
  }
}
