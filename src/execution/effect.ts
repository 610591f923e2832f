// What a chain's machine invokes: one kind of actor that asks a host to do something and reports its end.

import type { ActorLogic, ActorRef, AnyActorRef, AnyMachineSnapshot, AnyStateMachine, Snapshot } from 'xstate'
import {
  type EachContext,
  type EachEvent,
  advanceEach,
  beginEach,
  copyEach,
  eachSettled,
} from '../../machines/each.ts'
import type { ChainContext, FailureLike, Undo } from '../../machines/state.ts'
import type { CallSpec, EachSpec, StepOptionsSpec, StepBody, WaitSpec } from '../definition/spec.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Failure } from '../kernel/failure.ts'

/** What the machine hands an effect: ids and due times only, never data. */
export interface EffectInput {
  readonly attempt?: number
  readonly item?: string
  readonly due?: number
  /** The step that waits for a slot. */
  readonly step?: string
  /** The items' keys, for an `each`. */
  readonly keys?: readonly string[]
  readonly onFailure?: 'fail' | 'collect'
}

/** What a decision may read. */
export interface Decision {
  readonly context: ChainContext
  readonly input: EffectInput
  readonly clock: Clock
  /** What has begun that can be undone. */
  readonly started?: { undos(): readonly Undo[] } | undefined
  /** A step's options under the config in force; as their author said where absent. */
  readonly tune?: (step: string, options: StepOptionsSpec) => StepOptionsSpec
}

/** What an effect does; made once per chain. */
export type EffectSpec =
  | {
      readonly kind: 'attempt'
      readonly id: string
      readonly body: StepBody
      readonly options: StepOptionsSpec
      /** A substitute runs at once: it never waits for a slot. */
      readonly substitute: boolean
      /** Its body is handed a database, and writes in the transaction of its outcome. */
      readonly transact?: true
    }
  /** Undoes a step, whose effect is `id` without its end; `items` where one item is undone at a time. */
  | {
      readonly kind: 'compensation'
      readonly id: string
      readonly step: string
      readonly items: boolean
      readonly body: StepBody
      readonly options: StepOptionsSpec
    }
  /** Has the chain that a step called undo itself. */
  | { readonly kind: 'undo-call'; readonly id: string; readonly step: string }
  /** The chain has succeeded with this output, and waits for whether its caller undoes it. */
  | { readonly kind: 'kept'; readonly id: string; readonly output: (context: ChainContext) => unknown }
  /** A compensation has failed for good. */
  | { readonly kind: 'stuck'; readonly id: string }
  | { readonly kind: 'decision'; readonly id: string; readonly decide: (decision: Decision) => unknown }
  | { readonly kind: 'timer' }
  /** Waits for a slot for the step that its input names. */
  | { readonly kind: 'queue' }
  | {
      readonly kind: 'signal'
      readonly id: string
      readonly wait: WaitSpec
      /** What the signal is answered. */
      readonly reply?: (context: ChainContext, signal: unknown) => unknown
    }
  | {
      readonly kind: 'call'
      readonly id: string
      readonly call: CallSpec
      readonly machine: () => AnyStateMachine
    }
  | {
      readonly kind: 'each'
      readonly id: string
      readonly each: EachSpec
      /** The machine of the chain that each item runs, where it does. */
      readonly machine?: () => AnyStateMachine
    }
  | { readonly kind: 'settling'; readonly id: string; readonly steps: readonly string[] }

/** `each` is there for an `each` only: where its items stand. */
type EffectSnapshot = Snapshot<unknown> & { readonly input: EffectInput; readonly context?: EachContext }

type EffectEvent =
  | { readonly type: 'effect.succeeded'; readonly output: unknown }
  | { readonly type: 'effect.failed'; readonly failure: FailureLike }
  | { readonly type: 'each.advanced'; readonly event: EachEvent }
  | { readonly type: 'xstate.stop' }

export type EffectLogic = ActorLogic<EffectSnapshot, EffectEvent, EffectInput>

/** One thing in progress, as a host sees it. */
export interface Effect {
  readonly id: string
  readonly spec: EffectSpec
  readonly input: EffectInput
  /** The machine's context as it is now. */
  context(): ChainContext
  /** Where the items of an `each` stand. */
  items(): EachContext | undefined
  succeed(output: unknown): void
  fail(failure: Failure): void
  advance(event: EachEvent): void
}

