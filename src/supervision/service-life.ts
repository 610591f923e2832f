// One life of a service: its signal, all that must go with it, and what its function is handed.

import type { ServiceContext } from '../definition/service.ts'
import type { Cancel } from '../kernel/clock.ts'
import type { Failure } from '../kernel/failure.ts'
import { type Aborter, createGuardedAborter } from '../kernel/guarded-aborter.ts'
import type { TreeHost } from './tree-parts.ts'

export class ServiceLife {
  /** Among the lives of all children of its group. */
  readonly number: number
  /** Among those of the service. */
  readonly start: number
  /** It follows another that ended: were it heard of at once, one that ends as it begins would hold the host's loop. */
  again = false
  /** Its function has been called, though it may not have returned yet. */
  called = false
  /** It was asked to end. */
  asked = false
  /** It has ended, or was given up. */
  over = false
  /** Its function took `ready`. */
  takesReady = false
  /** Why it must end, where a probe says so. */
  wrong: Failure | undefined
  readonly #controller: Aborter
  readonly #kept: Cancel[] = []

  /** @param told what a listener of its signal throws. */
  constructor(number: number, start: number, told: (error: unknown) => void) {
    this.number = number
    this.start = start
    this.#controller = createGuardedAborter(told)
  }

  /** What is to be called when the life is asked to end, or does. */
  keep(cancel: Cancel): void {
    this.#kept.push(cancel)
  }

  /** Timers, probes and waits go. */
  release(): void {
    for (const cancel of this.#kept.splice(0)) cancel()
  }

  abort(reason: string): void {
    if (!this.#controller.signal.aborted) this.#controller.abort(new DOMException(reason, 'AbortError'))
  }

  /** Whatever it left behind under its signal ends with it. */
  end(reason: string): void {
    this.over = true
    this.release()
    this.abort(reason)
  }

  contextOf(id: string, input: unknown, host: TreeHost, said: () => void): ServiceContext {
    const { clock } = host
    const took = (): void => void (this.takesReady = true)
    const write =
      (level: 'info' | 'warn' | 'error') =>
      (message: string, data?: unknown): void =>
        host.log(id, level, message, data)
    return {
      id,
      input,
      get ready() {
        took()
        return said
      },
      signal: this.#controller.signal,
      app: host.app,
      start: this.start,
      now: () => clock.now(),
      random: () => clock.random(),
      log: { info: write('info'), warn: write('warn'), error: write('error') },
    }
  }
}
