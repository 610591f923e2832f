// Timers of a clock that does not run by itself, the earliest first and among equals the one that was set first: a binary heap.

interface Timer {
  readonly due: number
  readonly place: number
  readonly order: number
  /** Undefined once taken or cancelled; a cancelled timer stays in the heap until it comes to the top. */
  fire: (() => void) | undefined
}

interface TimerQueue {
  /** How many timers are set. */
  readonly size: number
  /**
   * Sets a timer and returns how to take it back.
   *
   * @param place among those that are due together: the lower one first. Default after all that have one.
   */
  add(due: number, fire: () => void, place?: number): () => void
  /** When the earliest timer is due. */
  nextDue(): number | undefined
  /** Removes the earliest timer and returns what it fires. */
  take(): (() => void) | undefined
}

export function createTimerQueue(): TimerQueue {
  const heap: Timer[] = []
  let size = 0
  let added = 0

  const release = (timer: Timer): (() => void) | undefined => {
    const { fire } = timer
    timer.fire = undefined
    if (fire !== undefined) size -= 1
    return fire
  }
  const earliest = (): Timer | undefined => {
    while (heap[0] !== undefined && heap[0].fire === undefined) removeTop(heap)
    return heap[0]
  }
  return {
    get size() {
      return size
    },
    add(due, fire, place = Infinity) {
      const timer: Timer = { due, place, order: added++, fire }
      size += 1
      insert(heap, timer)
      return () => void release(timer)
    },
    nextDue: () => earliest()?.due,
    take() {
      const timer = earliest()
      return timer === undefined ? undefined : release(timer)
    },
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  if (a.due !== b.due) return a.due < b.due
  return a.place === b.place ? a.order < b.order : a.place < b.place
}

function insert(heap: Timer[], timer: Timer): void {
  let hole = heap.length
  while (hole > 0) {
    const above = (hole - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || isBefore(parent, timer)) break
    heap[hole] = parent
    hole = above
  }
  heap[hole] = timer
}

function removeTop(heap: Timer[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let hole = 0
  for (;;) {
    const left = heap[2 * hole + 1]
    const right = heap[2 * hole + 2]
    const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left
    if (child === undefined || isBefore(last, child)) break
    heap[hole] = child
    hole = 2 * hole + (child === left ? 1 : 2)
  }
  heap[hole] = last
}
