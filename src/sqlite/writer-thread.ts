// What runs on the writer's thread: takes work in order, does it on a connection of its own, tells what came of it.

import { parentPort, workerData } from 'node:worker_threads'

import type { ErrorCode } from '../kernel/errors.ts'
import { connect, prepareToWrite } from './connection.ts'
import { storeFailure } from './failure.ts'
import { createPerform } from './perform.ts'
import type { Done, Work } from './work.ts'
import type { WriterSetup } from './writer.ts'

/** What the thread says: once that it is up, then one reply to each piece of work. */
export type Reply =
  | 'ready'
  | Done
  | { readonly failure: { readonly code: ErrorCode; readonly message: string; readonly cause: unknown } }

/** Serves one store's work until it is told to close. */
function serve(
  port: NonNullable<typeof parentPort>,
  { path, epoch, durability, busyTimeout }: WriterSetup,
): void {
  const database = connect(path, { busyTimeout })
  prepareToWrite(database, durability, 'ours')
  const perform = createPerform(database, epoch, path)
  let failed: Reply | undefined

  /** After a failed batch none may follow: those already on their way fail alike. */
  function answer(work: Work): Reply {
    if (failed && work.kind === 'batch') return failed
    try {
      return perform(work)
    } catch (error) {
      const { code, message, cause } = storeFailure(error, path)
      const reply = { failure: { code, message, cause } }
      if (work.kind === 'batch') failed = reply
      return reply
    }
  }

  port.on('message', (message: Work | 'close') => {
    if (message !== 'close') {
      port.postMessage(answer(message))
      return
    }
    database.close()
    port.close()
  })
  port.postMessage('ready')
}

if (parentPort) serve(parentPort, workerData as WriterSetup)
