// Says whether a recorded snapshot still fits a machine: every state and actor that it names must exist.

import type { AnyStateMachine } from 'xstate'

interface Persisted {
  readonly status?: string
  readonly value?: unknown
  readonly historyValue?: Readonly<Record<string, readonly { readonly id: string }[]>>
  readonly children?: Readonly<Record<string, { readonly src: unknown; readonly snapshot: unknown }>>
}

interface Node {
  readonly states: Readonly<Record<string, Node>>
}

interface Machine {
  readonly id: string
  readonly root: Node
  readonly idMap: ReadonlyMap<string, { readonly config: { readonly invoke?: unknown } }>
  readonly implementations: { readonly actors: Readonly<Record<string, unknown>> }
}

/** @returns what the machine lacks, as a part of a sentence; undefined where it has it all. */
export function misfitOf(given: AnyStateMachine, snapshot: unknown): string | undefined {
  const machine = given as unknown as Machine
  const { status, value, historyValue = {}, children = {} } = snapshot as Persisted
  if (status !== 'active') return undefined
  const missing = missingState(machine.root, value, [])
  if (missing !== undefined) return `machine "${machine.id}" has no state "${missing}" any more`
  for (const { id } of Object.values(historyValue).flat())
    if (!machine.idMap.has(id)) return `machine "${machine.id}" has no state "${id}" any more`
  for (const child of Object.values(children)) {
    const src = String(child.src)
    const logic = logicOf(machine, src)
    if (logic === undefined) return `machine "${machine.id}" has no actor "${src}" any more`
    const wasMachine = isPersistedMachine(child.snapshot)
    if (wasMachine !== isMachine(logic))
      return `actor "${src}" of machine "${machine.id}" ${wasMachine ? 'is no machine any more' : 'has become a machine'}`
    const inside = isMachine(logic) ? misfitOf(logic, child.snapshot) : undefined
    if (inside !== undefined) return inside
  }
  return undefined
}

function missingState({ states }: Node, value: unknown, path: readonly string[]): string | undefined {
  const entries = typeof value === 'string' ? [[value, {}] as const] : Object.entries(value ?? {})
  for (const [key, inside] of entries) {
    const node = Object.hasOwn(states, key) ? states[key] : undefined
    if (node === undefined) return [...path, key].join('.')
    const missing = missingState(node, inside, [...path, key])
    if (missing !== undefined) return missing
  }
  return undefined
}

/** As XState finds it: by name, or where the state invokes it without one. */
function logicOf({ implementations, idMap }: Machine, src: string): unknown {
  const [, index, id] = /^xstate\.invoke\.(\d+)\.(.*)/.exec(src) ?? []
  if (index === undefined || id === undefined) return implementations.actors[src]
  const invoke = idMap.get(id)?.config.invoke
  const one: unknown = Array.isArray(invoke) ? (invoke as unknown[])[Number(index)] : invoke
  return (one as { readonly src?: unknown } | undefined)?.src
}

function isPersistedMachine(snapshot: unknown): boolean {
  return typeof snapshot === 'object' && snapshot !== null && 'value' in snapshot && 'children' in snapshot
}

function isMachine(logic: unknown): logic is AnyStateMachine {
  return typeof logic === 'object' && logic !== null && 'provide' in logic && 'root' in logic
}
