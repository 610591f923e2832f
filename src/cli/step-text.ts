// What a step is doing, or came to, in a few words.

import { formatMs } from '../kernel/duration.ts'
import type { Progressing, StepTimeline } from '../observe/step-timeline.ts'

/** Whether it is worth a line: choices and other mere decisions are not. */
export function isShown({ attempts, items, open, outcome, fallback }: StepTimeline): boolean {
  return attempts > 0 || fallback || items !== undefined || open.size > 0 || outcome !== undefined
}

/** Such as `succeeded`, `12 of 40 items`, `backing off, 3.2 s left`. */
export function phaseOf(step: StepTimeline, now: number): string {
  const { items, outcome, open } = step
  if (items !== undefined) {
    const done = items.succeeded + items.failed
    const failed = items.failed === 0 ? '' : `, ${items.failed} failed`
    return outcome === undefined ? `${done} of ${items.total} items${failed}` : `${outcome}${failed}`
  }
  if (outcome !== undefined) return outcome
  const [only] = open.values()
  return only === undefined ? 'ended' : doing(only, now)
}

function doing({ phase, due, waitsFor, attempt }: Progressing, now: number): string {
  const left = due === undefined ? '' : `, ${formatMs(Math.max(0, due - now))} left`
  switch (phase) {
    case 'running':
      return attempt > 1 ? `running, attempt ${attempt}` : 'running'
    case 'queued':
      if (waitsFor === 'nothing' || waitsFor === 'recovery') return 'about to begin'
      return waitsFor === 'pause' ? 'held by the pause' : `waits for ${awaitedText(waitsFor)}`
    case 'backing-off':
      return `backing off${left}`
    case 'until-due':
      return `waits${left}`
    case 'calling':
      return 'runs its chain'
  }
}

/** What a queued attempt waits for. */
export function awaitedText(waitsFor = 'slot'): string {
  if (waitsFor.startsWith('memo')) {
    const run = waitsFor.slice('memo:'.length)
    return `the output of the same work${run === '' ? '' : `, at which run ${run} is`}`
  }
  if (waitsFor === 'retry-budget') return 'the retry budget'
  if (waitsFor === 'turn') return 'its turn'
  return waitsFor.startsWith('limiter:') ? waitsFor.replace(':', ' ') : 'a slot'
}

/** How long it took, or has taken so far. */
export function tookOf(
  { startedAt, endedAt }: Pick<StepTimeline, 'startedAt' | 'endedAt'>,
  now: number,
): string {
  return formatMs((endedAt ?? now) - startedAt)
}
