// Replies to signals: read from the journal, where they are facts like any other; told here when one may be there.

import { toEvent } from '../../journal/encoding.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { StoreReader } from '../../journal/store.ts'
import type { Clock } from '../../kernel/clock.ts'
import { decode } from '../../kernel/codec.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { formatMs } from '../../kernel/duration.ts'

interface Listener {
  readonly ring: () => void
  readonly fail: (error: CatenaryError) => void
}

/** Tells who waits for something of a run that it may be there to read. */
export interface RunBell {
  /** @returns takes it back. */
  listen(run: string, listener: Listener): () => void
  ring(run: string): void
  /** Nothing will come any more. */
  fail(error: CatenaryError): void
}

export function createRunBell(): RunBell {
  const listening = new Map<string, Set<Listener>>()
  let failure: CatenaryError | undefined
  return {
    listen(run, listener) {
      if (failure !== undefined) listener.fail(failure)
      const all = listening.get(run) ?? new Set()
      listening.set(run, all.add(listener))
      return () => {
        all.delete(listener)
        if (all.size === 0 && listening.get(run) === all) listening.delete(run)
      }
    },
    ring(run) {
      for (const { ring } of listening.get(run) ?? []) ring()
    },
    fail(error) {
      failure = error
      for (const all of listening.values()) for (const { fail } of all) fail(error)
    },
  }
}

/** Boxed, as a reply may be undefined. */
export interface Reply {
  readonly value: unknown
}

/**
 * @returns looks once: the reply to the signal, or undefined where there is none yet. Rejects where none will come.
 * What it has read it does not read again.
 */
export function lookForReply(
  store: Pick<StoreReader, 'rows'>,
  run: string,
  id: string,
): () => Promise<Reply | undefined> {
  let after = 0
  let ended: string | undefined
  return async () => {
    for (const row of await store.rows(run, after)) {
      after = row.seq
      if (!telling.has(row.type)) continue
      const event = toEvent(row)
      if (event.type === 'signal.answered' && event.id === id) {
        if (event.failure === undefined)
          return { value: event.payload === undefined ? undefined : decode(event.payload) }
        const message = `the reply of step "${event.step}" of run ${run} failed: ${event.failure.message}`
        throw new CatenaryError('REPLY_FAILED', message, { cause: event.failure })
      }
      if (event.type === 'run.ended') ended = event.status
      // it goes on, and may answer yet
      if (event.type === 'run.retried') ended = undefined
    }
    if (ended === undefined) return undefined
    const message = `run ${run} ended as ${ended} without a reply to signal ${id}: ask a run that still waits for it`
    throw new CatenaryError('REPLY_ABSENT', message)
  }
}

const telling: ReadonlySet<string> = new Set<JournalEvent['type']>([
  'signal.answered',
  'run.ended',
  'run.retried',
])

/** Whether the run has received the signal of this id, durably, at any time. */
export async function wasReceived(
  store: Pick<StoreReader, 'rows'>,
  run: string,
  id: string,
): Promise<boolean> {
  const rows = await store.rows(run, 0)
  return rows.some((row) => {
    if (row.type !== 'signal.received') return false
    const event = toEvent(row)
    return event.type === 'signal.received' && event.id === id
  })
}

export function replyLate(run: string, id: string, within: number): CatenaryError {
  const message = `run ${run} has not replied to signal ${id} within ${formatMs(within)}: ask again with the same id to go on waiting`
  return new CatenaryError('REPLY_LATE', message)
}

/** Waits until `look` has an answer, asking it whenever the bell rings for the run. */
export async function whenReplied(
  bell: RunBell,
  { run, id, clock, within }: { run: string; id: string; clock: Clock; within: number | undefined },
  look: () => Promise<Reply | undefined>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let looking: Promise<void> = Promise.resolve()
    const end = (done: () => void): void => {
      silence()
      cancel?.()
      done()
    }
    const again = (): void => {
      looking = looking.then(async () => {
        try {
          const found = await look()
          if (found !== undefined) end(() => resolve(found))
        } catch (error) {
          end(() => reject(error))
        }
      })
    }
    const silence = bell.listen(run, {
      ring: again,
      fail: (error) => queueMicrotask(() => end(() => reject(error))),
    })
    const cancel =
      within === undefined
        ? undefined
        : clock.at(clock.now() + within, () => end(() => reject(replyLate(run, id, within))))
    again()
  })
}
