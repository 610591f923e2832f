// Learns how long chains work, so that what the longest path waits for goes first where slots are short.

import { criticalPath } from './critical-path.ts'
import type { Graph } from './graph.ts'

export interface Durations {
  /** A chain has ended after so many ms of work. */
  learn(chain: string, worked: number): void
  /** Expected work from the start of this chain to the end of the longest path behind it (ms). */
  tail(chain: string): number
  /** What was learned, as JSON. */
  dump(): string
  /** Takes up what an earlier process learned; what it cannot read it leaves. */
  load(text: string): void
}

/** How much the newest duration counts against all before. */
const weight = 0.2
/** What a chain counts before it ran once (ms): only its place in the graph then tells. */
const unknown = 1

/** @param graph what each chain needs. */
export function createDurations(graph: Graph): Durations {
  const means = new Map<string, number>()
  const patience = Math.max(32, graph.size / 8)
  let tails: ReadonlyMap<string, number> | undefined
  let news = 0

  return {
    learn(chain, worked) {
      const before = means.get(chain)
      means.set(chain, before === undefined ? worked : before + weight * (worked - before))
      // the paths are computed again only when enough has changed, so that a large graph costs no more per chain
      if (++news < patience) return
      tails = undefined
      news = 0
    },
    tail(chain) {
      tails ??= criticalPath(graph, (id) => Math.max(unknown, means.get(id) ?? unknown)).tail
      return tails.get(chain) ?? 0
    },
    dump: () => JSON.stringify([...means].map(([chain, mean]) => [chain, Math.round(mean * 1000) / 1000])),
    load(text) {
      const known: unknown = JSON.parse(text)
      if (!Array.isArray(known)) return
      for (const entry of known) {
        const [chain, mean] = entry as readonly [unknown, unknown]
        if (typeof chain === 'string' && typeof mean === 'number' && graph.has(chain)) means.set(chain, mean)
      }
      tails = undefined
    },
  }
}
