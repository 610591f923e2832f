// The one port for time, timers and chance; nothing else in Catenary touches Date, timers or Math.random.

/** Takes a timer back; calling it twice, or after the timer fired, does nothing. */
export type Cancel = () => void

/** Time, timers and chance as the engine sees them: the system's own, or a virtual one in tests. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch; may jump. */
  now(): number
  /** Milliseconds from an arbitrary start; never goes back. For measuring only. */
  monotonic(): number
  /** Fires once, at or after `due` (ms since the epoch), however far away; a past `due` fires as soon as possible. */
  at(due: number, fire: () => void): Cancel
  /** A number in [0, 1). */
  random(): number
  /** Calls `fire` after pending input and output had their turn. */
  soon(fire: () => void): void
}

/** Node's timers know no clock that is set forward: a longer one looks again so often whether it is due (ms). */
export const lookAgain = 60_000

/** The real clock. Timers keep the process alive. One set before the clock was set back fires as if it had not been. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  soon: (fire) => void setImmediate(fire),
  at(due, fire) {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const left = due - Date.now()
      timer = left > lookAgain ? setTimeout(arm, lookAgain) : setTimeout(fire, Math.max(0, left))
    }
    arm()
    return () => clearTimeout(timer)
  },
}

/**
 * As `clock.at`, for a time that is recorded: where the clock was set back meanwhile it waits on, as a process would
 * that is started now, so that the journal never tells of anything before its time.
 */
export function atDue(clock: Pick<Clock, 'at' | 'now'>, due: number, fire: () => void): Cancel {
  let cancel: Cancel
  const isEarly = (): boolean => {
    try {
      return clock.now() < due
    } catch {
      // what is done as it fires asks the clock too, where its error is dealt with
      return false
    }
  }
  const arm = (): void => {
    cancel = clock.at(due, () => (isEarly() ? arm() : fire()))
  }
  arm()
  return () => cancel()
}
