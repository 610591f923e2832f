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

const longestTimer = 2 ** 31 - 1

/** The real clock. Timers keep the process alive; timers beyond 24.8 days are chained, because Node's overflow there. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  soon: (fire) => void setImmediate(fire),
  at(due, fire) {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const left = due - Date.now()
      timer = left > longestTimer ? setTimeout(arm, longestTimer) : setTimeout(fire, Math.max(0, left))
    }
    arm()
    return () => clearTimeout(timer)
  },
}
