// Watches signals and timers in a journal: each consumed once and in order, none fired before its time.

import type { JournalEvent } from '../../journal/event.ts'
import { decode } from '../../kernel/codec.ts'
import type { Proof } from './proof.ts'

export interface SignalWatch {
  see(event: JournalEvent): void
  /** Nothing of this run was seen. */
  forget(run: string): void
  received(run: string, id: string): boolean
  /** When a step, an item or a part of it was to go on by itself, as it was last decided (ms since the epoch). */
  due(
    run: string,
    place: { readonly chain: string; readonly step: string; readonly item?: string },
  ): number | undefined
}

/** @param isGuest whether a chain of a run is a machine of the user's own. */
export function createSignalWatch(
  proof: Proof,
  isGuest: (run: string, chain: string) => boolean,
): SignalWatch {
  const ids = new Set<string>()
  const inbox = new Map<string, string[]>()
  const dues = new Map<string, number>()

  const dueOf = (event: JournalEvent & { readonly type: 'decision.made' }): number | undefined => {
    if (event.payload === undefined) return undefined
    const value = decode(event.payload)
    if (typeof value === 'number') return value
    return (value as { readonly due?: number } | null)?.due
  }
  const placeOf = (
    event: { readonly run: string; readonly chain: string; readonly item?: string },
    step: string,
  ): string => `${event.run} ${event.chain} ${step} ${/^each[^:]*$/.test(step) ? (event.item ?? '') : ''}`

  return {
    forget(run) {
      for (const id of ids) if (id.startsWith(`${run} `)) ids.delete(id)
      for (const kept of [inbox, dues])
        for (const key of kept.keys()) if (key.startsWith(`${run} `)) kept.delete(key)
    },
    received: (run, id) => ids.has(`${run} ${id}`),
    due: (run, place) => dues.get(placeOf({ run, ...place }, place.step)),
    see(event) {
      switch (event.type) {
        case 'signal.received': {
          const id = `${event.run} ${event.id}`
          proof.check(
            'signals',
            !ids.has(id),
            () => `signal ${event.id} is received again at seq ${event.seq}`,
          )
          ids.add(id)
          const name = `${event.run} ${event.name}`
          inbox.set(name, [...(inbox.get(name) ?? []), event.id])
          return
        }
        case 'signal.consumed': {
          const waiting = inbox.get(`${event.run} ${event.name}`) ?? []
          const place = waiting.indexOf(event.id)
          // an event for a machine of the user's own goes by those for others
          const first = event.step === event.name && isGuest(event.run, event.chain) ? place : 0
          const next = waiting[Math.max(0, first)]
          // after a retry, those that it gave back are older than what others took since
          if (place >= 0) waiting.splice(place, 1)
          proof.check(
            'signals',
            next === event.id,
            () => `signal ${event.id} is consumed at seq ${event.seq}, next was ${next ?? 'none'}`,
          )
          return
        }
        case 'decision.made': {
          const [owner, part] = partsOf(event.step)
          if (part !== 'due' && part !== 'recovery') return
          const due = dueOf(event)
          if (due !== undefined) dues.set(placeOf(event, owner), due)
          return
        }
        case 'timer.fired': {
          const due = dues.get(placeOf(event, partsOf(event.step)[0]))
          proof.check(
            'timers',
            due !== undefined && event.at >= due,
            () =>
              `${event.step} of ${event.chain} fires at ${event.at}, due ${String(due)} (seq ${event.seq})`,
          )
          return
        }
        default:
      }
    },
  }
}

/** Whose part an id is, and which: a compensation of a step has parts as well. */
function partsOf(id: string): readonly [owner: string, part: string | undefined] {
  const [step = '', part, ofCompensation] = id.split(':')
  return part === 'compensation' ? [`${step}:${part}`, ofCompensation] : [step, part]
}
