// Concurrency groups: at most so many executions of a chain with the same key at once, over all runs, in order.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import { decode } from '../kernel/codec.ts'
import type { NodeState } from '../journal/run-state.ts'

/** A chain of a run that wants a place in its group, or has one. */
export interface Entrant {
  readonly runId: string
  readonly node: NodeState
}

export interface Gates {
  /**
   * Calls `start` when the chain's group lets it in: at once, or later. It says whether it takes its place.
   * Throws what the author's key throws.
   */
  readonly gate: (chain: CompiledChain, entrant: Entrant, start: () => boolean) => void
  /** The chain has left its group. */
  readonly ungate: (entrant: Entrant) => void
  /** A chain that was found at work is in its group, whoever else wants in. It keeps the place that it has. */
  readonly occupy: (chain: CompiledChain, entrant: Entrant) => void
  /** The run stands still: all its places are free. */
  readonly vacate: (runId: string) => void
  /** Nobody is let in before this: until then, not all who are in are known. */
  readonly openGates: () => void
}

interface Group {
  readonly name: string
  inside: number
  readonly limit: number
  readonly queue: Waiting[]
}

interface Waiting {
  readonly entrant: Entrant
  readonly start: () => boolean
}

export function createGates(): Gates {
  const groups = new Map<string, Group>()
  /** Who is in which group: by run and chain, as a run keeps its places while it is not in memory. */
  const places = new Map<string, Map<string, Group>>()
  let open = false

  const groupOf = ({ spec }: CompiledChain, { input }: NodeState): Group | undefined => {
    if (spec.concurrency === undefined) return undefined
    const { key, limit } = spec.concurrency
    const name = `${spec.id} ${key(input === undefined ? undefined : decode(input))}`
    let group = groups.get(name)
    if (group === undefined) groups.set(name, (group = { name, inside: 0, limit, queue: [] }))
    return group
  }
  const isInside = ({ runId, node }: Entrant): boolean => places.get(runId)?.has(node.key) === true
  const enter = ({ runId, node }: Entrant, group: Group): void => {
    group.inside++
    let own = places.get(runId)
    if (own === undefined) places.set(runId, (own = new Map<string, Group>()))
    own.set(node.key, group)
  }
  const leave = ({ runId, node }: Entrant): Group | undefined => {
    const own = places.get(runId)
    const group = own?.get(node.key)
    if (own === undefined || group === undefined) return undefined
    own.delete(node.key)
    if (own.size === 0) places.delete(runId)
    group.inside--
    return group
  }
  const admit = (group: Group): void => {
    while (open && group.inside < group.limit) {
      const next = group.queue.shift()
      if (next === undefined) break
      enter(next.entrant, group)
      if (!next.start()) leave(next.entrant)
    }
    if (group.inside === 0 && group.queue.length === 0) groups.delete(group.name)
  }
  return {
    gate(chain, entrant, start) {
      // its start was let in before, and never became durable
      if (isInside(entrant)) return void start()
      const group = groupOf(chain, entrant.node)
      if (group === undefined) return void start()
      group.queue.push({ entrant, start })
      admit(group)
    },
    ungate(entrant) {
      const group = leave(entrant)
      if (group !== undefined) admit(group)
    },
    occupy(chain, entrant) {
      if (isInside(entrant)) return
      try {
        const group = groupOf(chain, entrant.node)
        if (group !== undefined) enter(entrant, group)
      } catch {
        // it is at work, and its author's key no longer says in which group: it goes on in none
      }
    },
    vacate(runId) {
      const own = places.get(runId)
      places.delete(runId)
      for (const group of own?.values() ?? []) {
        group.inside--
        admit(group)
      }
    },
    openGates() {
      open = true
      for (const group of groups.values()) admit(group)
    },
  }
}
