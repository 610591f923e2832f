// Looks into a store for all that callers wait for: one timer for all of them, and a bounded number a round.

import type { Cancel, Clock } from '../../kernel/clock.ts'

/** When a wait is given up, and with what. */
export interface GiveUp {
  /** Milliseconds from now. */
  readonly within: number
  readonly because: () => Error
}

export interface Poll {
  /** Asks `look` now and then until it gives something. */
  until<T>(look: () => Promise<T | undefined>, giveUp?: GiveUp): Promise<T>
  /** Rejects all that wait, and all that will. */
  stop(error: Error): void
}

interface Waiter {
  /** Whether it is over. */
  readonly look: () => Promise<boolean>
  readonly reject: (error: unknown) => void
  /** On the monotonic clock. */
  readonly end: number
  readonly because: (() => Error) | undefined
}

const soonest = 5
const latest = 100
const round = 256
/** Of the time at most so much is spent on looking. */
const share = 5

export function createPoll(clock: Clock): Poll {
  let waiters: Waiter[] = []
  let cancel: Cancel | undefined
  let looking = false
  let wait = soonest
  let stopped: Error | undefined

  const lookAt = async (waiter: Waiter): Promise<boolean> => {
    try {
      if (await waiter.look()) return true
      if (waiter.because === undefined || clock.monotonic() < waiter.end) return false
      waiter.reject(waiter.because())
    } catch (error) {
      waiter.reject(error)
    }
    return true
  }

  const lookAtAll = async (): Promise<void> => {
    cancel = undefined
    looking = true
    const began = clock.monotonic()
    const now = waiters.slice(0, round)
    const left: Waiter[] = []
    for (const waiter of now) if (stopped === undefined && !(await lookAt(waiter))) left.push(waiter)
    looking = false
    if (stopped !== undefined) return
    // who was not asked in this round comes first in the next
    waiters = [...waiters.slice(now.length), ...left]
    wait = left.length < now.length ? soonest : Math.min(latest, wait * 2)
    schedule(Math.max(wait, (clock.monotonic() - began) * share))
  }

  const schedule = (within: number): void => {
    if (waiters.length > 0) cancel = clock.at(clock.now() + within, () => void lookAtAll())
  }

  return {
    async until<T>(look: () => Promise<T | undefined>, giveUp?: GiveUp): Promise<T> {
      if (stopped !== undefined) throw stopped
      return new Promise<T>((resolve, reject) => {
        const waiter: Waiter = {
          async look() {
            const found = await look()
            if (found === undefined) return false
            resolve(found)
            return true
          },
          reject,
          end: clock.monotonic() + (giveUp?.within ?? 0),
          because: giveUp?.because,
        }
        waiters.push(waiter)
        wait = soonest
        if (looking) return
        cancel?.()
        schedule(wait)
      })
    },
    stop(error) {
      stopped = error
      cancel?.()
      for (const { reject } of waiters.splice(0)) reject(error)
    },
  }
}