/** Does what machines ask for: the engine in a supervisor, the solo host under plain XState. */
export interface EffectHost {
  /** Called synchronously as the effect starts, also when it is restored; may end the effect at once. */
  begin(effect: Effect): void
  /** The machine no longer waits for it. */
  abort(id: string): void
  /** One of the above threw. Without it, XState makes an event of that: one that no journal would know. */
  crashed?(error: unknown): void
}

/** Where an actor system keeps its host: a property, because a weak map with an entry for every run costs the collector. */
const hostKey = Symbol('catenary.host')

interface Hosted {
  [hostKey]?: EffectHost
}

/** Makes the host of a machine that runs without a supervisor; `root` is the machine's actor. */
export type MakeSoloHost = (root: AnyActorRef) => EffectHost

/** Makes `host` do the effects of every machine in this actor system. */
export function setHost(system: object, host: EffectHost): void {
  ;(system as Hosted)[hostKey] = host
}

/** The logic of one effect; it holds no state of a run, so one serves all runs of a chain. */
export function effectLogic(spec: EffectSpec, solo: MakeSoloHost): EffectLogic {
  return {
    getInitialSnapshot(_, input = {}) {
      const { keys, onFailure = 'fail' } = input
      if (keys === undefined) return { status: 'active', output: undefined, error: undefined, input }
      return settle({
        status: 'active',
        output: undefined,
        error: undefined,
        input,
        context: beginEach(keys, onFailure),
      })
    },
    getPersistedSnapshot: (snapshot) => snapshot,
    restoreSnapshot(snapshot) {
      const restored = snapshot as EffectSnapshot
      if (restored.context === undefined) return restored
      // its items are changed in place, and a snapshot may be read more than once
      return { ...restored, context: copyEach(restored.context) }
    },
    start(snapshot, { self, system }) {
      let host = (system as Hosted)[hostKey]
      if (host === undefined) {
        host = solo(self._parent as AnyActorRef)
        setHost(system, host)
      }
      begun(host, new RefEffect(spec, self, snapshot.input))
    },
    transition(snapshot, event, { self, system }) {
      switch (event.type) {
        case 'effect.succeeded':
          return { status: 'done', output: event.output, error: undefined, input: snapshot.input }
        case 'effect.failed':
          return { status: 'error', output: undefined, error: event.failure, input: snapshot.input }
        case 'each.advanced':
          if (snapshot.context !== undefined) advanceEach(snapshot.context, event.event)
          return settle({ ...snapshot })
        case 'xstate.stop':
          aborted((system as Hosted)[hostKey], self.id)
          return { ...snapshot, status: 'stopped', output: undefined, error: undefined }
      }
    },
  }
}

function begun(host: EffectHost, effect: Effect): void {
  try {
    host.begin(effect)
  } catch (error) {
    if (host.crashed === undefined) throw error
    host.crashed(error)
  }
}

function aborted(host: EffectHost | undefined, id: string): void {
  try {
    host?.abort(id)
  } catch (error) {
    if (host?.crashed === undefined) throw error
    host.crashed(error)
  }
}

function settle(snapshot: EffectSnapshot): EffectSnapshot {
  const end = snapshot.context === undefined ? undefined : eachSettled(snapshot.context)
  if (end === undefined) return snapshot
  const { input, context } = snapshot
  const kept = { input, ...(context === undefined ? {} : { context }) }
  if (end.status === 'succeeded') return { ...kept, status: 'done', output: end.output, error: undefined }
  return { ...kept, status: 'error', output: undefined, error: end.failure }
}

type EffectRef = ActorRef<EffectSnapshot, EffectEvent>

/** A class, because one is made for every attempt: its methods cost nothing, closures would. */
class RefEffect implements Effect {
  readonly spec: EffectSpec
  readonly input: EffectInput
  readonly #ref: EffectRef

  constructor(spec: EffectSpec, ref: EffectRef, input: EffectInput) {
    this.spec = spec
    this.#ref = ref
    this.input = input
  }

  get id(): string {
    return this.#ref.id
  }

  context(): ChainContext {
    return ((this.#ref._parent as AnyActorRef).getSnapshot() as AnyMachineSnapshot).context as ChainContext
  }

  items(): EachContext | undefined {
    return this.#ref.getSnapshot().context
  }

  succeed(output: unknown): void {
    this.#ref.send({ type: 'effect.succeeded', output })
  }

  fail(failure: Failure): void {
    this.#ref.send({ type: 'effect.failed', failure })
  }

  advance(event: EachEvent): void {
    this.#ref.send({ type: 'each.advanced', event })
  }
}
