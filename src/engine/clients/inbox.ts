// Watches the store's inbox, and has what other processes left there carried out: per run in order, each once.

import type { Store } from '../../journal/store.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { type CarryHost, createCarryOut } from './carry-out.ts'
import { type ClientCommand, readCommand } from './command.ts'

/** What the inbox asks of the engine. */
export interface InboxHost extends Omit<CarryHost, 'stopped'> {
  readonly store: Pick<Store, 'inbox' | 'head' | 'rows'>
  readonly clock: Clock
  failed(error: unknown): void
}

export interface Inbox {
  /** Carries out what is there, then looks again and again. */
  start(): void
  /** Begins nothing more; what was not begun is the next executor's. */
  stop(): void
}

/** Looks so often while commands come, and at least so often where none comes (ms). */
const often = 20
const seldom = 200
const page = 256
/** So many are in hand at most: the rest waits in the store. */
const mostInHand = 1_024

export function createInbox(host: InboxHost): Inbox {
  const { clock, store } = host
  const lanes = new Map<string, Promise<void>>()
  let inHand = 0
  /** The last entry that was seen: entries come in the order of their ids, and each is taken up once. */
  let seen = 0
  let stopped = false
  let wait = often
  let cancel: Cancel | undefined
  const carryOut = createCarryOut({ ...host, stopped: () => stopped })

  const look = async (): Promise<void> => {
    try {
      const room = Math.min(page, mostInHand - inHand)
      const entries = room === 0 ? [] : await store.inbox(room, seen)
      if (stopped) return
      wait = entries.length > 0 || room === 0 ? often : Math.min(seldom, wait + often)
      for (const { id, body } of entries) {
        seen = id
        enqueue(id, commandIn(body))
      }
    } catch (error) {
      if (!stopped) host.failed(error)
    }
    if (!stopped) cancel = clock.at(clock.now() + wait, () => void look())
  }

  /** Entries for one run go in their order; one that takes its time holds up no other run. */
  const enqueue = (id: number, command: ClientCommand | CatenaryError): void => {
    inHand++
    const lane = 'run' in command ? command.run : ''
    const before = lanes.get(lane) ?? Promise.resolve()
    const done = before
      .then(async () => carryOut(id, command))
      .catch((error: unknown) => {
        if (!stopped) host.failed(error)
      })
      .finally(() => {
        inHand--
        if (lanes.get(lane) === done) lanes.delete(lane)
      })
    lanes.set(lane, done)
  }

  return {
    start: () => void look(),
    stop() {
      stopped = true
      cancel?.()
    },
  }
}

function commandIn(body: string): ClientCommand | CatenaryError {
  try {
    return readCommand(body)
  } catch (error) {
    if (CatenaryError.is(error)) return error
    throw error
  }
}
