// 3: a chain waits for another whose output it never reads, and whose effects, as declared, are none of its business.

import { neverSeen } from '../../statistics/proportion.ts'
import type { ChainRecord, RunRecord } from '../../observe/run-record.ts'
import { type Detector, type Tested, percent } from '../detector.ts'
import type { View } from '../evidence.ts'
import { pointerTo } from '../json-patch.ts'
import { cover } from '../strata.ts'
import { type DeclaredChain, type DeclaredSteps, declaredSteps } from '../tunables.ts'

const fewest = 100
/** A share of runs that read it and were not seen, to be ruled out. */
const tolerable = 0.05

interface Execution {
  readonly run: RunRecord
  readonly order: number
  readonly read: boolean
}

export const falseDependency: Detector = {
  row: 3,
  kind: 'false-dependency',
  class: 'B',
  needs: `${fewest} executions of a chain, with effects declared by { pure, reads, writes }`,
  test(view) {
    const declared = declaredSteps(view.declaration)
    return view.declaration.chains.flatMap((chain) => {
      // any other rule judges how its upstreams ended; what a machine of the user's own reads cannot be seen
      if (chain.own === true || chain.when !== 'all_success') return []
      return chain.needs.flatMap((edge) => testEdge(view, declared, chain, edge))
    })
  },
}

function testEdge(
  view: View,
  declared: DeclaredSteps,
  chain: DeclaredChain,
  { name, chain: upstreamId, kind }: DeclaredChain['needs'][number],
): readonly Tested[] {
  const edge = `${chain.id}<-${name}`
  const upstream = declared.chain(upstreamId)
  if (kind !== 'hard' || upstream === undefined || view.config.edges[edge] !== undefined) return []
  if (!isIndependent(chain, upstream)) return []
  const executions = executionsOf(view, chain, name)
  if (executions.length < fewest || executions.some(({ read }) => read)) return []
  return [
    {
      place: { chain: chain.id, edge },
      p: (1 - tolerable) ** executions.length,
      // none read it: what is left to ask is whether they came all the time
      cover: cover(view, executions, () => true),
      propose: () => ({
        sentence: `Chain "${chain.id}" waits for "${upstreamId}" and never read what it returns, in ${executions.length} runs. Drop the need "${name}".`,
        evidence: {
          runs: executions.length,
          n: executions.length,
          statistic: `share of the executions that read ${name}`,
          value: 0,
          low: 0,
          high: neverSeen(executions.length),
          level: 0.95,
          facts: [
            `None of ${executions.length} executions read it: at most ${percent(neverSeen(executions.length))} do.`,
            `By what their steps declare, nothing that "${upstreamId}" does shows in "${chain.id}".`,
          ],
        },
        patch: [{ op: 'add', path: pointerTo('edges', edge), value: 'dropped' }],
        objective: 'run-duration',
        worth: 0.01,
      }),
    },
  ]
}

/**
 * By declaration: without one, an effect that nobody mentions may be what the order is for. Upstreams that are pure do
 * nothing but return; what others write, the consumer says what it reads and writes, and that is something else.
 */
function isIndependent(consumer: DeclaredChain, upstream: DeclaredChain): boolean {
  const works = ({ steps }: DeclaredChain) => steps.filter(({ kind }) => kind === 'step' || kind === 'each')
  const calls = upstream.steps.some(({ kind, chain }) => kind === 'call' || chain !== undefined)
  if (upstream.own === true || calls || works(upstream).length === 0) return false
  const effects = works(upstream).filter(({ pure, transact }) => pure !== true || transact === true)
  if (effects.length === 0) return true
  if (effects.some(({ reads, writes }) => reads === undefined && writes === undefined)) return false
  const written = new Set(effects.flatMap(({ writes = [] }) => writes))
  return works(consumer).every(
    ({ pure, reads, writes }) =>
      pure === true ||
      ((reads !== undefined || writes !== undefined) &&
        ![...(reads ?? []), ...(writes ?? [])].some((one) => written.has(one))),
  )
}

/** Those in which its code could have read it: it ran to its end. */
function executionsOf(view: View, { id, version }: DeclaredChain, name: string): readonly Execution[] {
  const found: Execution[] = []
  for (const [order, run] of view.runs.entries())
    for (const one of run.chains.values())
      if (one.chain === id && one.version === version && couldRead(one, name))
        found.push({ run, order, read: one.reads.includes(name) })
  return found
}

function couldRead({ status, startedAt, attempts, needs }: ChainRecord, name: string): boolean {
  const worked = attempts.some(({ memo, outcome }) => !memo && outcome === 'succeeded')
  return (
    status === 'succeeded' && startedAt !== undefined && worked && needs.some((need) => need.name === name)
  )
}
