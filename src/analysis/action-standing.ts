// How actions stand: the fold of what the journal says of them, so that it is the same after a restart.

import { type Deed, isLive } from '../../machines/action-rules.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { ActionFact } from '../journal/watch-fact.ts'

/** An action as the journal tells it. */
export interface ActionRecord extends Deed, Omit<ActionFact & { readonly type: 'action.taken' }, 'type'> {
  readonly seq: number
  /** Why it was taken back, or how one sees that it worked. */
  readonly came?: string
  /** The journal's number of its end; 0 before. */
  readonly endedSeq: number
}

/** Most actions that are remembered; the oldest that are over are forgotten. */
const most = 1_000

export class ActionStanding {
  /** The last of each id, in the order in which they were taken. */
  readonly records = new Map<string, ActionRecord>()
  /** What each was proposed for when a person said no. */
  readonly dismissed = new Map<string, string>()

  /** @returns whether the event was about actions. */
  apply(event: JournalEvent): boolean {
    switch (event.type) {
      case 'action.taken': {
        const { type: _, at: takenAt, run: __, ...fact } = event
        this.records.delete(event.id)
        this.records.set(event.id, { ...fact, takenAt, state: 'taken', endedSeq: 0 })
        this.dismissed.delete(event.id)
        this.#forget()
        return true
      }
      case 'action.verified': {
        const record = this.records.get(event.id)
        if (record === undefined || !isLive(record)) return true
        const verified = { ...record, state: 'verified', came: event.detail } as const
        // what sets something going is over with that
        this.records.set(
          event.id,
          isLive(verified) ? verified : { ...verified, endedAt: event.at, endedSeq: event.seq },
        )
        return true
      }
      case 'action.undone': {
        const record = this.records.get(event.id)
        if (record === undefined || !isLive(record)) return true
        const { at: endedAt, seq: endedSeq, why: came, expired } = event
        const state = expired === true ? 'expired' : 'undone'
        this.records.set(event.id, { ...record, state, came, endedAt, endedSeq })
        return true
      }
      case 'action.dismissed':
        this.dismissed.delete(event.id)
        this.dismissed.set(event.id, event.cause)
        this.#forget()
        return true
      default:
        return false
    }
  }

  live(): readonly ActionRecord[] {
    return [...this.records.values()].filter(isLive)
  }

  #forget(): void {
    if (this.records.size > most) {
      const over = [...this.records.values()].find((record) => !isLive(record))
      if (over !== undefined) this.records.delete(over.id)
    }
    const [first] = this.dismissed.keys()
    if (this.dismissed.size > most && first !== undefined) this.dismissed.delete(first)
  }
}
