// Has a run go again as a trace says: each cause from outside comes when it came, and all else must follow as it did.

import type { Trace } from '../../observe/trace.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { DrivenClock } from '../virtual-clock.ts'
import type { Cast } from './casting.ts'
import { keyOfCall, keyOfEvent } from './called-key.ts'
import { divergence, printOf } from './divergence.ts'
import { doAgain } from './from-outside.ts'
import type { Harness } from './harness.ts'
import type { Held } from './held-attempt.ts'
import { fellSilent, outcomeBy } from './recorded-outcome.ts'
import { isReplayed, type Rehearsed } from './rehearse.ts'

export interface Stage {
  readonly t: Harness
  readonly clock: DrivenClock
  readonly casting: Cast
  readonly rehearsal: Rehearsed
}

/**
 * @param stops whether to stop before this event; where it is made with one before it already, right after that.
 * @throws CatenaryError TRACE_DIVERGED where something else happens than what is recorded
 */
export async function replay(
  trace: Trace,
  stage: Stage,
  stops: (event: JournalEvent) => boolean,
): Promise<void> {
  const { t, clock, casting, rehearsal } = stage
  const recorded = trace.events.filter(isReplayed)
  const silent = new Set(recorded.filter(fellSilent).map(keyOfEvent))
  const processes = [...trace.processes]
  const made = (): readonly JournalEvent[] => t.events().filter(isReplayed)
  const print = printOf(trace)

  /** Several where it is hedged: one that succeeds is enough. */
  const heldFor = (event: JournalEvent): readonly Held[] => {
    const key = keyOfEvent(event)
    const all = casting.held().filter((one) => keyOfCall(one.step, one.context) === key)
    return event.type === 'attempt.succeeded' ? all.slice(0, 1) : all
  }
  /** Those that live say so: who fell silent then is silent now. */
  const beat = (): void => {
    for (const one of casting.held())
      if (!silent.has(keyOfCall(one.step, one.context))) one.context.heartbeat()
  }
  const cause = async (event: JournalEvent, next: JournalEvent | undefined): Promise<void> => {
    const outcome = outcomeBy(event)
    const held = outcome === undefined ? [] : heldFor(event)
    for (const one of held)
      if (outcome !== undefined)
        await ('error' in outcome ? one.fail(outcome.error) : one.succeed(outcome.output))
    if (held.length === 0 && !rehearsal.go(event)) await doAgain(t.run, event, next)
    await clock.rest()
  }

  for (const [index, event] of recorded.entries()) {
    if (stops(event)) return
    while (made().length <= index && (processes[0]?.seq ?? Infinity) < event.seq) {
      // what was lost with the process is told when the next one has found it
      clock.leap(event.type === 'attempt.lost' ? event.at : (processes[0]?.at ?? event.at))
      processes.shift()
      rehearsal.restarted(made().length)
      await t.crash()
    }
    if (made().length <= index) {
      clock.leap(event.at)
      beat()
      await cause(event, recorded[index + 1])
    }
    while (made().length <= index) {
      if (!clock.fire()) throw await divergence(trace, t, { event, instead: undefined })
      await clock.rest()
    }
    const instead = made()[index] as JournalEvent
    if (print(instead) !== print(event)) throw await divergence(trace, t, { event, instead })
  }
  const more = made()[recorded.length]
  if (more !== undefined) throw await divergence(trace, t, { event: undefined, instead: more })
}
