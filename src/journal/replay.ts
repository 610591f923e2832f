// Replay: a chain's state is the fold of its recorded causes through its machine; strict, so that a changed
// machine shows as a divergence instead of as a wrong state.

import { type AnyMachineSnapshot, type AnyStateMachine, createActor } from 'xstate'
import { type EachContext, advanceEach, eachSettled } from '../../machines/each.ts'
import type { ChainInput, ChainOutcome } from '../definition/compiled-chain.ts'
import { decode } from '../kernel/codec.ts'
import type { JournalEvent, Payload } from './event.ts'
import { type GuestFold, applyToGuest } from './guest-fold.ts'

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
type MachineEvent = Parameters<AnyStateMachine['transition']>[1]

export interface InertChild {
  _snapshot: { status: string; output?: unknown; context?: EachContext; input?: { item?: string } }
}

const scopes = new WeakMap<AnyStateMachine, Scope>()

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

/** The state of a chain that has just started. */
export function beginFold(machine: AnyStateMachine, input: ChainInput): ChainFold {
  return finishEmpty(machine, {
    snapshot: machine.getInitialSnapshot(inertScope(machine), input),
    open: new Map(),
  })
}

/** The state that a persisted snapshot describes. */
export function restoreFold(
  machine: AnyStateMachine,
  persisted: unknown,
  open: readonly OpenAttempt[],
): ChainFold {
  const snapshot = machine.restoreSnapshot(persisted as never, inertScope(machine)) as AnyMachineSnapshot
  return { snapshot, open: new Map(open.map((one) => [openKey(one), one])) }
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
    if (fold.snapshot === before) {
      return {
        seq: event.seq,
        type: event.type,
        detail: `the machine is in ${JSON.stringify(before.value)} and does not take ${cause.type}`,
      }
    }
    if (fold.snapshot.status === 'error') {
      return {
        seq: event.seq,
        type: event.type,
        detail: `the machine failed: ${String(fold.snapshot.error)}`,
      }
    }
  }
  finishEmpty(machine, fold)
  return undefined
}

/** What the machine received because of an event: nothing, events, or a sentence that says why it cannot. */
function causes(fold: ChainFold, event: JournalEvent): readonly MachineEvent[] | string {
  switch (event.type) {
    case 'attempt.queued':
      fold.open.set(openKey(event), {
        step: event.step,
        item: event.item,
        attempt: event.attempt,
        queued: true,
      })
      return ofItem(fold, event.step) ? [] : [{ type: 'attempt.queued', step: event.step }]
    case 'attempt.started': {
      const each = ofItem(fold, event.step)
      const queued = fold.open.get(openKey(event))?.queued ?? false
      if (each === undefined && !queued && fold.snapshot.children[event.step] === undefined)
        return `no actor "${event.step}" is in progress`
      fold.open.set(openKey(event), {
        step: event.step,
        item: event.item,
        attempt: event.attempt,
        queued: false,
      })
      if (each !== undefined)
        return toEach(event.step, each, { type: 'started', key: keyOf(each, event), attempt: event.attempt })
      return queued ? [{ type: 'attempt.started', step: event.step }] : []
    }
    case 'attempt.succeeded': {
      if (!fold.open.delete(openKey(event)))
        return `attempt ${event.attempt} of "${event.step}" is not in flight`
      const each = ofItem(fold, event.step)
      const output = valueOf(event.payload)
      if (each !== undefined)
        return toEach(event.step, each, { type: 'succeeded', key: keyOf(each, event), output })
      return [done(event.step, output)]
    }
    case 'chain.started': {
      // a called chain, as its caller sees it
      if (event.call?.item === undefined) return []
      const each = ofItem(fold, event.call.step)
      if (each === undefined) return []
      return toEach(event.call.step, each, { type: 'started', key: keyOf(each, event.call), attempt: 1 })
    }
    case 'attempt.failed': {
      if (!fold.open.delete(openKey(event)))
        return `attempt ${event.attempt} of "${event.step}" is not in flight`
      const each = ofItem(fold, event.step)
      if (each !== undefined)
        return toEach(event.step, each, { type: 'failed', key: keyOf(each, event), failure: event.failure })
      return [failed(event.step, event.failure)]
    }
    case 'attempt.lost': {
      fold.open.delete(openKey(event))
      const each = ofItem(fold, event.step)
      if (each !== undefined) return toEach(event.step, each, { type: 'lost', key: keyOf(each, event) })
      return [{ type: 'attempt.lost', step: event.step }]
    }
    case 'decision.made': {
      const each = ofItem(fold, ownerOf(event.step))
      const value = valueOf(event.payload)
      if (each !== undefined && event.step.endsWith(':recovery')) {
        return toEach(ownerOf(event.step), each, {
          type: 'recovered',
          key: keyOf(each, event),
          verdict: value as never,
        })
      }
      return [done(event.step, value)]
    }
    case 'decision.failed':
      return [failed(event.step, event.failure)]
    case 'timer.fired': {
      const each = ofItem(fold, ownerOf(event.step))
      if (each !== undefined)
        return toEach(ownerOf(event.step), each, { type: 'due', key: keyOf(each, event) })
      return [done(event.step, undefined)]
    }
    case 'signal.consumed':
      return [{ type: 'signal', step: event.step, output: valueOf(event.payload) }]
    case 'settling.ended':
      return [done(event.step, undefined)]
    default:
      return []
  }
}

/** Ends the actors of an `each` that has nothing to do, or nothing left to do. */
function finishEmpty(machine: AnyStateMachine, fold: ChainFold): ChainFold {
  for (const id of Object.keys(fold.snapshot.children)) {
    const child = fold.snapshot.children[id] as unknown as InertChild
    if (child._snapshot.context === undefined || child._snapshot.status !== 'done') continue
    fold.snapshot = machine.transition(
      fold.snapshot,
      done(id, child._snapshot.output),
      inertScope(machine),
    ) as AnyMachineSnapshot
  }
  return fold
}

function toEach(
  step: string,
  child: InertChild,
  event: Parameters<typeof advanceEach>[1],
): readonly MachineEvent[] | string {
  const context = child._snapshot.context as EachContext
  const problem = advanceEach(context, event)
  if (problem !== undefined) return problem
  const end = eachSettled(context)
  if (end === undefined) return []
  if (end.status === 'succeeded') return [done(step, end.output)]
  return [failed(step, end.failure)]
}

/** The actor of an `each`, where `step` is one. */
export function ofItem(fold: ChainFold, step: string): InertChild | undefined {
  const child = fold.snapshot.children[step] as unknown as InertChild | undefined
  return child?._snapshot.context === undefined ? undefined : child
}

/** An item's key without the rounds of the repeats around its `each`. */
export function keyOf(each: InertChild, { item = '' }: { readonly item?: string | undefined }): string {
  const round = each._snapshot.input?.item
  return round === undefined ? item : item.slice(round.length + 1)
}

const ownerOf = (step: string): string => step.slice(0, Math.max(0, step.indexOf(':'))) || step
const done = (id: string, output: unknown): MachineEvent => ({
  type: `xstate.done.actor.${id}`,
  actorId: id,
  output,
})
const failed = (id: string, error: unknown): MachineEvent => ({
  type: `xstate.error.actor.${id}`,
  actorId: id,
  error,
})
const valueOf = (payload: Payload | undefined): unknown =>
  payload === undefined ? undefined : decode(payload)
const openKey = (one: { readonly step: string; readonly item?: string | undefined }): string =>
  one.item === undefined ? one.step : `${one.step}/${one.item}`

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
    finishEmpty(machine, fold)
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
  finishEmpty(machine, fold)
}
