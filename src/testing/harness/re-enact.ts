// Has a chain as it is now meet what a recorded run met: the same outcomes by step and attempt, the same signals and crashes.

import type { Trace } from '../../observe/trace.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Clock } from '../../kernel/clock.ts'
import { keyOfCall, keyOfEvent } from './called-key.ts'
import { doAgain } from './from-outside.ts'
import type { Harness } from './harness.ts'
import { outcomeBy } from './recorded-outcome.ts'
import type { Called } from './scripted-chains.ts'
import { hang, slow } from './scripts.ts'

/** What attempts come to, by what the trace says of those of the same step, item and number; unknown ones are the test's. */
export function outcomesOf(
  trace: Trace,
): (called: Called, clock: Clock) => { readonly outcome: unknown } | undefined {
  const ends = new Map<string, JournalEvent>()
  for (const event of trace.events) {
    const key = keyOfEvent(event)
    const isEnd = ['attempt.succeeded', 'attempt.failed', 'attempt.lost'].includes(event.type)
    if (key !== undefined && isEnd) ends.set(key, event)
  }
  return ({ step, context, item, real }, clock) => {
    const event = ends.get(keyOfCall(step, context))
    if (event === undefined) return undefined
    const stage = { item, real, clock }
    const end = outcomeBy(event)
    if (end === undefined) return { outcome: hang({ deaf: event.type === 'attempt.lost' })(context, stage) }
    const script = (): unknown => {
      if ('error' in end) throw end.error
      return end.output
    }
    const took = 'took' in event ? event.took : 0
    return { outcome: took > 0 ? slow(took, script)(context, stage) : new Promise((done) => done(script())) }
  }
}

/** @param until how far time goes in the end (ms since the epoch). */
export async function reEnact(trace: Trace, t: Harness, until: number): Promise<void> {
  const coming = trace.events.flatMap((event, index) => [
    { seq: event.seq, at: event.at, act: async () => doAgain(t.run, event, trace.events[index + 1]) },
  ])
  const crashes = trace.processes.map(({ seq, at }) => ({ seq, at, act: async () => t.crash() }))
  for (const { at, act } of [...coming, ...crashes].sort((one, other) => one.seq - other.seq)) {
    await t.advance(Math.max(0, at - t.clock.now()))
    await unlessOver(act)
  }
  await t.advance(Math.max(0, until - t.clock.now()))
}

/** What came to the run once it had ended comes to nobody, where it ends earlier now. */
async function unlessOver(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    const over = ['RUN_ENDED', 'RUN_PARKED', 'RUN_NOT_RETRYABLE']
    if (!CatenaryError.is(error) || !over.includes(error.code)) throw error
  }
}
