// Concurrency groups: at most so many executions of a chain with the same key at once, over all runs, in order.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import { decode } from '../kernel/codec.ts'
import type { NodeState } from '../journal/run-state.ts'
import { atOnce } from '../execution/at-once.ts'

/** A chain of a run that wants a place in its group, or has one. */
export interface Entrant {
  readonly runId: string
  readonly node: NodeState
}

/** What is to come of it. */
export interface Wish {
  /** When its run was accepted (ms since the epoch): after a restart that is the order of the line. */
  readonly acceptedAt: number
  /** It is let in. @returns whether it takes its place. */
  start(): boolean
  /** Another takes its place in the line. */
  evict(group: string): void
  /** Whether it still waits. */
  waits(): boolean
}

/** A place in the line of a group. */
export interface InLine {
  /** What the author's key gave; empty where all are in one group. */
  readonly group: string
  readonly ahead: number
  /** As many as may be inside are; else nobody is let in yet, as not all who are inside are known. */
  readonly full: boolean
}

export interface Gates {
  /**
   * Calls `wish.start` when the chain's group lets it in: at once, or later.
   * Throws what the author's key throws.
   */
  readonly gate: (chain: CompiledChain, entrant: Entrant, wish: Wish) => void
  /** The chain has left its group. */
  readonly ungate: (entrant: Entrant) => void
  /** A chain that was found at work is in its group, whoever else wants in. It keeps the place that it has. */
  readonly occupy: (chain: CompiledChain, entrant: Entrant) => void
  /** The run stands still: all its places are free. */
  readonly vacate: (runId: string) => void
  /** Nobody is let in before this: until then, not all who are in are known. */
  readonly openGates: () => void
  /** Where a chain of a run waits in line; undefined where it does not. */
  readonly inLine: (runId: string, key: string) => InLine | undefined
}

interface Group {
  readonly name: string
  inside: number
  /** What the author's key gave. */
  readonly key: string
  readonly limit: number
  /** Only the newest waits. */
  readonly newest: boolean
  queue: Waiting[]
}

interface Waiting {
  readonly entrant: Entrant
  readonly wish: Wish
}

export function createGates(): Gates {
  const groups = new Map<string, Group>()
  /** Who is in which group: by run and chain, as a run keeps its places while it is not in memory. */
  const places = new Map<string, Map<string, Group>>()
  let open = false

  const groupOf = ({ spec }: CompiledChain, { input }: NodeState): Group | undefined => {
    if (spec.concurrency === undefined) return undefined
    const { limit, strategy } = spec.concurrency
    const given = input === undefined ? undefined : decode(input)
    const key = atOnce(spec.concurrency.key(given), `the concurrency key of chain "${spec.id}"`)
    const name = `${spec.id} ${key}`
    let group = groups.get(name)
    if (group === undefined) {
      group = { name, key, inside: 0, limit, newest: strategy === 'newest', queue: [] }
      groups.set(name, group)
    }
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
  /** Of those that wait only the newest goes on waiting. */
  const evict = (group: Group): void => {
    const older = group.queue.slice(0, -1)
    group.queue = group.queue.slice(-1)
    for (const { wish } of older) wish.evict(group.key)
  }
  const admit = (group: Group): void => {
    while (open && group.inside < group.limit) {
      const next = group.queue.shift()
      if (next === undefined) break
      enter(next.entrant, group)
      if (!next.wish.start()) leave(next.entrant)
    }
    if (open && group.newest) evict(group)
    if (group.inside === 0 && group.queue.length === 0) groups.delete(group.name)
  }
  return {
    gate(chain, entrant, wish) {
      // its start was let in before, and never became durable
      if (isInside(entrant)) return void wish.start()
      const group = groupOf(chain, entrant.node)
      if (group === undefined) return void wish.start()
      group.queue.push({ entrant, wish })
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
      for (const group of groups.values()) {
        group.queue.sort((one, other) => one.wish.acceptedAt - other.wish.acceptedAt)
        admit(group)
      }
    },
    inLine(runId, key) {
      for (const group of groups.values()) {
        const at = group.queue.findIndex(({ entrant }) => entrant.runId === runId && entrant.node.key === key)
        if (at < 0) continue
        const ahead = group.queue.slice(0, at).filter(({ wish }) => wish.waits()).length
        return { group: group.key, ahead, full: group.inside >= group.limit }
      }
      return undefined
    },
  }
}
