// Stops a supervisor at the signals of its process that its caller names.

import process from 'node:process'
import { inWords } from '../kernel/failure.ts'
import type { Supervisor } from './supervisor.ts'
import type { Logger } from './services.ts'

/** Signals at which a supervisor may be asked to stop. */
export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGBREAK'

/**
 * Listens until the supervisor has stopped, by a signal or otherwise. The process then ends by itself, once nothing
 * else keeps it: while somebody listens, a signal alone ends no process.
 */
export function stopOn(signals: readonly StopSignal[], supervisor: Supervisor, logger: Logger): void {
  const stop = supervisor.stop.bind(supervisor)
  const listen = (): void => {
    supervisor.stop().catch((error: unknown) => logger.error({ error }, `the stop failed: ${inWords(error)}`))
  }
  for (const signal of signals) process.on(signal, listen)
  supervisor.stop = async (given) => {
    try {
      await stop(given)
    } finally {
      for (const signal of signals) process.off(signal, listen)
    }
  }
}
