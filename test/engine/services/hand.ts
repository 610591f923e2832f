// What tests of services share: services whose lives the test ends by hand.

import { service } from '../../../src/chain/service.ts'
import type { Service, ServiceOptions } from '../../../src/chain/service.ts'
import type { ServiceContext } from '../../../src/definition/service.ts'
import type { NodeHealth } from '../../../src/supervision/health.ts'
import type { Supervisor } from '../../../src/engine/supervisor.ts'

export interface Hand {
  readonly service: Service
  /** Its lives so far, the newest last. */
  readonly lives: { readonly context: ServiceContext; end(): void; fail(error?: unknown): void }[]
  /** What it and its siblings did, in order. */
  readonly told: string[]
}

export interface HandOptions extends ServiceOptions {
  /** Ends when its signal aborts. Default true. */
  readonly obedient?: boolean
  /** Takes `ready`, and waits for the test to call it. Default false. */
  readonly says?: boolean
}

/** @param told where it writes `start id`, and `stop id` when its signal aborts. */
export function byHand(id: string, options: HandOptions = {}, told: string[] = []): Hand {
  const { obedient = true, says = false, ...rest } = options
  const lives: Hand['lives'] = []
  const made = service(
    id,
    async (context) => {
      told.push(`start ${id}`)
      if (says) void context.ready
      await new Promise<void>((resolve, reject) => {
        lives.push({
          context,
          end: resolve,
          fail: (error = new Error(`${id} broke`)) => reject(error),
        })
        const aborted = (): void => {
          told.push(`stop ${id}`)
          if (obedient) resolve()
        }
        context.signal.addEventListener('abort', aborted, { once: true })
      })
    },
    rest,
  )
  return { service: made, lives, told }
}

/** `id state`, in start order. */
export function standing(supervisor: Supervisor): readonly string[] {
  return supervisor.healthz().services.map(({ id, state }: NodeHealth) => `${id} ${state}`)
}
