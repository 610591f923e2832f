// What depends on what, and how each chain does: what is declared, and what the runs of late add to it.

import { standingOf } from '../../analysis/health.ts'
import type { ChainDeclaration, Declaration } from '../../definition/declaration.ts'
import type { ChainCard, ChainEdge, ChainsView, ChainView } from '../protocol.ts'
import { chartOf } from './charts.ts'
import type { Declarations } from './declarations.ts'
import type { Digests } from './digests.ts'

interface Tally {
  readonly version: string
  readonly steps: Set<string>
  /** Of each execution that ended, the oldest first, whether it failed. */
  readonly verdicts: boolean[]
}

export async function viewChains(digests: Digests, declarations: Declarations): Promise<ChainsView> {
  const [tallied, { declaration }] = await Promise.all([tallyRuns(digests), declarations()])
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
  digests: Digests,
  declarations: Declarations,
  id: string,
): Promise<ChainView | undefined> {
  const [{ tallies }, declared] = await Promise.all([tallyRuns(digests), declarations()])
  const chain = declared.chain(id)
  if (chain === undefined) return undefined
  return {
    ...cardOf(id, chain, tallies.get(id)),
    machine: chartOf(chain.machine),
    declared: chain.steps.map((step) => ({ ...step })),
  }
}

async function tallyRuns(digests: Digests): Promise<{
  readonly tallies: ReadonlyMap<string, Tally>
  readonly edges: ReadonlyMap<string, ChainEdge>
}> {
  const tallies = new Map<string, Tally>()
  const edges = new Map<string, ChainEdge>()
  // the newest first: what was seen of a version first is its newest
  for (const digest of await digests()) {
    for (const { id, version, status, steps } of digest.chains) {
      let tally = tallies.get(id)
      if (tally === undefined) tallies.set(id, (tally = { version, steps: new Set(), verdicts: [] }))
      for (const step of steps) tally.steps.add(step)
      if (status === 'succeeded' || status === 'failed') tally.verdicts.unshift(status === 'failed')
    }
    for (const { from, to, name, kind } of digest.edges) put(edges, from, to, name, kind)
  }
  return { tallies, edges }
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
  const verdicts = tally?.verdicts ?? []
  const { state: health, cause } = standingOf(verdicts)
  return {
    id,
    version: declared?.version ?? tally?.version ?? '',
    ...(declared?.description === undefined ? {} : { description: declared.description }),
    ...(declared?.owner === undefined ? {} : { owner: declared.owner }),
    tags: declared?.tags ?? [],
    health,
    cause,
    steps: declared?.steps.length ?? tally?.steps.size ?? 0,
    runs: verdicts.length,
    failed: verdicts.filter(Boolean).length,
    ...(declared?.own === undefined ? {} : { own: true }),
  }
}
