// A guest's structure as plain JSON: states, transitions and actors by name; bodies of functions do not show in it.

import type { AnyActorLogic, AnyStateMachine } from 'xstate'
import { isMachine, kindOf } from '../execution/actor-kind.ts'
import type { MachineStructure, StateStructure, TransitionStructure } from '../definition/structure.ts'
import { actorsOf } from '../execution/guest-actors.ts'

/** The parts of XState's state nodes that are structure. */
interface Node {
  readonly id: string
  readonly type: string
  readonly history: string | false
  readonly initial: { readonly target: readonly { readonly id: string }[] } | undefined
  readonly invoke: readonly { readonly id: string; readonly src: string }[]
  readonly transitions: ReadonlyMap<string, readonly Transition[]>
  readonly always?: readonly Transition[]
  readonly states: Readonly<Record<string, Node>>
}

interface Transition {
  readonly target?: readonly { readonly id: string }[]
  readonly guard?: unknown
  readonly reenter?: boolean
}

/** @returns the machine's structure, those of its named child machines included. */
export function structureOf(machine: AnyStateMachine): MachineStructure {
  const actors = Object.entries(actorsOf(machine)).map(([name, logic]) => [name, actorStructure(logic)])
  return {
    ...statechartOf(machine),
    ...(actors.length === 0 ? {} : { actors: Object.fromEntries(actors) as Record<string, string> }),
  }
}

/** @returns the machine's states and transitions alone. */
export function statechartOf(machine: AnyStateMachine): MachineStructure {
  return { id: machine.id, ...stateStructure(machine.root as unknown as Node) }
}

function actorStructure(logic: AnyActorLogic): string | MachineStructure {
  return isMachine(logic) ? structureOf(logic) : kindOf(logic)
}

function stateStructure(node: Node): StateStructure {
  const on = [...node.transitions].map(([event, list]) => [event, list.map(transitionStructure)] as const)
  const always = node.always?.map(transitionStructure)
  const states = Object.entries(node.states).map(([key, child]) => [key, stateStructure(child)] as const)
  const initial = node.type === 'compound' ? node.initial?.target.map(({ id }) => id) : undefined
  return {
    type: node.type,
    ...(initial === undefined ? {} : { initial }),
    ...(node.history === false ? {} : { history: node.history }),
    ...(node.invoke.length === 0 ? {} : { invoke: node.invoke.map(({ id, src }) => ({ id, src })) }),
    ...(on.length === 0 && always === undefined
      ? {}
      : { on: Object.fromEntries(always === undefined ? on : [...on, ['', always]]) }),
    ...(states.length === 0 ? {} : { states: Object.fromEntries(states) }),
  }
}

function transitionStructure({ target, guard, reenter }: Transition): TransitionStructure {
  return {
    ...(target === undefined ? {} : { target: target.map(({ id }) => id) }),
    ...(guard === undefined ? {} : { guard: guardName(guard) }),
    ...(reenter === true ? { reenter } : {}),
  }
}

function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard
  if (typeof guard === 'object' && guard !== null && 'type' in guard) return String(guard.type)
  return 'inline'
}
