// What the host hands in and the engine calls, so that nothing it throws goes further: its logger and its clock.

import { isThenable } from '../execution/validate.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from './services.ts'

/** A logger that throws, or whose promises are rejected, loses its lines and nothing else. */
export function guardLogger(logger: Logger | undefined): Logger {
  const guarded =
    (level: keyof Logger): Logger[keyof Logger] =>
    (line, message) => {
      try {
        const written: unknown = logger?.[level](line, message)
        if (isThenable(written)) written.then(undefined, () => {})
      } catch {
        // there is nowhere left to say so
      }
    }
  return { info: guarded('info'), warn: guarded('warn'), error: guarded('error') }
}

/** The same clock; what is thrown by what it calls is told instead of ending the process. */
export function guardClock(clock: Clock, problem: (error: unknown) => void): Clock {
  const guarded = (fire: () => void) => (): void => {
    try {
      fire()
    } catch (error) {
      problem(error)
    }
  }
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    random: () => clock.random(),
    at: (due, fire) => clock.at(due, guarded(fire)),
    soon: (fire) => clock.soon(guarded(fire)),
  }
}
