// What the function of an attempt did, by what is recorded of it, and who it was that ended it.

import { decode } from '../../kernel/codec.ts'
import { type Failure, RecordedFailure } from '../../kernel/failure.ts'
import type { JournalEvent } from '../../journal/event.ts'

/** Failures that come from outside of the function: time, a cancel, or a process that died. */
const fromOutside: ReadonlySet<Failure['kind']> = new Set(['timeout', 'deadline', 'cancelled', 'lost'])

export type Outcome = { readonly output: unknown } | { readonly error: RecordedFailure }

/** Undefined where the function did not end the attempt: where it hung, its process died, or it was not called. */
export function outcomeBy(event: JournalEvent): Outcome | undefined {
  switch (event.type) {
    case 'attempt.succeeded':
      return { output: event.payload === undefined ? undefined : decode(event.payload) }
    case 'attempt.failed':
      return fromOutside.has(event.failure.kind) ? undefined : { error: new RecordedFailure(event.failure) }
    case 'attempt.settled-late':
      return event.failure === undefined
        ? { output: undefined }
        : { error: new RecordedFailure(event.failure) }
    default:
      return undefined
  }
}

/** Whether it gave no sign of life: it must not give any this time. */
export function fellSilent(event: JournalEvent): boolean {
  return event.type === 'attempt.failed' && event.failure.kind === 'lost'
}
