// The outside world of a simulation: every call of a step's body, as the one it is called on would count them.

import type { StepContext } from '../../definition/context.ts'
import { defaultLimits } from '../../engine/services.ts'
import type { SimulatedApp } from './build.ts'
import { type Stage, deedOf, doAtOnce, doDeed } from './deeds.ts'
import { insert } from './host-rows.ts'
import type { Proof } from './proof.ts'
import type { ProcessClock } from './seeded-time.ts'
import type { Watch } from './watch.ts'

export interface DeedsOptions {
  readonly stage: Omit<Stage, 'clock'> & { readonly clock: ProcessClock }
  readonly proof: Proof
  readonly watch: Watch
  /** Every body that ever ran, over all processes, and how often. */
  readonly ran: Map<string, number>
}

interface Body {
  abortedAt: number
}

/** Does the deeds of one process. */
export function createDeeds({ stage, proof, watch, ran }: DeedsOptions): SimulatedApp {
  const running = new Set<Body>()
  const { clock } = stage

  const enter = (key: string, { attempt, runId: run }: StepContext, substitute: boolean): boolean => {
    watch.catchUp()
    const retries = watch.runs.runs.get(run)?.retries ?? 0
    const id = `${key} attempt ${attempt}${retries === 0 ? '' : ` of retry ${retries}`}`
    proof.check('output', watch.attempts.mayRun(key, attempt), () => `${id} runs without a committed start`)
    const times = (ran.get(id) ?? 0) + 1
    proof.check('once', times <= watch.attempts.calls(key, attempt), () => `${id} runs ${times} times`)
    ran.set(id, times)
    // a hedge shares the slot of its attempt
    if (substitute || times > 1) return false
    const held = [...running].filter(({ abortedAt }) => clock.now() < abortedAt + defaultLimits.abandonAfter)
    proof.check(
      'slots',
      held.length < watch.config.widest,
      () => `${id} is number ${held.length + 1} of ${watch.config.widest}`,
    )
    return true
  }

  /** Who retries has mended something. */
  const nthOf = (key: string, run: string): number =>
    watch.attempts.failures(key) + 1 + (watch.runs.runs.get(run)?.retries ?? 0) * 7

  return {
    write(name, db, context) {
      if (!clock.alive) throw new Error('its process is dead')
      const key = deedOf(name, context)
      enter(key, context, false)
      try {
        db.prepare(insert).run(key)
        const done = doAtOnce(key, nthOf(key, context.runId), context, stage)
        watch.health.performed(key, typeof done === 'function' ? 'threw' : 'returned')
        return done
      } catch (error) {
        watch.health.performed(key, 'threw')
        throw error
      }
    },
    perform(name, context) {
      if (!clock.alive) return new Promise(() => {})
      const substitute = /:(?:fallback|compensation)$/.test(name)
      const key = deedOf(name, context)
      const holds = enter(key, context, substitute)
      watch.handed.handed(name, context)
      const body: Body = { abortedAt: Infinity }
      if (holds) running.add(body)
      context.signal.addEventListener('abort', () => {
        body.abortedAt = clock.now()
      })
      // what no codec takes is a failure
      const tell = (value: unknown): void =>
        watch.health.performed(key, typeof value === 'function' ? 'threw' : 'returned')
      const leave = (): void => void running.delete(body)
      try {
        const done = doDeed(key, nthOf(key, context.runId), context, stage)
        if (!(done instanceof Promise)) {
          leave()
          tell(done)
          return done
        }
        done.then(tell, () => watch.health.performed(key, 'threw'))
        return done.finally(leave)
      } catch (error) {
        leave()
        watch.health.performed(key, 'threw')
        throw error
      }
    },
  }
}
