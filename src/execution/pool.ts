// The pool of slots: how many attempts run at once, and who goes first when slots are short.

import type { Clock } from '../kernel/clock.ts'

/** Who goes first: higher `priority`, then longer `tail`, then the earlier run, then the earlier request. */
export interface Rank {
  readonly priority: number
  /** Expected work behind it on the critical path (ms); 0 where unknown. */
  readonly tail: number
  /** The run's place among all that this process took up. */
  readonly run: number
}

export interface SlotRequest extends Rank {
  granted(): void
}

export interface Pool {
  /** Takes a free slot at once, if nobody waits and there is one. */
  tryTake(): boolean
  /** Whether one that waits goes before, or nobody may go, as more slots are taken than there are. */
  outranks(rank: Rank): boolean
  /** Waits for a slot, which may be granted at once; the returned function gives up waiting. */
  wait(request: SlotRequest): () => void
  /** Gives a slot back; the first in line gets it. */
  release(): void
  /** One goes on beside the slots, without taking one. */
  join(): void
  /** It has ended. */
  leave(): void
  resize(slots: number): void
  /** Calls back once no slot is taken, and nothing goes on beside them. */
  whenIdle(idle: () => void): void
  readonly inFlight: number
  readonly waiting: number
}

interface Waiting extends SlotRequest {
  readonly order: number
  gone: boolean
}

/** Resolves once the pool is idle, or after so long (ms). */
export async function idleWithin(pool: Pick<Pool, 'whenIdle'>, clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.at(clock.now() + ms, resolve)
    pool.whenIdle(() => {
      cancel()
      resolve()
    })
  })
}

/** @param slots at most so many attempts at once. */
export function createPool(slots: number): Pool {
  const queue: Waiting[] = []
  const idlers: (() => void)[] = []
  let size = slots
  let taken = 0
  let beside = 0
  let order = 0
  let waiting = 0

  const grant = (): void => {
    while (taken < size) {
      const next = pop(queue)
      if (next === undefined) return
      if (next.gone) continue
      next.gone = true
      waiting--
      taken++
      next.granted()
    }
  }

  const tellIdle = (): void => {
    if (taken + beside === 0) for (const idle of idlers.splice(0)) idle()
  }

  return {
    tryTake() {
      if (waiting > 0 || taken >= size) return false
      taken++
      return true
    },
    outranks(rank) {
      while (queue[0]?.gone === true) pop(queue)
      if (taken > size) return true
      const first = queue[0]
      return first !== undefined && compare(first, rank) < 0
    },
    wait(request) {
      const entry: Waiting = { ...request, granted: () => request.granted(), order: order++, gone: false }
      push(queue, entry)
      waiting++
      // where slots are free, nobody is about to give one back
      grant()
      return () => {
        if (entry.gone) return
        entry.gone = true
        waiting--
      }
    },
    release() {
      taken--
      grant()
      tellIdle()
    },
    join() {
      beside++
    },
    leave() {
      beside--
      tellIdle()
    },
    whenIdle(idle) {
      if (taken + beside === 0) idle()
      else idlers.push(idle)
    },
    resize(next) {
      size = next
      grant()
    },
    get inFlight() {
      return taken
    },
    get waiting() {
      return waiting
    },
  }
}

function compare(a: Rank, b: Rank): number {
  return b.priority - a.priority || b.tail - a.tail || a.run - b.run
}

function before(a: Waiting, b: Waiting): boolean {
  return (compare(a, b) || a.order - b.order) < 0
}

function push(heap: Waiting[], entry: Waiting): void {
  let at = heap.push(entry) - 1
  while (at > 0) {
    const up = (at - 1) >> 1
    const parent = heap[up] as Waiting
    if (!before(entry, parent)) break
    heap[at] = parent
    at = up
  }
  heap[at] = entry
}

function pop(heap: Waiting[]): Waiting | undefined {
  const top = heap[0]
  const last = heap.pop()
  if (top === undefined || last === undefined || heap.length === 0) return top
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    if (left >= heap.length) break
    const right = left + 1
    const down = right < heap.length && before(heap[right] as Waiting, heap[left] as Waiting) ? right : left
    if (!before(heap[down] as Waiting, last)) break
    heap[at] = heap[down] as Waiting
    at = down
  }
  heap[at] = last
  return top
}
