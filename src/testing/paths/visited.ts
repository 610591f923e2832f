// What was visited of a machine, by names that hold in every process: states by path, transitions by where they leave.

import type { AnyMachineSnapshot, AnyStateNode, AnyTransitionDefinition } from 'xstate'

/** Parts of one machine. */
export interface Visited {
  readonly states: Set<string>
  readonly transitions: Set<string>
}

/** The state's path, such as `fetch.running`; empty for the machine itself. */
export function pathOf({ path }: AnyStateNode): string {
  return path.join('.')
}

/** The active states, each with those that hold it. */
export function statesOf({ _nodes }: AnyMachineSnapshot): readonly string[] {
  return _nodes.map((node) => pathOf(node)).filter((path) => path !== '')
}

/** Names a transition among all of its machine: where it leaves, upon what, and which of those that wait for that. */
export function transitionId(transition: AnyTransitionDefinition): string {
  const { source, eventType } = transition
  const same = eventType === '' ? (source.always ?? []) : (source.transitions.get(eventType) ?? [])
  return `${pathOf(source)}|${eventType}|${same.indexOf(transition)}`
}
