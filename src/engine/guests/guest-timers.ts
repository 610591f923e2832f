// The delays of a guest, in the place of XState's own: absolute due times that survive a restore, of any length.

import type { AnyActorRef, EventObject } from 'xstate'
import type { GuestTimer } from '../../journal/guest-fold.ts'
import { atDue, type Cancel, type Clock } from '../../kernel/clock.ts'

export interface DelayedEvent {
  readonly source: AnyActorRef
  readonly target: AnyActorRef
  readonly event: EventObject
}

interface Armed extends DelayedEvent {
  readonly id: string
  readonly due: number
  cancel: Cancel
}

export class GuestTimers {
  readonly #clock: Clock
  readonly #fire: (timer: DelayedEvent) => void
  /** In the order in which they were set. */
  readonly #armed = new Set<Armed>()
  /** The last one set under each id: the one that can be cancelled, as in XState. */
  readonly #named = new Map<AnyActorRef, Map<string, Armed>>()

  constructor(clock: Clock, fire: (timer: DelayedEvent) => void) {
    this.#clock = clock
    this.#fire = fire
  }

  /** @param delay in ms; one that makes no sense is due at once. */
  schedule(delayed: DelayedEvent, delay: number, id: string | undefined): void {
    const due = this.#clock.now() + (delay > 0 ? delay : 0)
    this.#arm(delayed, due, id ?? `timer-${this.#clock.random().toString(36).slice(2)}`)
  }

  cancel(source: AnyActorRef, id: string): void {
    const timer = this.#named.get(source)?.get(id)
    if (timer !== undefined) this.#drop(timer)
  }

  cancelAll(source: AnyActorRef): void {
    for (const timer of this.#armed) if (timer.source === source) this.#drop(timer)
  }

  clear(): void {
    for (const timer of this.#armed) this.#drop(timer)
  }

  *dues(): Generator<number> {
    for (const { due } of this.#armed) yield due
  }

  /** All of them as they will be restored. One whose actor is gone would fire for nobody: it is dropped. */
  persisted(paths: ReadonlyMap<AnyActorRef, string>): readonly GuestTimer[] {
    const timers: GuestTimer[] = []
    for (const timer of this.#armed) {
      const { source, target, id, due, event } = timer
      const [from, to] = [paths.get(source), paths.get(target)]
      if (from === undefined || to === undefined) this.#drop(timer)
      else timers.push({ source: from, target: to, id, due, event })
    }
    return timers
  }

  /** Arms them again with what is left of their time; overdue ones fire at once, the earliest first. */
  restore(timers: readonly GuestTimer[], paths: ReadonlyMap<AnyActorRef, string>): void {
    const actors = new Map([...paths].map(([actor, path]) => [path, actor]))
    for (const { source, target, id, due, event } of timers.toSorted((a, b) => a.due - b.due)) {
      const [from, to] = [actors.get(source), actors.get(target)]
      if (from === undefined || to === undefined) continue
      this.#arm({ source: from, target: to, event: event as EventObject }, due, id)
    }
  }

  #arm(delayed: DelayedEvent, due: number, id: string): void {
    const timer: Armed = { ...delayed, id, due, cancel: () => {} }
    this.#armed.add(timer)
    let named = this.#named.get(delayed.source)
    if (named === undefined) this.#named.set(delayed.source, (named = new Map<string, Armed>()))
    named.set(id, timer)
    timer.cancel = atDue(this.#clock, due, () => {
      this.#drop(timer)
      this.#fire(timer)
    })
  }

  #drop(timer: Armed): void {
    timer.cancel()
    this.#armed.delete(timer)
    const named = this.#named.get(timer.source)
    if (named?.get(timer.id) === timer) named.delete(timer.id)
    if (named?.size === 0) this.#named.delete(timer.source)
  }
}
