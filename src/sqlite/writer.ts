// The writing side: in order, one transaction at a time, on whichever thread disturbs the host least.

import type { HostTransaction } from '../definition/host-database.ts'
import { systemClock } from '../kernel/clock.ts'
import { connect, prepareToWrite } from './connection.ts'
import type { Durability } from './connection.ts'
import { isBusy, stillBusy } from './failure.ts'
import { createPerform, type Perform } from './perform.ts'
import { startThreadWriter } from './thread-writer.ts'
import type { ThreadWriter } from './thread-writer.ts'
import { createLogGauge, createRecentCommits } from './writer-gauges.ts'
import { sizeOf } from './work.ts'
import type { BatchWork, Done, Work } from './work.ts'

/** What a writing connection needs to know; crosses to the writer's thread. */
export interface WriterSetup {
  readonly path: string
  readonly epoch: number
  readonly durability: Durability
  /** Milliseconds. */
  readonly busyTimeout: number
}

/**
 * Where batches are written. `inline`: on the caller's thread, which waits for the disk. `thread`: on a thread of
 * its own. `auto`: inline while batches are small and the disk is fast, else on the thread.
 */
export type WriterKind = 'auto' | 'inline' | 'thread'

export interface Writer {
  /** Work given and not done yet. */
  readonly pending: number
  /** At once where it was done inline; what is given later is done later. */
  perform(work: Work): Done | Promise<Done>
  /** Writes a batch with the host's rows, here and now; false where it is not the moment: nothing was done. */
  withHost(give: (transaction: HostTransaction) => BatchWork): boolean
  close(): Promise<void>
}

/** Rows up to which a batch costs the caller's thread less than handing it over would cost in delay. */
const inlineMost = 64
/** Pages in the write-ahead log after which it is carried over into the file, so that it does not grow for ever. */
const longestLog = 1_500
/** How long an inline write may block the caller on another process's write before the thread waits instead. */
const briefly = 2

/** Opens the writer of the executor that `setup` names. */
export function openWriter(setup: WriterSetup, kind: WriterKind): Writer {
  const inline = kind === 'thread' ? undefined : openInline(setup, kind)
  const beside = createBeside(setup, () => inline ?? openInline(setup, 'auto'))
  const commits = createRecentCommits()
  const log = createLogGauge()
  let thread = kind === 'thread' ? startThreadWriter(setup) : undefined

  function startThread(): ThreadWriter {
    thread ??= startThreadWriter(setup)
    return thread
  }

  function note(work: Work, done: Done): Done {
    commits.add(done.commit)
    log.add(work)
    if (log.pages >= longestLog) checkpoint()
    return done
  }

  /** What comes meanwhile waits behind it: with no commit in between, the log begins anew. */
  function checkpoint(): void {
    const where = kind === 'inline' ? undefined : startThread()
    if (where?.state === 'starting' && log.pages < longestLog * 2) return
    const began = log.pages
    log.begin()
    const measured = ({ result }: Done): void => log.measured(began, result)
    // A failure leaves the log as it was, and the next commit will meet the same trouble.
    if (where?.state === 'ready') where.perform({ kind: 'checkpoint' }).then(measured, () => {})
    else if (inline) measured(inline.checkpoint())
  }

  async function onThread(work: Work): Promise<Done> {
    return note(work, await startThread().perform(work))
  }

  return {
    get pending() {
      return thread?.pending ?? 0
    },
    perform(work) {
      if (!inline) return onThread(work)
      if (kind === 'auto') {
        const disturbs = sizeOf(work) > inlineMost || commits.slow > 1
        if (disturbs) startThread()
        // Until the thread is up, and for good where it cannot start, the caller's own has to do.
        if (thread && (thread.pending > 0 || (disturbs && thread.state === 'ready'))) return onThread(work)
      }
      try {
        return note(work, inline.perform(work))
      } catch (error) {
        if (kind === 'auto' && isBusy(error)) return onThread(work)
        throw error
      }
    },
    withHost(give) {
      // one order, one writer
      if (thread !== undefined && thread.pending > 0) return false
      const work: BatchWork[] = []
      const done = beside.withHost((transaction) => {
        const given = give(transaction)
        work.push(given)
        return given
      })
      if (done === undefined || work[0] === undefined) return false
      note(work[0], done)
      return true
    },
    async close() {
      await thread?.close()
      beside.close()
      inline?.close()
    },
  }
}

interface Inline extends Pick<Perform, 'withHost'> {
  perform(work: Work): Done
  checkpoint(): Done
  close(): void
}

/** Where the host's rows are written: on the caller's thread, also where batches never are. */
function createBeside(
  { path, busyTimeout }: WriterSetup,
  open: () => Inline,
): Pick<Perform, 'withHost'> & { close(): void } {
  let inline: Inline | undefined
  let busySince: number | undefined
  return {
    withHost(give) {
      inline ??= open()
      const done = inline.withHost(give)
      if (done !== undefined) {
        busySince = undefined
        return done
      }
      busySince ??= systemClock.monotonic()
      if (systemClock.monotonic() - busySince <= busyTimeout) return undefined
      throw stillBusy(path)
    },
    close: () => inline?.close(),
  }
}

function openInline({ path, epoch, durability, busyTimeout }: WriterSetup, kind: WriterKind): Inline {
  const database = connect(path, {
    busyTimeout: kind === 'auto' ? Math.min(briefly, busyTimeout) : busyTimeout,
  })
  prepareToWrite(database, durability, 'ours')
  const perform = createPerform(database, epoch, path)
  return {
    perform,
    withHost: (give) => perform.withHost(give),
    checkpoint() {
      try {
        return perform({ kind: 'checkpoint' })
      } catch {
        return { result: 0, commit: 0 } // as on the thread
      }
    },
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}
