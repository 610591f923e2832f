// Virtual time in which what may happen next is drawn by seed, and in which whole processes can die.

// oxlint-disable-next-line no-restricted-imports -- it drives the real event loop, it does not measure it
import { setImmediate } from 'node:timers'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import { createTimerQueue } from '../../kernel/timer-queue.ts'

/** A clock of one process; after `kill` nothing of it fires any more. */
export interface ProcessClock extends Clock {
  readonly alive: boolean
  kill(): void
}

export interface SeededTime {
  now(): number
  /** Steps done so far. */
  readonly steps: number
  /** A timer of the world itself, which outlives processes. */
  at(due: number, fire: () => void): void
  process(): ProcessClock
  /** Moves time on without doing anything. */
  jump(to: number): void
  /**
   * Lets promises come to rest, then does one of the things that may happen now, or next; false when nothing is left
   * until then.
   */
  step(until?: number): Promise<boolean>
}

/** @param random draws the order of what is due together, and the clocks' chance. */
export function createSeededTime(start: number, random: () => number): SeededTime {
  const timers = createTimerQueue()
  const ready: (() => void)[] = []
  let now = start
  let steps = 0

  const fireOne = (until: number): boolean => {
    for (let due = timers.nextDue(); due !== undefined && due <= now; due = timers.nextDue()) {
      ready.push(timers.take() as () => void)
    }
    if (ready.length === 0) {
      const due = timers.nextDue()
      if (due === undefined || due === Number.POSITIVE_INFINITY || due > until) return false
      now = due
      return fireOne(until)
    }
    const chosen = ready.length === 1 ? 0 : Math.floor(random() * ready.length)
    const fire = ready[chosen] as () => void
    const last = ready.pop() as () => void
    if (chosen < ready.length) ready[chosen] = last
    steps++
    fire()
    return true
  }

  return {
    now: () => now,
    get steps() {
      return steps
    },
    at: (due, fire) => void timers.add(due, fire),
    async step(until = Number.MAX_VALUE) {
      await new Promise<void>((resolve) => void setImmediate(resolve))
      return fireOne(until)
    },
    jump(to) {
      now = Math.max(now, to)
    },
    process() {
      let alive = true
      return {
        now: () => now,
        monotonic: () => now - start,
        random,
        at(due, fire): Cancel {
          if (Number.isNaN(due)) throw new RangeError('a timer is due at NaN')
          let set = true
          const cancel = timers.add(due, () => {
            if (alive && set) fire()
          })
          return () => {
            set = false
            cancel()
          }
        },
        soon: (fire) =>
          void ready.push(() => {
            if (alive) fire()
          }),
        get alive() {
          return alive
        },
        kill() {
          alive = false
        },
      }
    },
  }
}
