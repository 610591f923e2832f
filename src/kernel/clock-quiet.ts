// The clock of what only watches: its timers never keep the process alive.

import { type Clock, lookAgain, systemClock } from './clock.ts'

const quietSystemClock: Clock = {
  ...systemClock,
  at(due, fire) {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const left = due - Date.now()
      timer = left > lookAgain ? setTimeout(arm, lookAgain) : setTimeout(fire, Math.max(0, left))
      timer.unref()
    }
    arm()
    return () => clearTimeout(timer)
  },
}

/** The same clock; of the system's own, one whose timers are unref'd. */
export function quiet(clock: Clock): Clock {
  return clock === systemClock ? quietSystemClock : clock
}
