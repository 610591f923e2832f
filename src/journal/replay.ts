// Replay: a chain's state is the fold of its recorded causes through its machine; strict, so that a changed
// machine shows as a divergence instead of as a wrong state.

import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type InspectedMicrostepEvent,
  createActor,
} from 'xstate'
import type { ChainInput, ChainOutcome, CompiledChain } from '../definition/compiled-chain.ts'
import { causes, done, failed, type InertChild, keyOf, type MachineEvent, ofItem, toEach } from './causes.ts'
import type { JournalEvent } from './event.ts'
import { type GuestFold, applyToGuest } from './guest-fold.ts'
import { Started, type StartedData } from './started.ts'

/** An attempt that began and has no outcome yet. */
export interface OpenAttempt {
  readonly step: string
  readonly item: string | undefined
  readonly attempt: number
  readonly queued: boolean
}

/** Where a chain's machine stands after some of its events. */
export interface ChainFold {
  snapshot: AnyMachineSnapshot
  readonly open: Map<string, OpenAttempt>
  /** What has begun in it that can be undone; absent where nothing can. */
  readonly started?: Started | undefined
  /** For a user's own machine, which is not folded. */
  readonly guest?: GuestFold
}

/** The recorded history does not fit the machine: the event that it cannot take. */
export interface Divergence {
  readonly seq: number
  readonly type: string
  readonly detail: string
}

type Scope = Parameters<AnyStateMachine['transition']>[2]

const scopes = new WeakMap<AnyStateMachine, Scope>()

/** What of a compiled chain a fold is made from. */
export type Foldable = Pick<CompiledChain, 'machine' | 'undoable'>

/** One reused scope in which nothing starts: several times faster than the public pure API, which makes one a call. */
function inertScope(machine: AnyStateMachine): Scope {
  let scope = scopes.get(machine)
  if (scope === undefined) {
    const self = createActor(machine)
    const nothing = (): void => {}
    scope = {
      self,
      id: self.id,
      sessionId: self.sessionId,
      system: self.system,
      logger: nothing,
      defer: nothing,
      stopChild: nothing,
      emit: nothing,
      actionExecutor: nothing,
    } as Scope
    scopes.set(machine, scope)
  }
  return scope
}

/** Tells of every step that folds of this machine take, until what it returns is called. */
export function watchFolds(
  machine: AnyStateMachine,
  watch: (microstep: InspectedMicrostepEvent) => void,
): () => void {
  const watching = inertScope(machine).system.inspect((event) => {
    if (event.type === '@xstate.microstep') watch(event)
  })
  return () => watching.unsubscribe()
}

/** What the machine becomes by an event; nothing starts. */
export function stepInertly(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: MachineEvent,
): AnyMachineSnapshot {
  return machine.transition(snapshot, event, inertScope(machine)) as AnyMachineSnapshot
}

/** The state of a chain that has just started. */
export function beginFold({ machine, undoable }: Foldable, input: ChainInput): ChainFold {
  return {
    snapshot: machine.getInitialSnapshot(inertScope(machine), input),
    open: new Map(),
    ...(undoable === undefined ? {} : { started: new Started(undoable) }),
  }
}

/** The state that a persisted snapshot describes. */
export function restoreFold(
  { machine, undoable }: Foldable,
  persisted: unknown,
  started: StartedData | undefined,
): ChainFold {
  const snapshot = machine.restoreSnapshot(persisted as never, inertScope(machine)) as AnyMachineSnapshot
  return {
    snapshot,
    open: new Map(),
    ...(undoable === undefined ? {} : { started: new Started(undoable, started) }),
  }
}

/** Whether it has succeeded, and waits for whether its caller undoes it. */
export function isKept({ snapshot, started }: Pick<ChainFold, 'snapshot' | 'started'>): boolean {
  return started !== undefined && snapshot.value === 'kept'
}

/**
 * Applies one event of the chain. Events that only observers need leave the fold as it is.
 * @returns the divergence, where the machine has no transition for it.
 */
export function applyToChain(
  machine: AnyStateMachine,
  fold: ChainFold,
  event: JournalEvent,
): Divergence | undefined {
  if (fold.guest !== undefined) {
    applyToGuest(fold, fold.guest, event)
    return undefined
  }
  const steps = causes(fold, event)
  if (typeof steps === 'string') return { seq: event.seq, type: event.type, detail: steps }
  for (const cause of steps) {
    const before = fold.snapshot
    fold.snapshot = machine.transition(before, cause, inertScope(machine)) as AnyMachineSnapshot
    // a failure that no transition takes ends a machine
    if (fold.snapshot === before || fold.snapshot.status === 'error') {
      return {
        seq: event.seq,
        type: event.type,
        detail: `the machine is in ${JSON.stringify(before.value)} and does not take ${cause.type}`,
      }
    }
  }
  finishEmpty(machine, fold)
  return undefined
}

/** Ends the actor of an `each` that has just begun, with nothing to do. */
function finishEmpty(machine: AnyStateMachine, fold: ChainFold): void {
  for (const id of Object.keys(fold.snapshot.children)) {
    const child = fold.snapshot.children[id] as unknown as InertChild
    if (child._snapshot.context === undefined || child._snapshot.status !== 'done') continue
    fold.snapshot = machine.transition(
      fold.snapshot,
      done(id, child._snapshot.output),
      inertScope(machine),
    ) as AnyMachineSnapshot
  }
}

/** Tells a caller's machine how the chain that it called has ended. */
export function endCall(
  machine: AnyStateMachine,
  fold: ChainFold,
  call: { readonly step: string; readonly item?: string },
  outcome: ChainOutcome,
): void {
  const failure =
    outcome.status === 'failed'
      ? outcome.failure
      : { kind: 'cancelled', message: 'the called chain was cancelled', retryable: false }
  // nobody waits for it any more
  if (fold.snapshot.children[call.step] === undefined) return
  const each = ofItem(fold, call.step)
  if (each === undefined) {
    const cause =
      outcome.status === 'succeeded' ? done(call.step, outcome.output) : failed(call.step, failure)
    fold.snapshot = machine.transition(fold.snapshot, cause, inertScope(machine)) as AnyMachineSnapshot
    return
  }
  const key = keyOf(each, call)
  const steps = toEach(
    call.step,
    each,
    outcome.status === 'succeeded'
      ? { type: 'succeeded', key, output: outcome.output }
      : { type: 'failed', key, failure },
  )
  if (typeof steps === 'string') return
  for (const cause of steps)
    fold.snapshot = machine.transition(fold.snapshot, cause, inertScope(machine)) as AnyMachineSnapshot
}
