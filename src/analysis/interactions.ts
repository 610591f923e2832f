// How chains meet: edges as declared and as seen, whether what they carry is read, calls, signals, circles, what stops with what.

import { knots } from '../chain/knots.ts'
import { shortestCycle } from '../chain/shortest-cycle.ts'
import type { EdgeDeclaration } from '../definition/declaration.ts'
import type { DataEdge, Interactions } from './report-places.ts'
import type { Reached } from './figures.ts'
import { type Scene, downstreamOf, mostListed } from './scene.ts'
import type { Slices } from './slices.ts'
import type { Execution } from './survey.ts'
import { waitsOf } from './waits.ts'

interface Edge {
  readonly from: string
  readonly to: string
  readonly name: string
  readonly kind: string
  readonly follows: boolean
  readonly rule: string
  readonly declared: boolean
  observed: number
  reads: number
  n: number
}

export function* interactionsOf(scene: Scene): Slices<Interactions> {
  const { survey, declared } = scene
  const edges: Edges = { all: [], known: new Map() }
  for (const { id, needs, follows, when } of declared.values()) {
    for (const edge of needs) keep(edges, id, edge, { declared: true, follows: false, rule: when })
    for (const edge of follows) keep(edges, id, edge, { declared: true, follows: true, rule: when })
  }
  const calls = new Map<string, { from: string; step: string; to: string; n: number }>()
  for (const executions of survey.ended.values()) {
    for (const execution of executions) {
      seeEdges(edges, execution, scene)
      seeCall(calls, execution)
      yield
    }
  }
  const called = [...calls.values()].toSorted((a, b) => b.n - a.n)
  return {
    edges: edges.all.map(edgeOf),
    calls: called,
    signals: [...survey.evidence.signals.values()].toSorted((a, b) => b.n - a.n).map((one) => ({ ...one })),
    waits: yield* waitsOf(scene),
    cycles: cyclesIn(called),
    blast: yield* blastOf(scene),
  }
}

function* blastOf({ chains, dependents }: Scene): Slices<Interactions['blast']> {
  const found: Interactions['blast'][number][] = []
  for (const chain of chains) {
    const below = downstreamOf(dependents, chain)
    if (below.length > 0) found.push({ chain, downstream: below.length, chains: below.slice(0, mostListed) })
    yield
  }
  return found.sort((a, b) => b.downstream - a.downstream)
}

/** In the order in which they came up; and by the chain that they lead to, and their name there. */
interface Edges {
  readonly all: Edge[]
  readonly known: Map<string, Map<string, Edge[]>>
}

function keep(
  { all, known: byTo }: Edges,
  to: string,
  edge: EdgeDeclaration,
  known: Pick<Edge, 'declared' | 'follows' | 'rule'>,
): Edge {
  const { name, chain: from, kind } = edge
  let own = byTo.get(to)
  if (own === undefined) byTo.set(to, (own = new Map()))
  const found = own.get(name)?.find((one) => one.from === from)
  if (found !== undefined) return found
  const kept = { from, to, name, kind, ...known, observed: 0, reads: 0, n: 0 }
  own.set(name, [...(own.get(name) ?? []), kept])
  all.push(kept)
  return kept
}

function seeEdges(edges: Edges, execution: Execution, { declared, survey }: Scene): void {
  const { run, chain } = execution
  const tells = canTell(execution, survey.evidence.readsSince) && declared.get(chain.chain)?.own !== true
  for (const { name, key, kind } of chain.needs) {
    const from = run.chains.get(key)
    if (from === undefined) continue
    const edge = keep(
      edges,
      chain.chain,
      { name, chain: from.chain, kind },
      { declared: false, follows: false, rule: chain.rule },
    )
    edge.observed++
    const read = chain.reads.includes(name)
    if (read) edge.reads++
    // what was never made could not be read
    if (read || (tells && from.status === 'succeeded')) edge.n++
  }
}

/** Whether all that its code would have read is known: it ran to its end, and none of it was left out. */
function canTell({ run, chain }: Execution, since: number | undefined): boolean {
  if (chain.status !== 'succeeded' || chain.memo || run.dropped > 0) return false
  if (since === undefined || run.firstSeq < since) return false
  return chain.attempts.every(({ memo }) => !memo)
}

function edgeOf({ reads, ...edge }: Edge): DataEdge {
  // what only waits carries nothing
  const carries = edge.kind !== 'order' && edge.kind !== 'ready'
  const read: Reached = !carries || edge.n === 0 ? 'unknown' : reads > 0 ? 'yes' : 'no'
  return { ...edge, read }
}

function seeCall(
  calls: Map<string, { from: string; step: string; to: string; n: number }>,
  { run, chain }: Execution,
): void {
  if (chain.call === undefined) return
  const from = run.chains.get(chain.call.chain)?.chain ?? chain.call.chain
  const key = `${from}\n${chain.call.step}\n${chain.chain}`
  const known = calls.get(key)
  if (known !== undefined) known.n++
  else calls.set(key, { from, step: chain.call.step, to: chain.chain, n: 1 })
}

function cyclesIn(calls: Interactions['calls']): Interactions['cycles'] {
  const names = [...new Set(calls.flatMap(({ from, to }) => [from, to]))]
  const place = new Map(names.map((name, at) => [name, at]))
  const edges = names.map((name) =>
    calls.filter(({ from }) => from === name).flatMap(({ to }) => place.get(to) ?? []),
  )
  return knots(edges).map((knot) => shortestCycle(edges, knot).map((at) => names[at] ?? ''))
}
