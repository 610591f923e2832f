// Makes a guest's actors durable without touching its machine: a copy whose promises ask a host to run them.

import type { AnyActorLogic, AnyActorRef, AnyStateMachine } from 'xstate'
import type { StepContext } from '../definition/context.ts'
import { kindOf } from './actor-kind.ts'

/** A promise of a guest that wants to run. */
export interface GuestPromise {
  readonly self: AnyActorRef
  /** Calls the author's function. */
  run(context: StepContext): unknown
}

/** Runs the promises of one actor system. */
export interface GuestHost {
  /** Called synchronously as the actor starts, also when it is restored. */
  begin(promise: GuestPromise): void
  /** The machine no longer waits for it. */
  abort(self: AnyActorRef): void
}

/** Without an iteration limit of its own, a machine that runs in a circle would hold its host for ever. */
const mostMicrosteps = 10_000

const hosts = new WeakMap<object, GuestHost>()
const contexts = new WeakMap<AnyActorRef, StepContext>()
const volatileLogics = new WeakMap<AnyStateMachine, ReadonlySet<object>>()

/**
 * What a step's function is handed, for the function of a promise in a user's own machine: `app`, the
 * `idempotencyKey`, which attempt it is. Undefined where the machine runs under plain XState.
 *
 * @example
 * ```ts
 * const charge = fromPromise<string, number>(async ({ input, self }) => {
 *   const key = attemptOf(self)?.idempotencyKey ?? 'alone'
 *   return `charged ${input} once for ${key}`
 * })
 * ```
 */
export function attemptOf(self: AnyActorRef): StepContext | undefined {
  return contexts.get(self)
}

/** Makes `host` run the promises of every durable machine in this actor system. */
export function setGuestHost(system: object, host: GuestHost): void {
  hosts.set(system, host)
}

/** The logics of a durable machine that are volatile. */
export function volatileOf(machine: AnyStateMachine): ReadonlySet<object> {
  return volatileLogics.get(machine) ?? new Set()
}

/**
 * A copy of the machine whose named promises, those of its child machines too, are run by the system's host; in a
 * system without one they run as ever. `volatile` names the actors that stay as they are.
 */
export function durableMachine(machine: AnyStateMachine, volatile: readonly string[]): AnyStateMachine {
  const untouched = new Set<object>()
  const copies = new Map<AnyStateMachine, AnyStateMachine>()
  const durable = (own: AnyStateMachine): AnyStateMachine => {
    const known = copies.get(own)
    if (known !== undefined) return known
    const actors: Record<string, AnyActorLogic> = {}
    for (const [name, logic] of Object.entries(actorsOf(own))) {
      if (volatile.includes(name)) untouched.add(logic)
      else if (kindOf(logic) === 'machine') actors[name] = durable(logic as AnyStateMachine)
      else if (kindOf(logic) === 'promise') actors[name] = durablePromise(logic as PromiseLogic)
    }
    for (const logic of inlineOf(own)) untouched.add(logic)
    const copy = own.provide({ actors } as never) as AnyStateMachine
    if (copy.options.maxIterations === Infinity)
      copy.options = { ...copy.options, maxIterations: mostMicrosteps }
    copies.set(own, copy)
    return copy
  }
  const copy = durable(machine)
  volatileLogics.set(copy, untouched)
  return copy
}

/** The actors that a machine knows by name. */
export function actorsOf(machine: AnyStateMachine): Readonly<Record<string, AnyActorLogic>> {
  return machine.implementations.actors as Readonly<Record<string, AnyActorLogic>>
}

/** The types of the events that a machine takes from outside in any of its states, wildcards aside. */
export function eventsOf(machine: AnyStateMachine): readonly string[] {
  // a comma would break the list of signals in the head of a run
  return machine.events.map(String).filter((type) => !type.startsWith('xstate.') && !/[*,]/.test(type))
}

/** Every state of a machine, the machine itself first. */
export function statesOf<N = { readonly config: { readonly invoke?: unknown } }>(
  machine: AnyStateMachine,
): Iterable<N> {
  return (machine as unknown as { readonly idMap: ReadonlyMap<string, N> }).idMap.values()
}

/** The logics that its states invoke without a name. */
function* inlineOf(machine: AnyStateMachine): Generator<object> {
  for (const { config } of statesOf(machine)) {
    const { invoke } = config
    for (const one of Array.isArray(invoke) ? (invoke as unknown[]) : [invoke]) {
      const src = (one as { readonly src?: unknown } | undefined)?.src
      if (typeof src === 'object' && src !== null) yield src
    }
  }
}

interface PromiseState {
  readonly status: string
  readonly input: unknown
}

interface Scope {
  readonly self: AnyActorRef
  readonly system: object
  readonly emit: (event: never) => void
}

/** What `fromPromise` returns. */
interface PromiseLogic extends AnyActorLogic {
  config(args: {
    readonly input: unknown
    readonly system: object
    readonly self: AnyActorRef
    readonly signal: AbortSignal
    readonly emit: (event: never) => void
  }): unknown
  start(snapshot: PromiseState, scope: Scope): void
  transition(snapshot: PromiseState, event: { readonly type: string }, scope: Scope): PromiseState
}

function durablePromise(logic: PromiseLogic): PromiseLogic {
  return {
    ...logic,
    start(snapshot: PromiseState, scope: Scope) {
      const { self, system, emit } = scope
      const host = hosts.get(system)
      if (host === undefined) return logic.start(snapshot, scope)
      if (snapshot.status !== 'active') return undefined
      const { input } = snapshot
      return host.begin({
        self,
        run(context) {
          contexts.set(self, context)
          return logic.config({ input, system, self, signal: context.signal, emit })
        },
      })
    },
    transition(snapshot: PromiseState, event: { readonly type: string }, scope: Scope) {
      if (event.type === 'xstate.stop') hosts.get(scope.system)?.abort(scope.self)
      return logic.transition(snapshot, event, scope)
    },
  }
}
