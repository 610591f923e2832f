// A clock whose time stands still until a test moves it, so that no test sleeps and each runs the same again.

// Not the global one, which a test's own fake timers may have replaced.
// oxlint-disable-next-line no-restricted-imports -- a test clock drives the real event loop, it does not measure it
import { setImmediate } from 'node:timers'
import type { Clock } from '../kernel/clock.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { type KnownOptions, unknownOptions } from '../kernel/known-options.ts'
import { createRandom } from '../kernel/random.ts'
import { createTimerQueue } from '../kernel/timer-queue.ts'
import { isObject, numberProblem, refuse } from './given.ts'

/**
 * A clock that a test drives; a call made while another is under way waits for it. It sees promises, immediates and
 * its own timers come to rest, but not real input and output: await that first.
 */
export interface VirtualClock extends Clock {
  /** Timers that are set and have not fired. */
  readonly pending: number
  /** Moves time on and fires what falls due: each timer at its own time, and after all that followed from the last. */
  advance(by: Duration): Promise<void>
  /** Moves time on to the next timer and fires it, and all that is due with it; false if none is set. */
  next(): Promise<boolean>
  /**
   * Sets the clock ahead by so many ms, or back where they are negative, as an operator or a time server does: no time
   * passes. What is due by then fires when the clock is moved or settles the next time.
   */
  jump(by: number): void
  /** Lets all that is under way come to rest, and fires what is due by now, without moving time. */
  settle(): Promise<void>
}

/** One whose timers wait until whoever drives it has them fire, also when they are due. */
export interface DrivenClock extends VirtualClock {
  /** Lets all that is under way come to rest; no timer fires. */
  rest(): Promise<void>
  /** It is this time now, also where that lies back; no timer fires. */
  leap(to: number): void
  /** Fires the next timer, if that is due; false if none is. */
  fire(): boolean
}

export interface VirtualClockOptions {
  /** The time to begin with, in ms since the epoch. Default 0. */
  readonly now?: number
  /** Decides the random numbers. Default 1. */
  readonly seed?: number
}

const known: KnownOptions<VirtualClockOptions> = { now: true, seed: true }

// Promises settle within one turn of the event loop; what passes through immediates of its own takes some more.
const quietTurns = 4

/**
 * Makes a clock for tests and simulations.
 *
 * @throws CatenaryError BAD_OPTION
 * @example
 * ```ts
 * const clock = createVirtualClock({ now: Date.parse('2026-01-01') })
 * clock.at(clock.now() + 60_000, () => console.log('a minute later'))
 * await clock.advance('1m')
 * ```
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { now, seed } = isObject(options) ? options : {}
  refuse([
    unknownOptions(options, known, 'createVirtualClock()'),
    numberProblem(now, 'now'),
    numberProblem(seed, 'seed'),
  ])
  return createDrivenClock(options)
}

/** The same, for whoever also has it go as a recorded run went. */
export function createDrivenClock({ now: start = 0, seed = 1 }: VirtualClockOptions = {}): DrivenClock {
  const timers = createTimerQueue()
  let now = start
  let jumped = 0
  // Counts all that comes and goes on this clock: while it moves, things are under way.
  let activity = 0
  let driving: Promise<unknown> = Promise.resolve()

  const rest = async (): Promise<void> => {
    let quiet = 0
    while (quiet < quietTurns) {
      const before = activity
      await turn()
      quiet = activity === before ? quiet + 1 : 0
    }
  }
  /** Fires, one after the other, what is due until then, and rests in between. */
  const runUntil = async (end: number): Promise<void> => {
    for (;;) {
      await rest()
      const due = timers.nextDue()
      if (due === undefined || due > end) break
      now = Math.max(now, due)
      timers.take()?.()
    }
    now = Math.max(now, end)
  }
  const drive = async <T>(work: () => Promise<T>): Promise<T> => {
    const turnToDrive = driving.then(work)
    driving = turnToDrive.catch(() => {})
    return turnToDrive
  }

  return {
    now: () => now,
    monotonic: () => now - start - jumped,
    random: createRandom(seed),
    at(due, fire) {
      if (Number.isNaN(due)) throw new RangeError('a timer is due at NaN: give a time in ms since the epoch')
      activity += 1
      return timers.add(due, fire)
    },
    soon(fire) {
      activity += 1
      setImmediate(() => {
        activity += 1
        fire()
      })
    },
    get pending() {
      return timers.size
    },
    advance: async (by) => drive(async () => runUntil(now + toMs(by, 'advance'))),
    settle: async () => drive(async () => runUntil(now)),
    rest,
    jump(by) {
      refuse([numberProblem(by, 'jump')])
      now += by
      jumped += by
    },
    leap(to) {
      now = to
    },
    fire() {
      const due = timers.nextDue()
      if (due === undefined || due > now) return false
      timers.take()?.()
      return true
    },
    next: async () =>
      drive(async () => {
        await runUntil(now)
        const due = timers.nextDue()
        if (due === undefined || due === Number.POSITIVE_INFINITY) return false
        await runUntil(due)
        return true
      }),
  }
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve))
}
