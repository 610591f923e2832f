// Plans a run when it is accepted: which chains it takes, with which inputs, and what each needs.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { ChainSpec, EdgeSpec } from '../../definition/spec.ts'
import type { Payload } from '../../journal/event.ts'
import type { PlanEdge, PlanNode } from '../../journal/run-plan.ts'
import { canonical, decode, hash } from '../../kernel/codec.ts'
import type { Clock } from '../../kernel/clock.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { inWords } from '../../kernel/failure.ts'
import { judge } from './judge.ts'
import { encodeGiven } from '../payloads.ts'
import { atOnce } from '../../execution/at-once.ts'

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
  /** The key of each chain by its input's text. */
  const taken = new Map<string, Map<string, string>>()
  const encoded = createEncoder(options.maxPayload)
  const open: Visit[] = []
  let runInput: Payload | undefined
  let runValue: unknown
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
    const { payload, text, value } = encoded(parsed, `input of chain "${spec.id}"`)
    if (first) [runInput, runValue] = [payload, value]
    first = false
    const alike = taken.get(text) ?? new Map<string, string>()
    const known = alike.get(spec.id)
    if (known !== undefined) return known
    const key = nodes.has(spec.id) ? `${spec.id}~${hash(text).slice(0, 8)}` : spec.id
    taken.set(text, alike.set(spec.id, key))
    nodes.set(key, {
      key,
      chain: spec.id,
      version: chain.version,
      needs: [],
      rule: spec.rule,
      ...(spec.ready === undefined ? {} : { ready: spec.ready.map(({ id }) => id) }),
      ...ownInput(payload, runInput),
    })
    open.push({ spec, key, input: value })
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
      const key = await visit(spec, runValue)
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

/** Without the needs that the config leaves out: what is no longer waited for is still done. */
export function withoutDropped(
  nodes: readonly PlanNode[],
  isDropped: (chain: string, name: string) => boolean,
): readonly PlanNode[] {
  return nodes.map((node) => {
    const dropped = node.needs.filter(({ name }) => isDropped(node.chain, name))
    if (dropped.length === 0) return node
    const needs = node.needs.filter((edge) => !dropped.includes(edge))
    return { ...node, needs, dropped: dropped.map(({ name }) => name) }
  })
}

interface Encoded {
  readonly payload: Payload | undefined
  readonly text: string
  /** As a restart would read it. */
  readonly value: unknown
}

const absent: Encoded = { payload: undefined, text: '', value: undefined }

/** Most chains of a run have the run's input: what came out of here once is not encoded again. */
function createEncoder(maxPayload: number): (value: unknown, what: string) => Encoded {
  const known = new Map<unknown, Encoded>()
  return (value, what) => {
    const before = known.get(value)
    if (before !== undefined) return before
    const payload = encodeGiven(value, what, maxPayload)
    if (payload === undefined) return absent
    const fresh = { payload, text: canonical(value), value: decode(payload) }
    // not under the author's own value, which may be another the next time
    known.set(fresh.value, fresh)
    return fresh
  }
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
    return atOnce(edge.input(input), 'its function')
  } catch (error) {
    throw new CatenaryError(
      'INPUT_INVALID',
      `the input of need "${edge.name}" of chain "${consumer}" could not be derived: ${inWords(error)}`,
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
