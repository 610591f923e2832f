// What depends on what, and how each chain does: what is declared, and what the runs of late add to it.

import type { ChainDeclaration, Declaration } from '../../definition/declaration.ts'
import { readTimeline } from '../../engine/runs/explain.ts'
import type { RunTimeline } from '../../observe/timeline.ts'
import type { ChainCard, ChainEdge, ChainsView, ChainView } from '../protocol.ts'
import { chartOf } from './charts.ts'
import type { Declarations } from './declarations.ts'
import type { ViewSource } from './source.ts'

/** A run is read event by event: no more of them than this. */
const mostRead = 40
/** Fewer runs than this say nothing. */
const enough = 5

interface Tally {
  readonly version: string
  readonly steps: Set<string>
  runs: number
  failed: number
}

export async function viewChains(source: ViewSource, declarations: Declarations): Promise<ChainsView> {
  const [tallied, { declaration }] = await Promise.all([tallyRuns(source), declarations()])
  const edges = new Map([...tallied.edges, ...declaredEdges(declaration)])
  const declared = new Map(declaration?.chains.map((chain) => [chain.id, chain]))
  const ids = [...new Set([...declared.keys(), ...tallied.tallies.keys()])]
  return {
    chains: ids.map((id) => cardOf(id, declared.get(id), tallied.tallies.get(id))),
    edges: [...edges.values()],
  }
}

/** @returns undefined where nothing is declared of it. */
export async function viewChain(
  source: ViewSource,
  declarations: Declarations,
  id: string,
): Promise<ChainView | undefined> {
  const [{ tallies }, declared] = await Promise.all([tallyRuns(source), declarations()])
  const chain = declared.chain(id)
  if (chain === undefined) return undefined
  return {
    ...cardOf(id, chain, tallies.get(id)),
    machine: chartOf(chain.machine),
    declared: chain.steps.map((step) => ({ ...step })),
  }
}

async function tallyRuns({ reader }: ViewSource): Promise<{
  readonly tallies: ReadonlyMap<string, Tally>
  readonly edges: ReadonlyMap<string, ChainEdge>
}> {
  const heads = await reader.heads({ limit: mostRead })
  const timelines = await Promise.all(heads.map(async ({ run }) => readTimeline(reader, run)))
  const tallies = new Map<string, Tally>()
  const edges = new Map<string, ChainEdge>()
  for (const timeline of timelines) count(timeline, tallies, edges)
  return { tallies, edges }
}

function count(
  { state, chains }: RunTimeline,
  tallies: Map<string, Tally>,
  edges: Map<string, ChainEdge>,
): void {
  const idOf = (key: string): string => state.nodes.get(key)?.chain ?? key
  for (const { node, steps } of chains.values()) {
    let tally = tallies.get(node.chain)
    if (tally === undefined)
      tallies.set(node.chain, (tally = { version: node.version, steps: new Set(), runs: 0, failed: 0 }))
    for (const step of steps.keys()) tally.steps.add(step)
    if (node.status === 'succeeded' || node.status === 'failed') tally.runs++
    if (node.status === 'failed') tally.failed++
    for (const { key, name, kind } of node.needs) put(edges, idOf(key), node.chain, name, kind)
    if (node.call !== undefined) put(edges, node.chain, idOf(node.call.chain), node.call.step, 'call')
  }
}

function declaredEdges(declaration: Declaration | undefined): ReadonlyMap<string, ChainEdge> {
  const edges = new Map<string, ChainEdge>()
  for (const { id, needs, follows, steps } of declaration?.chains ?? []) {
    for (const { name, chain, kind } of needs) put(edges, chain, id, name, kind)
    for (const { name, chain } of follows) put(edges, chain, id, name, 'follows')
    for (const { name, chain } of steps) if (chain !== undefined) put(edges, chain, id, name, 'call')
  }
  return edges
}

function put(edges: Map<string, ChainEdge>, from: string, to: string, name: string, kind: string): void {
  edges.set(`${from}\n${to}\n${name}`, { from, to, name, kind })
}

function cardOf(id: string, declared: ChainDeclaration | undefined, tally: Tally | undefined): ChainCard {
  const { runs = 0, failed = 0 } = tally ?? {}
  return {
    id,
    version: declared?.version ?? tally?.version ?? '',
    ...(declared?.description === undefined ? {} : { description: declared.description }),
    ...(declared?.owner === undefined ? {} : { owner: declared.owner }),
    tags: declared?.tags ?? [],
    ...healthOf(runs, failed),
    steps: declared?.steps.length ?? tally?.steps.size ?? 0,
    runs,
    failed,
    ...(declared?.own === undefined ? {} : { own: true }),
  }
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
