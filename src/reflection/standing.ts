// How suggestions stand: the fold of what the journal says of them, so that it is the same after a restart.

import type { JournalEvent } from '../journal/event.ts'
import { planIn } from './sound.ts'
import type { Suggestion, SuggestionState } from './suggestion.ts'
import type { TrialStart } from './trial.ts'

/** What a trial was begun with. */
export interface TrialPlan {
  readonly suggestion: Suggestion
  readonly start: TrialStart
  /** How long a block of time is (ms), where the change holds for the whole process. */
  readonly block?: number
  /** What the config said of what is tried when it began, as text; absent where another version has begun it. */
  readonly base?: string
}

/** A trial as the journal tells it. */
export interface TrialRecord {
  readonly id: string
  /** The suggestion's id. */
  readonly suggestion: string
  readonly seq: number
  readonly startedAt: number
  readonly by: 'auto' | 'person'
  readonly plan: TrialPlan | undefined
  share: number
  /** Where its blocks of time stand. */
  switched: (JournalEvent & { readonly type: 'trial.switched' }) | undefined
  ended:
    | { readonly verdict: 'kept' | 'reverted' | 'stopped'; readonly why: string; readonly at: number }
    | undefined
}

/** Most suggestions, and most trials, that are remembered; the oldest are forgotten, but no trial that goes on. */
const most = 1_000

export class Standing {
  /** By suggestion. */
  readonly dismissed = new Map<string, string | undefined>()
  /** Put into the config without a trial, by suggestion. */
  readonly applied = new Map<string, { readonly config: number; readonly at: number }>()
  /** By trial, in the order in which they began. */
  readonly trials = new Map<string, TrialRecord>()

  /** @returns whether the event was about suggestions. */
  apply(event: JournalEvent): boolean {
    switch (event.type) {
      case 'suggestion.dismissed':
        put(this.dismissed, event.id, event.why)
        return true
      case 'suggestion.applied':
        put(this.applied, event.id, { config: event.config, at: event.at })
        return true
      case 'trial.started': {
        const { id, suggestion, seq, at: startedAt, by, share, payload } = event
        const plan = planIn(payload)
        this.trials.set(id, {
          id,
          suggestion,
          seq,
          startedAt,
          by,
          share,
          plan,
          switched: undefined,
          ended: undefined,
        })
        this.#forget()
        // whoever tries it has changed their mind
        this.dismissed.delete(suggestion)
        return true
      }
      case 'trial.widened': {
        const trial = this.trials.get(event.id)
        if (trial !== undefined) trial.share = event.share
        return true
      }
      case 'trial.switched': {
        const trial = this.trials.get(event.id)
        if (trial !== undefined) trial.switched = event
        return true
      }
      case 'trial.ended': {
        const trial = this.trials.get(event.id)
        if (trial !== undefined) trial.ended = { verdict: event.verdict, why: event.why, at: event.at }
        return true
      }
      default:
        return false
    }
  }

  /** The last trial of a suggestion. */
  trialOf(suggestion: string): TrialRecord | undefined {
    return [...this.trials.values()].findLast((trial) => trial.suggestion === suggestion)
  }

  live(): readonly TrialRecord[] {
    return [...this.trials.values()].filter(({ ended }) => ended === undefined)
  }

  #forget(): void {
    if (this.trials.size <= most) return
    const over = [...this.trials.values()].find(({ ended }) => ended !== undefined)
    if (over !== undefined) this.trials.delete(over.id)
  }

  stateOf({ id, expiresAt }: Pick<Suggestion, 'id' | 'expiresAt'>, now: number): SuggestionState {
    const trial = this.trialOf(id)
    if (trial !== undefined && trial.ended === undefined) return 'trialling'
    if (this.dismissed.has(id)) return 'dismissed'
    if (this.applied.has(id) || trial?.ended?.verdict === 'kept') return 'kept'
    if (trial?.ended?.verdict === 'reverted') return 'reverted'
    return now >= expiresAt ? 'expired' : 'open'
  }
}

/** As the newest. */
function put<T>(into: Map<string, T>, key: string, value: T): void {
  into.delete(key)
  into.set(key, value)
  const [first] = into.keys()
  if (into.size > most && first !== undefined) into.delete(first)
}
