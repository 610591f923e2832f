// XState's actor system as a guest needs it: every event from outside is a turn, delays are ours, actors are known.

import type { AnyActorRef, EventObject } from 'xstate'

/** The parts of XState's system that its actors go through, and that it does not document. */
interface Innards {
  _relay(source: AnyActorRef | undefined, target: AnyActorRef, event: EventObject): void
  _register(sessionId: string, actor: AnyActorRef): string
  _unregister(actor: AnyActorRef): void
  _bookId(): string
  readonly scheduler: {
    schedule(
      source: AnyActorRef,
      target: AnyActorRef,
      event: EventObject,
      delay: number,
      id: string | undefined,
    ): void
    cancel(source: AnyActorRef, id: string): void
    cancelAll(source: AnyActorRef): void
  }
}

/** XState's own number for it. */
const runningStatus = 1

export interface SystemHooks {
  /** An event is on its way to an actor; `deliver` hands it over. */
  relayed(event: EventObject, deliver: () => void, source: AnyActorRef | undefined): void
  schedule(source: AnyActorRef, target: AnyActorRef, event: EventObject, delay: number, id?: string): void
  cancel(source: AnyActorRef, id: string): void
  cancelAll(source: AnyActorRef): void
}

export interface GuestSystem {
  /** Actors that run, the root included. */
  readonly running: ReadonlySet<AnyActorRef>
  /** Hands an event to an actor of the system. */
  relay(source: AnyActorRef | undefined, target: AnyActorRef, event: EventObject): void
}

/**
 * Takes over the system of an actor that has not started.
 *
 * @param taken names of actors that were restored: XState numbers actors without a name, and a new process begins
 * to count again.
 */
export function takeSystem(root: AnyActorRef, hooks: SystemHooks, taken: ReadonlySet<string>): GuestSystem {
  // `fromMachine` has made sure that this XState has them
  const system = root.system as unknown as Innards
  const relay = system._relay.bind(system)
  const register = system._register.bind(system)
  const unregister = system._unregister.bind(system)
  const book = system._bookId.bind(system)
  const { scheduler } = system
  const running = new Set<AnyActorRef>()
  const handOver: Innards['_relay'] = (source, target, event) =>
    hooks.relayed(event, () => relay(source, target, event), source)
  system._relay = handOver
  system._register = (sessionId, actor) => {
    running.add(actor)
    return register(sessionId, actor)
  }
  system._unregister = (actor) => {
    // what XState forgets before it is stopped, it may never stop
    if (!isRunning(actor)) running.delete(actor)
    unregister(actor)
  }
  system._bookId = () => {
    let id = book()
    while (taken.has(id)) id = book()
    return id
  }
  scheduler.schedule = (source, target, event, delay, id) => hooks.schedule(source, target, event, delay, id)
  scheduler.cancel = (source, id) => hooks.cancel(source, id)
  scheduler.cancelAll = (source) => hooks.cancelAll(source)
  return { running, relay: handOver }
}

function isRunning(actor: AnyActorRef): boolean {
  return (actor as unknown as { readonly _processingStatus: number })._processingStatus === runningStatus
}

/** Stops an actor that is not the root; XState itself leaves those whose parent has failed. */
export function stopActor(actor: AnyActorRef): void {
  ;(actor as unknown as { _stop(): void })._stop()
}

/** Whether one of its ancestors runs no more. */
export function isOrphan(actor: AnyActorRef, running: ReadonlySet<AnyActorRef>): boolean {
  for (let parent = actor._parent; parent !== undefined; parent = parent._parent)
    if (!running.has(parent)) return true
  return false
}
