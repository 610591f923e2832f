// Concurrency groups: at most so many executions of a chain with the same key at once, over all runs, in order.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import { decode } from '../kernel/codec.ts'
import type { NodeState } from '../journal/run-state.ts'

export interface Gates {
  /**
   * Calls `start` when the chain's group lets it in: at once, or later. It says whether it takes its place.
   * Throws what the author's key throws.
   */
  readonly gate: (chain: CompiledChain, node: NodeState, start: () => boolean) => void
  /** The chain has left its group. */
  readonly ungate: (node: NodeState) => void
  /** A chain that a restart found at work is in its group, whoever else wants in. */
  readonly occupy: (chain: CompiledChain, node: NodeState) => void
  /** Nobody is let in before this: until then, not all who are in are known. */
  readonly openGates: () => void
}

interface Group {
  readonly name: string
  inside: number
  readonly limit: number
  readonly queue: (() => boolean)[]
}

export function createGates(): Gates {
  const groups = new Map<string, Group>()
  /** Which group a chain is in or waits for: the author's key is asked once, and may throw. */
  const places = new WeakMap<NodeState, Group>()
  let open = false

  const groupOf = ({ spec }: CompiledChain, node: NodeState): Group | undefined => {
    if (spec.concurrency === undefined) return undefined
    const { input } = node
    const { key, limit } = spec.concurrency
    const name = `${spec.id} ${key(input === undefined ? undefined : decode(input))}`
    let group = groups.get(name)
    if (group === undefined) groups.set(name, (group = { name, inside: 0, limit, queue: [] }))
    places.set(node, group)
    return group
  }
  const admit = (group: Group): void => {
    while (open && group.inside < group.limit) {
      const start = group.queue.shift()
      if (start === undefined) return
      group.inside++
      if (!start()) group.inside--
    }
    if (group.inside === 0 && group.queue.length === 0) groups.delete(group.name)
  }
  return {
    gate(chain, node, start) {
      const group = groupOf(chain, node)
      if (group === undefined) return void start()
      group.queue.push(start)
      admit(group)
    },
    ungate(node) {
      const group = places.get(node)
      if (group === undefined) return
      places.delete(node)
      group.inside--
      admit(group)
    },
    occupy(chain, node) {
      try {
        const group = groupOf(chain, node)
        if (group !== undefined) group.inside++
      } catch {
        // it is at work, and its author's key no longer says in which group: it goes on in none
      }
    },
    openGates() {
      open = true
      for (const group of groups.values()) admit(group)
    },
  }
}
