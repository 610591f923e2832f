// What depends on what, and how each chain does: from the runs of late.

import { readTimeline } from '../../engine/runs/explain.ts'
import type { RunTimeline } from '../../observe/timeline.ts'
import type { ChainCard, ChainEdge, ChainsView } from '../protocol.ts'
import type { ViewSource } from './source.ts'

/** A run is read event by event: no more of them than this. */
const mostRead = 40
/** Fewer runs than this say nothing. */
const enough = 5

interface Tally {
  readonly id: string
  readonly version: string
  readonly steps: Set<string>
  runs: number
  failed: number
}

export async function viewChains({ reader }: ViewSource): Promise<ChainsView> {
  const heads = await reader.heads({ limit: mostRead })
  const timelines = await Promise.all(heads.map(async ({ run }) => readTimeline(reader, run)))
  const tallies = new Map<string, Tally>()
  const edges = new Map<string, ChainEdge>()
  for (const timeline of timelines) count(timeline, tallies, edges)
  return {
    chains: [...tallies.values()].map(cardOf).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    edges: [...edges.values()],
  }
}

function count(
  { state, chains }: RunTimeline,
  tallies: Map<string, Tally>,
  edges: Map<string, ChainEdge>,
): void {
  const idOf = (key: string): string => state.nodes.get(key)?.chain ?? key
  for (const { node, steps } of chains.values()) {
    let tally = tallies.get(node.chain)
    if (tally === undefined) {
      const { chain: id, version } = node
      tallies.set(id, (tally = { id, version, steps: new Set(), runs: 0, failed: 0 }))
    }
    for (const step of steps.keys()) tally.steps.add(step)
    if (node.status === 'succeeded' || node.status === 'failed') tally.runs++
    if (node.status === 'failed') tally.failed++
    for (const { key, name, kind } of node.needs)
      edges.set(`${idOf(key)}\n${node.chain}\n${name}`, { from: idOf(key), to: node.chain, name, kind })
    if (node.call !== undefined) {
      const caller = idOf(node.call.chain)
      const { step: name } = node.call
      edges.set(`${node.chain}\n${caller}\n${name}`, { from: node.chain, to: caller, name, kind: 'call' })
    }
  }
}

function cardOf({ id, version, steps, runs, failed }: Tally): ChainCard {
  return { id, version, tags: [], ...healthOf(runs, failed), steps: steps.size, runs, failed }
}

function healthOf(runs: number, failed: number): Pick<ChainCard, 'health' | 'cause'> {
  const share = `${failed} of ${runs} of late failed`
  if (runs === 0) return { health: 'unknown', cause: 'has not ended of late' }
  if (failed * 2 >= runs && failed > 1) return { health: 'failing', cause: share }
  if (failed > 0) return { health: 'degraded', cause: share }
  return runs < enough
    ? { health: 'unknown', cause: `${runs} ended well: too few to say more` }
    : { health: 'ok', cause: `all ${runs} of late ended well` }
}
