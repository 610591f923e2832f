// Which events of a run still count: a retry takes chains back to where they were, and what they did since does not.

import type { JournalEvent, Rewind } from './event.ts'

/** Whether a run was ever retried: only then may some of its events no longer count. */
export function isRewound(events: readonly { readonly type: string }[]): boolean {
  return events.some(({ type }) => type === 'run.retried')
}

/** For each event of a run whether it no longer counts for the machines of its chains. */
export function discounted(events: readonly JournalEvent[]): readonly boolean[] {
  const dead = events.map(() => false)
  const later = new Map<string, Rewind[]>()
  for (let index = events.length - 1; index >= 0; index--) {
    const event = events[index] as JournalEvent
    if (event.type === 'run.retried') {
      for (const back of event.back) {
        const known = later.get(back.chain)
        if (known === undefined) later.set(back.chain, [back])
        else known.push(back)
      }
    } else if ('chain' in event && later.size > 0) {
      dead[index] = later.get(event.chain)?.some((back) => takesBack(back, event)) ?? false
    }
  }
  return dead
}

/** The events of a run that still count, in order. */
export function counting(events: readonly JournalEvent[]): readonly JournalEvent[] {
  if (!isRewound(events)) return events
  const dead = discounted(events)
  return events.filter((_, index) => dead[index] !== true)
}

/** Whether an event of the chain that goes back no longer counts. */
export function takesBack({ to, without = [] }: Rewind, event: JournalEvent): boolean {
  if (event.seq > to) return true
  if (!('step' in event) || event.type === 'chain.ended') return false
  const owner = ownerOf(event.step ?? '')
  const item = 'item' in event ? event.item : undefined
  return without.some(
    (one) => one.step === owner && (one.item === undefined || one.item === item) && event.seq > one.after,
  )
}

/**
 * The step that an id of an invoked actor belongs to: `fetch` of `fetch:backoff`. What undoes it is a step of its own,
 * `fetch:compensation`.
 */
export function ownerOf(id: string): string {
  const [step = '', part] = id.split(':', 2)
  return part === 'compensation' ? `${step}:${part}` : step
}
