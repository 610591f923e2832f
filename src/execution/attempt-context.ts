// What an attempt hands to the author's function: one object whose parts are made when they are asked for.

import type { StepContext, StepLog } from '../definition/context.ts'
import type { Window } from '../definition/schedule.ts'
import { decode } from '../kernel/codec.ts'
import { type Aborter, createGuardedAborter } from '../kernel/guarded-aborter.ts'
import { type Failure, inWords } from '../kernel/failure.ts'
import type { AttemptData, AttemptHost, AttemptPlace } from './attempt.ts'
import { watched } from './needs-reads.ts'

/** Who hears that the function is alive. */
interface Pulse {
  beat(detail: unknown): void
}

/** Makes a signal only where one is asked for: that would cost more than a small attempt. */
export class AttemptContext implements StepContext {
  readonly #place: AttemptPlace
  readonly #data: AttemptData
  readonly #host: AttemptHost
  readonly #pulse: Pulse
  #controller: Aborter | undefined
  #aborted: Error | undefined

  constructor(place: AttemptPlace, data: AttemptData, host: AttemptHost, pulse: Pulse) {
    this.#place = place
    this.#data = data
    this.#host = host
    this.#pulse = pulse
  }

  abort(reason: string): void {
    this.#aborted ??= new DOMException(reason, 'AbortError')
    this.#controller?.abort(this.#aborted)
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = createGuardedAborter((error) =>
        this.log.error(`a listener of its signal threw: ${inWords(error)}`, { error }),
      )
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted)
    }
    return this.#controller.signal
  }

  get input(): unknown {
    return this.#data.input
  }

  get needs(): unknown {
    return watched(this.#data.needs)
  }

  get steps(): StepContext['steps'] {
    return this.#data.steps as StepContext['steps']
  }

  get app(): StepContext['app'] {
    return this.#host.app
  }

  get lastFailure(): Failure | undefined {
    const { step } = this.#place
    // a fallback's own id is `step:fallback`
    const of = step.includes(':') ? step.slice(0, step.indexOf(':')) : step
    return this.#data.failures?.[of] as Failure | undefined
  }

  get lastHeartbeat(): unknown {
    const detail = this.lastFailure?.heartbeat
    return detail === undefined ? undefined : decode(detail)
  }

  get deadline(): number | undefined {
    const { deadline, chainDeadline } = this.#place
    if (deadline === undefined || chainDeadline === undefined) return deadline ?? chainDeadline
    return Math.min(deadline, chainDeadline)
  }

  get heartbeat(): StepContext['heartbeat'] {
    return (detail) => this.#pulse.beat(detail)
  }

  get attempt(): number {
    return this.#place.attempt
  }

  get runId(): string {
    return this.#place.runId
  }

  get scheduledAt(): number {
    return this.#place.scheduledAt
  }

  get window(): Window | undefined {
    return this.#place.window
  }

  get idempotencyKey(): string {
    const { runId, chain, step, item } = this.#place
    return item === undefined ? `${runId}/${chain}/${step}` : `${runId}/${chain}/${step}/${item}`
  }

  get log(): StepLog {
    const write = (level: 'info' | 'warn' | 'error') => (message: string, data?: unknown) => {
      try {
        this.#host.log(this.#place, level, message, data)
      } catch {
        // a logger that is broken must not fail the step that speaks to it
      }
    }
    return { info: write('info'), warn: write('warn'), error: write('error') }
  }

  // functions made when read, so that they can be taken out of the context
  get now(): StepContext['now'] {
    return () => this.#host.clock.now()
  }

  get random(): StepContext['random'] {
    return () => this.#host.clock.random()
  }

  get progress(): StepContext['progress'] {
    return (fraction, note) => this.#host.progress(this.#place, fraction, note)
  }
}
