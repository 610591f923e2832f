// What a machine received because of a journal event: the causes that replay feeds it.

import type { AnyStateMachine } from 'xstate'
import { type EachContext, advanceEach, eachSettled } from '../../machines/each.ts'
import { decode } from '../kernel/codec.ts'
import type { JournalEvent, Payload } from './event.ts'
import type { ChainFold } from './replay.ts'

export type MachineEvent = Parameters<AnyStateMachine['transition']>[1]

/** A child of a folded machine: made, and never started. */
export interface InertChild {
  _snapshot: { status: string; output?: unknown; context?: EachContext; input?: { item?: string } }
}

/** What the machine received because of an event: nothing, events, or a sentence that says why it cannot. */
export function causes(fold: ChainFold, event: JournalEvent): readonly MachineEvent[] | string {
  switch (event.type) {
    case 'attempt.queued': {
      const waits = fold.open.get(openKey(event))?.queued ?? false
      fold.open.set(openKey(event), {
        step: event.step,
        item: event.item,
        attempt: event.attempt,
        queued: true,
      })
      // one that waits already only waits for something else
      return waits || ofItem(fold, event.step) ? [] : [{ type: 'attempt.queued', step: event.step }]
    }
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
        return toEach(event.step, each, {
          type: 'started',
          key: keyOf(each, event),
          attempt: event.attempt,
          deadline: event.deadline,
        })
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
      // nobody waits any more for what was aborted
      if (event.step === 'compensating:settling') fold.open.clear()
      return [done(event.step, undefined)]
    case 'call.undone':
      return [done(event.step, undefined)]
    case 'chain.cut-short':
      return [{ type: 'cancel', ...(event.failure === undefined ? {} : { failure: event.failure }) }]
    case 'chain.undo-requested':
      return [{ type: 'compensate' }]
    case 'compensation.retried':
      return [{ type: 'retry' }]
    case 'compensation.given-up':
      return [{ type: 'give-up' }]
    default:
      return []
  }
}

export function toEach(
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
export const done = (id: string, output: unknown): MachineEvent => ({
  type: `xstate.done.actor.${id}`,
  actorId: id,
  output,
})
export const failed = (id: string, error: unknown): MachineEvent => ({
  type: `xstate.error.actor.${id}`,
  actorId: id,
  error,
})
const valueOf = (payload: Payload | undefined): unknown =>
  payload === undefined ? undefined : decode(payload)
export const openKey = (one: { readonly step: string; readonly item?: string | undefined }): string =>
  one.item === undefined ? one.step : `${one.step}/${one.item}`
