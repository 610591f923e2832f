// What keeps a user's machine from being durable: every problem at once, each with its cure.

import { type AnyActorLogic, type AnyStateMachine, createActor, createMachine } from 'xstate'
import { type ActorKind, isMachine, kindOf } from '../execution/actor-kind.ts'
import { actorsOf, statesOf } from '../execution/guest-actors.ts'

interface Node {
  readonly id: string
  readonly config: { readonly invoke?: Invoked | readonly Invoked[] }
  readonly invoke: readonly { readonly id: string }[]
  readonly entry: readonly unknown[]
  readonly exit: readonly unknown[]
  readonly transitions: ReadonlyMap<string, readonly { readonly actions: readonly unknown[] }[]>
  readonly always?: readonly { readonly actions: readonly unknown[] }[]
}

interface Invoked {
  readonly src: unknown
}

interface Found {
  readonly problems: string[]
  readonly volatile: readonly string[]
  /** Names under `volatile` that something has. */
  readonly used: Set<string>
}

const unrestorable: Partial<Readonly<Record<ActorKind, string>>> = {
  callback: 'is a callback',
  observable: 'is an observable',
  custom: 'has logic of its own making',
}

/** @returns a sentence for each thing that is wrong; empty where the machine can be a chain. */
export function problemsOfGuest(machine: AnyStateMachine, volatile: readonly string[]): readonly string[] {
  const found: Found = { problems: [...strangeXState()], volatile, used: new Set() }
  inspectMachine(machine, found, new Set())
  for (const name of volatile)
    if (!found.used.has(name)) found.problems.push(`volatile names "${name}", but no actor is called so`)
  return found.problems
}

/** What the engine needs of XState without XState documenting it. */
function strangeXState(): readonly string[] {
  const actor = createActor(createMachine({}))
  const has = (of: object, names: readonly string[]): boolean => names.every((name) => name in of)
  const known =
    has(actor, ['_stop', '_processingStatus', '_parent']) &&
    has(actor.system, ['_relay', '_register', '_unregister', '_bookId', 'scheduler'])
  return known ? [] : ['this XState is not one that machines can be durable with: install xstate ^5.33']
}

function inspectMachine(machine: AnyStateMachine, found: Found, seen: Set<AnyStateMachine>): void {
  if (seen.has(machine)) return
  seen.add(machine)
  for (const [name, logic] of Object.entries(actorsOf(machine)))
    inspectActor(machine, name, logic, found, seen)
  for (const node of statesOf<Node>(machine)) inspectState(machine, node, found)
  for (const action of Object.values(machine.implementations.actions))
    inspectAction(machine, `machine "${machine.id}"`, action, found)
}

function inspectActor(
  machine: AnyStateMachine,
  name: string,
  logic: AnyActorLogic,
  found: Found,
  seen: Set<AnyStateMachine>,
): void {
  if (found.volatile.includes(name)) return void found.used.add(name)
  if (isMachine(logic)) return inspectMachine(logic, found, seen)
  const what = unrestorable[kindOf(logic)]
  if (what === undefined) return
  found.problems.push(
    `actor "${name}" of machine "${machine.id}" ${what}, which no crash can be survived with: make it a promise or a machine, or list it under volatile to have it started again`,
  )
}

function inspectState(machine: AnyStateMachine, node: Node, found: Found): void {
  const { invoke = [] } = node.config
  const where = `state "${node.id}"`
  for (const [index, { src }] of (Array.isArray(invoke) ? invoke : [invoke as Invoked]).entries()) {
    const id = node.invoke[index]?.id ?? ''
    if (typeof src === 'string') inspectName(machine, where, src, found)
    else if (found.volatile.includes(id)) found.used.add(id)
    else {
      found.problems.push(
        `${where} invokes an inline actor: name it in setup({ actors }) and invoke it by that name, or list its id "${id}" under volatile`,
      )
    }
  }
  const transitions = [...node.transitions.values(), node.always ?? []].flat()
  const actions = [...node.entry, ...node.exit, ...transitions.flatMap((transition) => transition.actions)]
  for (const action of actions) inspectAction(machine, where, action, found)
}

function inspectAction(machine: AnyStateMachine, where: string, action: unknown, found: Found): void {
  if (typeof action !== 'function') return
  const { type, src } = action as { readonly type?: unknown; readonly src?: unknown }
  if (type !== 'xstate.spawnChild') return
  if (typeof src === 'string') return inspectName(machine, where, src, found)
  found.problems.push(
    `${where} spawns an inline actor: name it in setup({ actors }) and spawn it by that name, because XState cannot restore it otherwise`,
  )
}

function inspectName(machine: AnyStateMachine, where: string, src: string, found: Found): void {
  if (src in actorsOf(machine)) return
  found.problems.push(
    `${where} starts the actor "${src}", which machine "${machine.id}" does not know: give it in setup({ actors })`,
  )
}
