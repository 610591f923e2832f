// Runs one probe of a service: asks again and again, each time with a limit, and tells what came of it.

import type { ProbeContext, ProbeSpec } from '../definition/service.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import { type Aborter, createGuardedAborter } from '../kernel/guarded-aborter.ts'

interface Ports {
  readonly clock: Clock
  readonly app: unknown
  /** Told what listeners of the signal throw. */
  readonly heard: (error: unknown) => void
}

/** @param told undefined where the check passed. @returns stops it, and aborts a check that is under way. */
export function runProbe(
  { check, period, timeout }: ProbeSpec,
  { clock, app, heard }: Ports,
  told: (failure: Failure | undefined) => void,
): Cancel {
  let stopped = false
  let cancelTimer: Cancel = () => {}
  let asking: Aborter | undefined

  const ask = (): void => {
    const begun = clock.now()
    const controller = createGuardedAborter(heard)
    asking = controller
    const settle = (failure: Failure | undefined): void => {
      if (stopped || asking !== controller) return
      asking = undefined
      cancelTimer()
      controller.abort()
      // what it tells may stop it
      cancelTimer = clock.at(Math.max(clock.now(), begun + period), ask)
      told(failure)
    }
    cancelTimer = clock.at(begun + timeout, () =>
      settle({ kind: 'timeout', message: `the probe did not answer within ${timeout} ms`, retryable: true }),
    )
    const context: ProbeContext = { app: app, signal: controller.signal }
    // in a promise, so that whatever the check throws or returns is caught
    new Promise((resolve) => resolve(check(context))).then(
      (answer) =>
        settle(
          answer === false
            ? { kind: 'failed', message: 'the probe answered false', retryable: true }
            : undefined,
        ),
      (error: unknown) => settle(failureOf(error)),
    )
  }
  ask()
  return () => {
    if (stopped) return
    stopped = true
    cancelTimer()
    asking?.abort()
  }
}
