// Plans a run when it is accepted: which chains it takes, with which inputs, and what each needs.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import type { ChainSpec, EdgeSpec } from '../definition/spec.ts'
import type { Payload, PlanEdge, PlanNode } from '../journal/event.ts'
import { canonical, decode, hash } from '../kernel/codec.ts'
import type { Clock } from '../kernel/clock.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { judge } from './judge.ts'
import { encodeGiven } from './payloads.ts'

export interface Plan {
  readonly targets: readonly string[]
  readonly nodes: readonly PlanNode[]
  /** The run's input, after the first target's schema. */
  readonly input: Payload | undefined
}

export interface PlanOptions {
  readonly maxPayload: number
  readonly clock: Clock
  /** How long a schema may take (ms). */
  readonly validateWithin: number
  /** Every registered chain, for those that follow. */
  readonly chains: ReadonlyMap<string, CompiledChain>
}

interface Visit {
  readonly spec: ChainSpec
  readonly key: string
  readonly input: unknown
}

/** Takes in all that the targets need, each chain once per input, then all that follows what is in. */
export async function planRun(
  targets: readonly CompiledChain[],
  input: unknown,
  options: PlanOptions,
): Promise<Plan> {
  const nodes = new Map<string, PlanNode>()
  const taken = new Map<string, string>()
  const open: Visit[] = []
  let runInput: Payload | undefined
  let first = true

  const visit = async (spec: ChainSpec, given: unknown): Promise<string> => {
    const chain = options.chains.get(spec.id)
    if (chain === undefined) {
      throw new CatenaryError(
        'CHAIN_UNKNOWN',
        `chain "${spec.id}" is needed but not registered: give it to createSupervisor({ chains })`,
      )
    }
    const { value: parsed } = await parse(spec, given, options)
    const payload = encodeGiven(parsed, `input of chain "${spec.id}"`, options.maxPayload)
    if (first) runInput = payload
    first = false
    const text = payload === undefined ? '' : canonical(parsed)
    const known = taken.get(`${spec.id} ${text}`)
    if (known !== undefined) return known
    const key = nodes.has(spec.id) ? `${spec.id}~${hash(text).slice(0, 8)}` : spec.id
    taken.set(`${spec.id} ${text}`, key)
    nodes.set(key, {
      key,
      chain: spec.id,
      version: chain.version,
      needs: [],
      rule: spec.rule,
      ...ownInput(payload, runInput),
    })
    open.push({ spec, key, input: payload === undefined ? undefined : decode(payload) })
    return key
  }

  const keys: string[] = []
  for (const { spec } of targets) keys.push(await visit(spec, input))
  const expand = async (): Promise<void> => {
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { spec, key } = next
      const edges: PlanEdge[] = []
      for (const edge of spec.needs) {
        edges.push({
          name: edge.name,
          key: await visit(edge.chain, mapped(edge, next.input, spec.id)),
          kind: edge.kind,
        })
      }
      const node = nodes.get(key) as PlanNode
      if (edges.length > 0) nodes.set(key, { ...node, needs: [...node.needs, ...edges] })
    }
  }
  await expand()

  for (let grew = true; grew;) {
    grew = false
    for (const { spec } of options.chains.values()) {
      if (spec.follows.length === 0 || nodes.has(spec.id)) continue
      if (!spec.follows.every(({ chain }) => nodes.has(chain.id))) continue
      const key = await visit(spec, runInput === undefined ? undefined : decode(runInput))
      const node = nodes.get(key) as PlanNode
      nodes.set(key, {
        ...node,
        needs: spec.follows.map(({ name, chain, kind }) => ({ name, key: chain.id, kind })),
      })
      await expand()
      grew = true
    }
  }
  return { targets: keys, nodes: [...nodes.values()], input: runInput }
}

/** What a node says of its input, where that is not the run's. */
function ownInput(
  payload: Payload | undefined,
  runInput: Payload | undefined,
): Pick<PlanNode, 'input' | 'noInput'> {
  if (payload === runInput) return {}
  return payload === undefined ? { noInput: true } : { input: payload }
}

function mapped(edge: EdgeSpec, input: unknown, consumer: string): unknown {
  if (edge.input === undefined) return input
  try {
    return edge.input(input)
  } catch (error) {
    throw new CatenaryError(
      'INPUT_INVALID',
      `the input of need "${edge.name}" of chain "${consumer}" could not be derived: ${String(error)}`,
      { cause: error },
    )
  }
}

async function parse(
  { id, input: schema }: ChainSpec,
  given: unknown,
  { clock, validateWithin: within }: PlanOptions,
): Promise<{ readonly value: unknown }> {
  if (schema === undefined) return { value: given }
  return judge(schema, given, { what: `input of chain "${id}"`, code: 'INPUT_INVALID', clock, within })
}
