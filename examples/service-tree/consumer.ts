// A queue consumer as a service: each message becomes one durable run, however often it is delivered.

import { type Service, service } from 'catenary'
import type { Message, Queue } from './queue.ts'

export interface Intake {
  readonly queue: Queue
  /** Starts the run of a message; the same message starts it once. Resolves once it is durable. */
  begin(message: Message): Promise<void>
  /** When the consumer last came round, by its own clock (ms since the epoch). */
  beat: number
}

/** @param silence a consumer that has a message and does not come round for so long (ms) is wedged. */
export function queueConsumer(intake: Intake, silence: number, now: () => number): Service {
  const { queue } = intake
  return service(
    'consumer',
    async ({ signal }) => {
      for (;;) {
        intake.beat = now()
        const message = await queue.take(signal)
        await intake.begin(message)
        // acknowledged only now: after a crash in between it comes again, and finds its run
        queue.done(message)
      }
    },
    {
      alive: { check: () => queue.length === 0 || now() - intake.beat < silence, period: '10s' },
      backoff: { initial: '1s', max: '1m' },
      shutdown: '5s',
      description: 'one run for each message',
    },
  )
}
