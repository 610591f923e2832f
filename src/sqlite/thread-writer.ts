// The host's end of the writer's thread: work goes over in order, and what came of it comes back in order.

import { Worker } from 'node:worker_threads'

import { CatenaryError } from '../kernel/errors.ts'
import type { Done, Work } from './work.ts'
import type { Reply } from './writer-thread.ts'
import type { WriterSetup } from './writer.ts'

export interface ThreadWriter {
  /** `gone`: it could not start, has died, or was closed. */
  readonly state: 'starting' | 'ready' | 'gone'
  /** Work given and not done yet. */
  readonly pending: number
  perform(work: Work): Promise<Done>
  /** Ends the thread once all work given is done. */
  close(): Promise<void>
}

/** What a thread that only hands rows on needs, in place of what V8 would grow to on a large machine. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 }

interface Waiter {
  resolve(done: Done): void
  reject(error: CatenaryError): void
}

/** The thread's file, as a source or as built: nothing rewrites the extension in a URL. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js',
  import.meta.url,
)

/** Starts a writer's thread. It does not keep the process alive but while it has work. */
export function startThreadWriter(setup: WriterSetup): ThreadWriter {
  // Flags of the process, such as --input-type or a debugger's port, are not for the thread.
  let worker: Worker
  try {
    worker = new Worker(entry, { workerData: setup, execArgv: [], name: 'catenary writer', resourceLimits })
  } catch (error) {
    return neverStarted(setup, error)
  }
  const waiting: Waiter[] = []
  let state: ThreadWriter['state'] = 'starting'
  let closing = false
  let death: unknown
  const end = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      state = 'gone'
      for (const waiter of waiting.splice(0)) waiter.reject(ended(setup, death))
      resolve()
    })
  })

  worker.on('error', (error) => {
    death = error
  })
  worker.on('message', (reply: Reply) => {
    if (reply === 'ready') {
      state = 'ready'
      return
    }
    const waiter = waiting.shift()
    if (waiting.length === 0 && !closing) worker.unref()
    if ('failure' in reply) {
      const { code, message, cause } = reply.failure
      waiter?.reject(new CatenaryError(code, message, { cause }))
    } else {
      waiter?.resolve(reply)
    }
  })

  // Only now: listening for messages would undo it.
  worker.unref()

  return {
    get state() {
      return state
    },
    get pending() {
      return waiting.length
    },
    perform(work) {
      return new Promise((resolve, reject) => {
        if (state === 'gone') {
          reject(ended(setup, death))
          return
        }
        if (waiting.push({ resolve, reject }) === 1) worker.ref()
        worker.postMessage(work, [])
      })
    },
    async close() {
      if (state !== 'gone' && !closing) {
        closing = true
        worker.ref()
        worker.postMessage('close', [])
      }
      await end
    },
  }
}

function ended({ path }: WriterSetup, cause: unknown): CatenaryError {
  const message = `The thread that writes ${path} has ended: see the cause, then open the store again.`
  return new CatenaryError('STORE_UNAVAILABLE', message, { cause })
}

/** What stands for a thread that this process may not have, as under Node's permission model. */
function neverStarted(setup: WriterSetup, cause: unknown): ThreadWriter {
  return {
    state: 'gone',
    pending: 0,
    perform: () => Promise.reject(ended(setup, cause)),
    close: () => Promise.resolve(),
  }
}
