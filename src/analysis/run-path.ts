// The critical path of one run: which steps its duration went into, what each could save at most, what had room to spare.

import type { ChainRecord } from '../observe/chain-record.ts'
import type { RunRecord } from '../observe/run-record.ts'
import { type Span, type Sweep, swept } from './spans.ts'

/** What one step, or a chain's time between steps (step ''), was to a run (ms). */
export interface PathPart {
  readonly chain: string
  readonly step: string
  /** Of the run's duration; 0 off the path. */
  time: number
  /** How much sooner the run had ended without it, all else the same. */
  drag: number
  /** How much longer it could have taken at least before the run had; undefined on the path. */
  slack: number | undefined
}

interface Node {
  readonly record: ChainRecord
  readonly from: number
  readonly to: number
  /** The needs that had ended when it became ready. */
  readonly before: readonly Node[]
  readonly after: Node[]
  /** Between its last need and its being ready. */
  lag: number
  /** The longest way from its end to the end of the run. */
  tail: number
}

/** Runs of more chains take too long to go through; they are told apart by `undefined`. */
const mostChains = 500

/** By `chain\nstep`, of a run that has ended. */
export function pathOf(run: RunRecord): ReadonlyMap<string, PathPart> | undefined {
  const nodes = nodesOf(run)
  if (nodes === undefined) return undefined
  const parts = new Map<string, PathPart>()
  const end = Math.max(run.acceptedAt, ...nodes.map(({ to }) => to))
  for (const node of nodes.toReversed())
    for (const next of node.after) node.tail = Math.max(node.tail, next.lag + next.to - next.from + next.tail)
  const onPath = new Set<Node>()
  let at = nodes.at(-1)
  while (at !== undefined) {
    onPath.add(at)
    at = lastOf(at.before)
  }
  for (const node of nodes) {
    const sweep = swept({ from: node.from, to: node.to }, activities(node))
    const slack = Math.max(0, end - node.to - node.tail)
    for (const step of new Set([...sweep.time.keys(), ...sweep.alone.keys()])) {
      const part = partOf(parts, node.record.chain, step)
      if (!onPath.has(node)) {
        part.slack = Math.min(part.slack ?? Infinity, slack)
        continue
      }
      part.time += sweep.time.get(step) ?? 0
      const alone = aloneIn(sweep, step)
      if (alone > 0) part.drag += end - endWithout(run, nodes, { node, less: alone })
    }
  }
  for (const part of parts.values()) if (part.time > 0) part.slack = undefined
  return parts
}

/** In the order in which they ended; a need comes before what needs it. */
function nodesOf(run: RunRecord): readonly Node[] | undefined {
  if (run.chains.size > mostChains) return undefined
  const found = new Map<string, Node>()
  const ran = [...run.chains.values()].filter((one) => one.call === undefined && one.readyAt !== undefined)
  ran.sort(
    (a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0) || Number(isNeededBy(b, a)) - Number(isNeededBy(a, b)),
  )
  for (const record of ran) {
    const { readyAt = 0, endedAt = readyAt } = record
    const before = record.needs.flatMap(({ key }) => {
      const need = found.get(key)
      return need === undefined || need.to > readyAt ? [] : [need]
    })
    const since = lastOf(before)?.to ?? run.acceptedAt
    const node = { record, from: readyAt, to: endedAt, before, after: [], lag: readyAt - since, tail: 0 }
    for (const need of before) need.after.push(node)
    found.set(record.key, node)
  }
  return [...found.values()]
}

const isNeededBy = (need: ChainRecord, by: ChainRecord): boolean =>
  by.needs.some(({ key }) => key === need.key)

function lastOf(nodes: readonly Node[]): Node | undefined {
  let last: Node | undefined
  for (const node of nodes) if (last === undefined || node.to > last.to) last = node
  return last
}

/** When the run had ended, had one chain taken less time. */
function endWithout(
  run: RunRecord,
  nodes: readonly Node[],
  { node, less }: { readonly node: Node; readonly less: number },
): number {
  const ends = new Map<Node, number>()
  let end = run.acceptedAt
  for (const one of nodes) {
    let ready = run.acceptedAt
    for (const need of one.before) ready = Math.max(ready, ends.get(need) ?? 0)
    const at = ready + one.lag + one.to - one.from - (one === node ? less : 0)
    ends.set(one, at)
    end = Math.max(end, at)
  }
  return end
}

/** What its steps were at, and waited for; '' is what came before the first. */
function activities({ record, from }: Node): ReadonlyMap<string, readonly Span[]> {
  const spans = new Map<string, Span[]>()
  const add = (step: string, span: Span): void => {
    const own = spans.get(step)
    if (own === undefined) spans.set(step, [span])
    else own.push(span)
  }
  for (const { step, enqueuedAt, endedAt } of record.attempts)
    if (endedAt !== undefined) add(step, { from: enqueuedAt, to: endedAt })
  for (const { step, from: began, to } of record.waits)
    if (to !== undefined && step !== '') add(step, { from: Math.max(from, began), to })
  return spans
}

/** Nobody is ever beside what comes between the steps. */
function aloneIn({ time, alone }: Sweep, step: string): number {
  return step === '' ? (time.get('') ?? 0) : (alone.get(step) ?? 0)
}

function partOf(parts: Map<string, PathPart>, chain: string, step: string): PathPart {
  const key = `${chain}\n${step}`
  let part = parts.get(key)
  if (part === undefined) parts.set(key, (part = { chain, step, time: 0, drag: 0, slack: undefined }))
  return part
}
