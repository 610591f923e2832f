// Watches the attempts in a journal: started once, decided once, never again after success, never too often.

import type { AttemptId, JournalEvent } from '../../journal/event.ts'
import { decode } from '../../kernel/codec.ts'
import type { Proof } from './proof.ts'

interface Tries {
  readonly place: string
  started: number
  /** Outcomes by attempt. */
  readonly hedges: Map<number, number>
  readonly outcomes: Map<number, 'succeeded' | 'failed' | 'lost'>
  failed: number
  lost: number
  done: boolean
  /** Whether the last failure lets another attempt follow. */
  retryable: boolean
}

export interface AttemptWatch {
  see(event: JournalEvent): void
  /** Nothing of this run was seen. */
  forget(run: string): void
  /** The steps of a chain, items apart, that have succeeded. */
  done(run: string, chain: string): readonly string[]
  /** Whether this attempt's start is in the journal, and no outcome of it. */
  mayRun(key: string, attempt: number): boolean
  /** Attempts of a step that ended in failure. */
  failures(key: string): number
  /** How often an attempt's function may be called. */
  calls(key: string, attempt: number): number
}

export const attemptPath = (run: string, { chain, step, item }: Omit<AttemptId, 'attempt'>): string =>
  item === undefined ? `${run}/${chain}/${step}` : `${run}/${chain}/${step}/${item}`

export interface AttemptLimits {
  /** How many attempts the step of a node may have. */
  readonly most: (run: string, node: string, step: string) => number
  /** How many it has before it is given up, those apart that were lost. */
  readonly least: (run: string, node: string, step: string) => number
  /** Whether the config says that nothing follows this failure. */
  readonly isHopeless: (event: JournalEvent & { readonly type: 'attempt.failed' }) => boolean
}

export function createAttemptWatch(proof: Proof, { most, least, isHopeless }: AttemptLimits): AttemptWatch {
  const all = new Map<string, Tries>()
  /** The most attempts of a step that ever began, those before a retry included. */
  const ever = new Map<string, number>()

  const triesOf = (key: string, place = ''): Tries => {
    let tries = all.get(key)
    if (tries === undefined) {
      tries = {
        place,
        started: 0,
        outcomes: new Map(),
        hedges: new Map(),
        failed: 0,
        lost: 0,
        done: false,
        retryable: false,
      }
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
    forget(run) {
      for (const key of all.keys()) if (key.startsWith(`${run}/`)) all.delete(key)
    },
    done: (run, chain) =>
      [...all].flatMap(([key, { done, place }]) => (done && place === `${run} ${chain}` ? [key] : [])),
    see(event) {
      switch (event.type) {
        case 'attempt.started': {
          const key = attemptPath(event.run, event)
          const tries = triesOf(key, `${event.run} ${event.chain}`)
          const where = (): string => `attempt ${event.attempt} of ${key} starts at seq ${event.seq}`
          proof.check('once', !tries.done && event.attempt === tries.started + 1, where)
          tries.started = event.attempt
          ever.set(key, Math.max(ever.get(key) ?? 0, event.attempt))
          const limit = most(event.run, event.chain, event.step)
          proof.check(
            'attempts',
            tries.started - tries.lost <= limit,
            () => `${where()}, of at most ${limit}`,
          )
          return
        }
        case 'attempt.hedged': {
          const tries = triesOf(attemptPath(event.run, event))
          const open = event.attempt === tries.started && !tries.outcomes.has(event.attempt)
          proof.check('outcome', open, () => `attempt.hedged at seq ${event.seq}, which is not in flight`)
          tries.hedges.set(event.attempt, (tries.hedges.get(event.attempt) ?? 0) + 1)
          return
        }
        case 'attempt.succeeded':
          return decide(event, 'succeeded')
        case 'attempt.failed': {
          const { kind, retryable } = event.failure
          triesOf(attemptPath(event.run, event)).retryable =
            retryable && (kind === 'thrown' || kind === 'timeout') && !isHopeless(event)
          return decide(event, 'failed')
        }
        case 'decision.made': {
          const step = event.step.replace(/:recovery$/, '')
          const tries = all.get(attemptPath(event.run, { ...event, step }))
          if (step === event.step || tries?.retryable !== true || event.payload === undefined) return
          const { next } = decode(event.payload) as { readonly next?: string }
          const spent = tries.started - tries.lost
          const wanted = next === 'retry' ? 0 : least(event.run, event.chain, step)
          proof.check(
            'attempts',
            spent >= wanted,
            () =>
              `${step} of ${event.chain} is given up at seq ${event.seq} after ${spent} of ${wanted} attempts`,
          )
          return
        }
        case 'attempt.lost':
          return decide(event, 'lost')
        case 'attempt.settled-late': {
          // one that a retry has taken back may settle after that
          proof.check(
            'outcome',
            event.attempt <= (ever.get(attemptPath(event.run, event)) ?? 0),
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
    calls: (key, attempt) => 1 + (triesOf(key).hedges.get(attempt) ?? 0),
    failures: (key) => triesOf(key).failed,
  }
}
