// What came to a recorded run from outside: signals, and what people asked for.

import { decode } from '../../kernel/codec.ts'
import type { Run } from '../../engine/runs/run.ts'
import type { JournalEvent } from '../../journal/event.ts'

/** Does it to a run again; undefined for what comes from within. @param next the event after it. */
export function doAgain(
  run: Run,
  event: JournalEvent,
  next: JournalEvent | undefined,
): Promise<void> | undefined {
  switch (event.type) {
    case 'signal.received': {
      const payload = event.payload === undefined ? undefined : decode(event.payload)
      if (event.to === undefined) return run.signal(event.name, payload, { id: event.id })
      return run.send(payload as never, { id: event.id, to: event.to })
    }
    case 'run.cancel-requested':
      return run.cancel(event.reason)
    case 'run.paused':
      return run.pause()
    case 'run.resumed':
      return run.resume()
    case 'run.retried':
      return run.retry(event.from === undefined ? {} : { from: event.from })
    case 'run.unparked':
      if (next?.type === 'compensation.given-up' || next?.type === 'run.cancel-requested')
        return run.cancel(next.type === 'run.cancel-requested' ? next.reason : undefined)
      return run.retry()
    default:
      return undefined
  }
}
