// The outside world of a simulation: every call of a step's body, as the one it is called on would count them.

import { defaultLimits } from '../../engine/services.ts'
import type { SimulatedApp } from './build.ts'
import { type Stage, deedOf, doDeed } from './deeds.ts'
import type { Proof } from './proof.ts'
import type { ProcessClock } from './seeded-time.ts'
import type { Watch } from './watch.ts'

export interface DeedsOptions {
  readonly stage: Omit<Stage, 'clock'> & { readonly clock: ProcessClock }
  readonly proof: Proof
  readonly watch: Watch
  /** Every body that ever ran, over all processes. */
  readonly ran: Set<string>
  readonly concurrency: number
}

interface Body {
  abortedAt: number
}

/** Does the deeds of one process. */
export function createDeeds({ stage, proof, watch, ran, concurrency }: DeedsOptions): SimulatedApp {
  const running = new Set<Body>()
  const { clock } = stage

  const enter = (key: string, attempt: number, substitute: boolean): void => {
    watch.catchUp()
    const id = `${key} attempt ${attempt}`
    proof.check('output', watch.attempts.mayRun(key, attempt), () => `${id} runs without a committed start`)
    proof.check('once', !ran.has(id), () => `${id} runs twice`)
    ran.add(id)
    if (substitute) return
    const held = [...running].filter(({ abortedAt }) => clock.now() < abortedAt + defaultLimits.abandonAfter)
    proof.check(
      'slots',
      held.length < concurrency,
      () => `${id} is number ${held.length + 1} of ${concurrency}`,
    )
  }

  return {
    perform(name, context) {
      if (!clock.alive) return new Promise(() => {})
      const substitute = /:(?:fallback|compensation)$/.test(name)
      const key = deedOf(name, context)
      enter(key, context.attempt, substitute)
      const body: Body = { abortedAt: Infinity }
      if (!substitute) running.add(body)
      context.signal.addEventListener('abort', () => {
        body.abortedAt = clock.now()
      })
      const leave = (): void => void running.delete(body)
      try {
        const done = doDeed(key, watch.attempts.failures(key) + 1, context, stage)
        if (!(done instanceof Promise)) {
          leave()
          return done
        }
        return done.finally(leave)
      } catch (error) {
        leave()
        throw error
      }
    },
  }
}
