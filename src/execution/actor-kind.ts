// Tells what made an actor's logic: XState's creators leave no mark on what they return.

import type { AnyActorLogic, AnyStateMachine } from 'xstate'

export type ActorKind = 'machine' | 'promise' | 'transition' | 'observable' | 'callback' | 'custom'

interface Shape {
  readonly config?: unknown
  readonly start?: unknown
  readonly provide?: unknown
  readonly root?: unknown
  transition(snapshot: unknown, event: unknown, scope: unknown): { status?: string; output?: unknown }
}

/** What made the logic. Asks it what it makes of an event that only one kind knows. */
export function kindOf(logic: AnyActorLogic): ActorKind {
  const shape = logic as unknown as Shape
  if (typeof shape.provide === 'function' && 'root' in shape) return 'machine'
  if (typeof shape.config !== 'function') return 'custom'
  if (shape.start === undefined) return 'transition'
  const token = {}
  const resolved = react(shape, { type: 'xstate.promise.resolve', data: token })
  if (resolved?.status === 'done' && resolved.output === token) return 'promise'
  if (react(shape, { type: 'xstate.observable.complete' })?.status === 'done') return 'observable'
  return 'callback'
}

export function isMachine(logic: AnyActorLogic): logic is AnyStateMachine {
  return kindOf(logic) === 'machine'
}

function react(shape: Shape, event: unknown): { status?: string; output?: unknown } | undefined {
  try {
    return shape.transition({ status: 'active' }, event, { self: {} })
  } catch {
    return undefined
  }
}
