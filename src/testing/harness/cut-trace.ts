// Where a trace is cut so that the rest is the test's: between what two turns of the engine made, never within one.

import type { Trace } from '../../observe/trace.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { keyOfEvent } from './called-key.ts'

/** What comes from outside of the engine, or by time: all that follows from it at once is made with it. */
const causes: ReadonlySet<JournalEvent['type']> = new Set([
  'attempt.succeeded',
  'attempt.failed',
  'attempt.lost',
  'attempt.settled-late',
  'attempt.hedged',
  'chain.cut-short',
  'signal.received',
  'timer.fired',
  'run.cancel-requested',
  'run.paused',
  'run.resumed',
  'run.retried',
  'run.unparked',
])

/** Where the turn began that made the first event for which this is true, as its seq; Infinity where there is none. */
export function turnOf(events: readonly JournalEvent[], is: (event: JournalEvent) => boolean): number {
  let index = events.findIndex(is)
  if (index < 0) return Infinity
  while (index > 0 && !begins(events, index)) index--
  return events[index]?.seq ?? Infinity
}

function begins(events: readonly JournalEvent[], index: number): boolean {
  const event = events[index] as JournalEvent
  // one process takes all with it, and what is refused is so at its start
  if (event.type === 'attempt.lost') return events[index - 1]?.type !== 'attempt.lost'
  if (event.type === 'attempt.failed' && event.failure.kind === 'refused') return false
  if (event.type === 'chain.started')
    return events.slice(0, index).some((one) => one.type === 'chain.queued' && one.chain === event.chain)
  if (event.type !== 'attempt.started') return causes.has(event.type)
  // who waited gets its place from others
  const key = keyOfEvent(event)
  return events.slice(0, index).some((one) => one.type === 'attempt.queued' && keyOfEvent(one) === key)
}

/**
 * What a trace tells before.
 *
 * @param where.stop the seq of the first event that is left out.
 * @param where.end the last time that is told of, in ms since the epoch.
 * @returns at until when that is.
 */
export function cutBefore(
  trace: Trace,
  { stop, end }: { readonly stop: number; readonly end: number },
): { readonly trace: Trace; readonly at: number } {
  const last = trace.events.at(-1)?.at ?? 0
  const from = trace.events.findIndex(({ seq, at }) => seq >= stop || at > end)
  const events = from < 0 ? trace.events : trace.events.slice(0, from)
  const told = events.at(-1)
  if (stop === Infinity)
    return {
      trace: { ...trace, events, processes: trace.processes.filter(({ at }) => at <= end) },
      at: Math.min(last, end),
    }
  const processes = trace.processes.filter(({ seq }) => seq < (told?.seq ?? 0))
  return { trace: { ...trace, events, processes }, at: told?.at ?? 0 }
}
