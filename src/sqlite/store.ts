// The store in one SQLite file: the port's promises over a session that can fail and be opened again.

import { type Duration, toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, refuseUnknownOptions } from '../kernel/known-options.ts'
import type { Batch, Store } from '../journal/store.ts'
import type { Durability } from './connection.ts'
import { openSqliteClient } from './client.ts'
import { isHeld } from './executor-of.ts'
import { storeFailure } from './failure.ts'
import { answerLater } from './reader.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'
import { storePath } from './store-path.ts'
import { batchWork } from './work.ts'
import type { Done, Work } from './work.ts'
import type { WriterKind } from './writer.ts'

/** How a SQLite store writes. */
export interface SqliteStoreOptions {
  /**
   * What an acknowledged append outlasts. `full`: a power cut, by an fsync each. `normal`: the death of the
   * process; a power cut may take the last moments. Default `full`.
   */
  readonly durability?: Durability
  /**
   * `inline` writes on the calling thread, `thread` on one of its own, `auto` inline while batches are small and
   * the disk is fast. Default `auto`.
   */
  readonly writer?: WriterKind
  /** How long to wait while a client's process writes, in ms or as `'5s'`. Default 5 s. */
  readonly busyTimeout?: Duration
}

const known: KnownOptions<SqliteStoreOptions> = { durability: true, writer: true, busyTimeout: true }

/**
 * Makes a store over `file`, which is created where it does not exist. Nothing is touched before `open()`.
 *
 * @example
 * ```ts
 * const supervisor = await createSupervisor({ chains: [report], store: createSqliteStore('app.db') })
 * ```
 */
export function createSqliteStore(file: string, options: SqliteStoreOptions = {}): Store & AsyncDisposable {
  refuseUnknownOptions(options, known, 'createSqliteStore')
  const { durability = 'full', writer = 'auto' } = options
  const busyTimeout = toMs(options.busyTimeout ?? 5_000, 'busyTimeout')
  check('durability', durability, ['full', 'normal'])
  check('writer', writer, ['auto', 'inline', 'thread'])
  const path = storePath(file)
  let session: Session | undefined
  let lastSeq = 0
  let failure: CatenaryError | undefined

  function current(): Session {
    if (session) return session
    throw new CatenaryError('STORE_UNAVAILABLE', `The store ${path} is not open: call open() first.`)
  }

  /** The session, if it may still write. */
  function writing(): Session {
    const open = current()
    if (!failure) return open
    const message = `An earlier append to ${path} failed, so nothing more is written: open the store again.`
    throw new CatenaryError('STORE_UNAVAILABLE', message, { cause: failure })
  }

  function fail(error: unknown): CatenaryError {
    const found = storeFailure(error, path)
    failure ??= found
    return found
  }

  function inOrder(batch: Batch): void {
    for (const { seq } of batch.rows) if (seq !== ++lastSeq) throw outOfOrder(path, lastSeq, seq)
  }

  async function perform(work: Work): Promise<Done> {
    try {
      return await writing().writer.perform(work)
    } catch (error) {
      throw storeFailure(error, path)
    }
  }

  async function close(): Promise<void> {
    const closing = session
    session = undefined
    try {
      await closing?.close()
    } catch (error) {
      // What had failed before has been told; a failure only now may matter to whoever closes.
      if (!failure) throw storeFailure(error, path)
    }
  }

  const reading = answerLater(() => current().reader, path)
  return {
    shared: true,
    durability: durability === 'full' ? 'full fsync' : 'fsync at checkpoints only',
    taken: () => isHeld(`${path}.lock`),
    client: () => openSqliteClient(path, { busyTimeout }),
    async open() {
      if (failure) await close()
      if (session) {
        const message = `This store has ${path} open already: close it before opening it again.`
        throw new CatenaryError('STORE_LOCKED', message)
      }
      try {
        session = openSession({ path, durability, busyTimeout, writer })
      } catch (error) {
        throw storeFailure(error, path)
      }
      failure = undefined
      lastSeq = session.opened.lastSeq
      return session.opened
    },
    append(batch: Batch) {
      const open = writing()
      try {
        inOrder(batch)
        if (open.writer.pending === 0) open.runs.tidy()
        const done = open.writer.perform(batchWork(batch, open.runs))
        return done instanceof Promise
          ? done.then(noResult, (error: unknown) => Promise.reject(fail(error)))
          : undefined
      } catch (error) {
        throw fail(error)
      }
    },
    transact(work) {
      const open = writing()
      try {
        if (open.writer.pending === 0) open.runs.tidy()
        return open.writer.withHost((transaction) => {
          const batch = work(transaction)
          inOrder(batch)
          return batchWork(batch, open.runs)
        })
      } catch (error) {
        throw fail(error)
      }
    },
    setNote: async (name, value) => void (await perform({ kind: 'note', name, value })),
    post: async (body, at) => (await perform({ kind: 'post', body, at })).result,
    ...reading,
    async inbox(limit, after) {
      // an idle executor writes nothing, but it looks here
      if (session) session.checkFile()
      return reading.inbox(limit, after)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const noResult = (): void => {}

function outOfOrder(path: string, expected: number, found: number): CatenaryError {
  const message = `The batch does not go on at seq ${expected} of ${path} (it has ${found})`
  return new CatenaryError('STORE_UNAVAILABLE', `${message}: open the store again and fold anew.`)
}

function check(option: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  throw new CatenaryError('BAD_OPTION', `${option} is ${JSON.stringify(value)}: use ${allowed.join(' or ')}.`)
}
