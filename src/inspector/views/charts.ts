// The statechart of each declared chain, as the app draws it.

import type { MachineStructure, StateStructure } from '../../definition/structure.ts'
import type { MachineNode } from '../protocol.ts'

/** The statechart of a chain by its id; undefined where nothing is known of it. */
export type Charts = (chain: string) => Promise<MachineNode | undefined>

/** Ids are XState's: the path of keys from the machine's id, joined by dots. */
export function chartOf(machine: MachineStructure): MachineNode {
  return nodeOf(machine, machine.id, machine.id)
}

function nodeOf(state: StateStructure, key: string, id: string): MachineNode {
  const [initial] = state.initial ?? []
  return {
    id,
    key,
    type: typeOf(state.type),
    ...(initial === undefined ? {} : { initial }),
    invokes: (state.invoke ?? []).map((invoke) => invoke.src),
    transitions: Object.entries(state.on ?? {}).flatMap(([event, list]) =>
      list.map(({ target, guard }) => ({
        event,
        targets: target ?? [],
        ...(guard === undefined ? {} : { guard }),
      })),
    ),
    states: Object.entries(state.states ?? {}).map(([name, child]) => nodeOf(child, name, `${id}.${name}`)),
  }
}

const types: ReadonlySet<string> = new Set(['atomic', 'compound', 'parallel', 'final', 'history'])

const typeOf = (type: string): MachineNode['type'] =>
  types.has(type) ? (type as MachineNode['type']) : 'atomic'
