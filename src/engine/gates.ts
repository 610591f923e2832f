// Concurrency groups: at most so many executions of a chain with the same key at once, over all runs, in order.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import { decode } from '../kernel/codec.ts'
import type { NodeState } from '../journal/run-state.ts'

export interface Gates {
  readonly gate: (chain: CompiledChain, node: NodeState, start: () => void) => void
  readonly ungate: (chain: CompiledChain, node: NodeState) => void
}

export function createGates(): Gates {
  const groups = new Map<string, { inside: number; readonly queue: (() => void)[] }>()
  const groupOf = ({ spec }: CompiledChain, { input }: NodeState): string | undefined => {
    if (spec.concurrency === undefined) return undefined
    return `${spec.id} ${spec.concurrency.key(input === undefined ? undefined : decode(input))}`
  }
  return {
    gate(chain, node, start) {
      const name = groupOf(chain, node)
      if (name === undefined) return start()
      let group = groups.get(name)
      if (group === undefined) groups.set(name, (group = { inside: 0, queue: [] }))
      if (group.inside < (chain.spec.concurrency?.limit ?? 1)) {
        group.inside++
        start()
      } else group.queue.push(start)
    },
    ungate(chain, node) {
      const name = groupOf(chain, node)
      const group = name === undefined ? undefined : groups.get(name)
      if (name === undefined || group === undefined) return
      const next = group.queue.shift()
      if (next !== undefined) return next()
      group.inside--
      if (group.inside === 0) groups.delete(name)
    },
  }
}
