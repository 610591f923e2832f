// A poller as a service: asks a feed again and again, and puts what is new on the queue.

import { type Service, service } from 'catenary'
import type { Queue } from './queue.ts'

export interface Feed {
  /** Numbers of the orders that came after `last`. */
  after(last: number, signal: AbortSignal): Promise<readonly number[]>
}

/** Resolves after so many ms, or rejects when the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>

export interface PollerOptions {
  readonly feed: Feed
  readonly queue: Queue
  readonly every: number
  readonly wait: Wait
  /** The queue's reader: without one there is no point in filling it. */
  readonly needs: readonly Service[]
  /** A poller that does not come round for so long (ms) is wedged. */
  readonly silence: number
  readonly now: () => number
}

export function feedPoller({ feed, queue, every, wait, needs, silence, now }: PollerOptions): Service {
  // outlives the lives of the service, not the process
  let last = 0
  let beat = now()
  return service(
    'poller',
    async ({ signal }) => {
      for (;;) {
        beat = now()
        for (const order of await feed.after(last, signal)) {
          queue.put({ id: `order-${order}`, order })
          last = Math.max(last, order)
        }
        await wait(every, signal)
      }
    },
    {
      needs,
      alive: { check: () => now() - beat < silence, period: '10s' },
      shutdown: '2s',
      description: 'brings new orders',
    },
  )
}
