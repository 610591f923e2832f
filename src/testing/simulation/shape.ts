// The shape of generated chains: plain data that says which steps, edges and rules they have.

import { type TriggerRule, triggerRules } from '../../../machines/trigger-rules.ts'
import type { Draw } from './draw.ts'

interface Tried {
  readonly attempts: number
  /** First wait before another attempt (ms); 0 for none. */
  readonly backoff: number
  /** Whether it can be undone. */
  readonly compensates: boolean
  /** What it costs of the limiter that all share; 0 where it passes none. */
  readonly limited: number
  /** Whether the breaker that all share, a deadline and a hedge watch over it. */
  readonly guarded: boolean
}

export type EntryShape =
  | (Tried & {
      readonly kind: 'step'
      readonly name: string
      readonly timeout?: number
      readonly fallback: boolean
      /** It writes a row of the host's in the transaction of its outcome. */
      readonly transacts?: true
      /** Its output is used again for equal input, so long (ms). */
      readonly memo?: number
    })
  | {
      readonly kind: 'parallel'
      readonly name: string
      readonly onFailure: 'cancel' | 'wait'
      readonly branches: readonly (readonly EntryShape[])[]
    }
  | { readonly kind: 'choose'; readonly name: string; readonly cases: readonly (readonly EntryShape[])[] }
  | (Tried & {
      readonly kind: 'each'
      readonly name: string
      readonly keys: readonly string[]
      readonly inFlight: number
      readonly onFailure: 'fail' | 'collect'
      readonly timeout?: number
      /** Over a chain instead of a function. */
      readonly chain?: string
    })
  | {
      readonly kind: 'wait'
      readonly name: string
      readonly timeout?: number
      readonly onTimeout: 'fail' | 'continue'
      /** Whether it replies to its signal. */
      readonly replies: boolean
    }
  | { readonly kind: 'sleep'; readonly name: string; readonly ms: number }
  | { readonly kind: 'call'; readonly name: string; readonly chain: string }
  | {
      readonly kind: 'repeat'
      readonly name: string
      readonly rounds: number
      readonly max: number
      readonly entries: readonly EntryShape[]
    }
  | { readonly kind: 'fail'; readonly name: string }

export interface EdgeShape {
  readonly chain: string
  readonly kind: 'hard' | 'optional' | 'order'
}

export interface ChainShape {
  readonly id: string
  readonly entries: readonly EntryShape[]
  readonly needs: readonly EdgeShape[]
  readonly follows: readonly EdgeShape[]
  readonly rule: TriggerRule
  readonly priority: number
  /** At most so many at once with the same input; absent for any number. */
  readonly limit?: number
  /** How long it may take (ms); absent for any time. */
  readonly deadline?: number
  readonly returns: boolean
  /** Its output is used again by other runs, so long (ms). */
  readonly memo?: number
  /** It is a machine of the user's own instead of entries, which rests for so long (ms). */
  readonly guest?: { readonly rests: number }
}

export interface ShapeOptions {
  readonly chains: number
  /** Most entries of one sequence. */
  readonly entries: number
  /** How deep sequences nest. */
  readonly depth: number
  /** Whether steps may have guards whose state dies with the process, and chains deadlines. Default false. */
  readonly guarded?: boolean
  /** Whether chains may be machines of the user's own. Default false. */
  readonly guests?: boolean
  /** Whether steps may write rows of the host, which takes a store that keeps them. Default false. */
  readonly transacts?: boolean
  /** Whether outputs of steps and chains may be used again. Default false. */
  readonly memos?: boolean
}

/** Chains that others call come first; then a graph in which each needs only chains before it. */
export function drawShapes(draw: Draw, options: ShapeOptions): readonly ChainShape[] {
  const leaves = ['leafA', 'leafB'].map((id) => drawChain(draw, id, options, []))
  const graph: ChainShape[] = []
  for (let index = 0; index < options.chains; index++) {
    graph.push(drawChain(draw, `chain${index}`, options, graph))
  }
  return [...leaves, ...graph]
}

function drawChain(draw: Draw, id: string, options: ShapeOptions, before: readonly ChainShape[]): ChainShape {
  const leaf = id.startsWith('leaf')
  const names = { next: 0 }
  const entries = drawEntries(draw, leaf ? { ...options, entries: 2, depth: 0 } : options, names, !leaf)
  const needs = leaf ? [] : drawEdges(draw, before.slice(-4), 45)
  const limit = leaf || !draw.likely(25) ? undefined : 1 + draw.below(2)
  const follows =
    needs.length === 0 && before.length > 1 && draw.likely(25) ? drawEdges(draw, before, 40) : []
  const guest = !leaf && options.guests === true && draw.likely(20)
  return {
    id,
    entries: guest ? [] : entries,
    ...(guest ? { guest: { rests: draw.pick([0, 700, 20_000]) } } : {}),
    needs,
    follows,
    rule: draw.likely(45) ? draw.pick(triggerRules) : 'all_success',
    priority: draw.below(3),
    ...(limit === undefined ? {} : { limit }),
    ...(options.guarded === true && draw.likely(40) ? { deadline: draw.pick([900, 30_000, 7_200_000]) } : {}),
    returns: draw.likely(30),
    ...(options.memos === true && !leaf && !guest && draw.likely(35) ? { memo: draw.pick(lifetimes) } : {}),
  }
}

/** How long outputs are used again (ms). */
const lifetimes: readonly number[] = [2_000, 60_000, 7_200_000]

function drawEdges(draw: Draw, before: readonly ChainShape[], likely: number): readonly EdgeShape[] {
  const edges: EdgeShape[] = []
  for (const { id } of before) {
    if (!draw.likely(likely)) continue
    edges.push({ chain: id, kind: draw.likely(30) ? draw.pick(['optional', 'order'] as const) : 'hard' })
  }
  return edges
}

const kinds: readonly EntryShape['kind'][] = [
  'step',
  'step',
  'step',
  'sleep',
  'wait',
  'each',
  'each',
  'call',
  'choose',
  'parallel',
  'parallel',
  'repeat',
  'fail',
]

function drawEntries(
  draw: Draw,
  { entries: most, depth, guarded = false, transacts = false, memos = false }: Omit<ShapeOptions, 'chains'>,
  names: { next: number },
  calls: boolean,
): readonly EntryShape[] {
  const inner = (): readonly EntryShape[] =>
    drawEntries(
      draw,
      { entries: Math.max(1, most - 1), depth: depth - 1, guarded, transacts, memos },
      names,
      calls,
    )
  const tried = (): Tried => ({
    attempts: 1 + draw.below(4),
    backoff: draw.pick([0, 50, 1_000, 5_000]),
    compensates: draw.likely(30),
    limited: draw.likely(25) ? 1 + draw.below(2) : 0,
    guarded: guarded && draw.likely(50),
  })
  const timeout = (): { timeout?: number } =>
    draw.likely(40) ? { timeout: draw.pick([500, 5_000, 30_000]) } : {}
  const entry = (): EntryShape => {
    const kind = draw.pick(kinds)
    const name = `${kind}${names.next++}`
    const step = (): EntryShape => ({
      kind: 'step',
      name,
      ...tried(),
      ...timeout(),
      fallback: draw.likely(25),
      ...(transacts && draw.likely(40)
        ? { transacts }
        : memos && draw.likely(50)
          ? { memo: draw.pick(lifetimes), compensates: false }
          : {}),
    })
    switch (kind) {
      case 'step':
        return step()
      case 'sleep':
        return { kind, name, ms: draw.pick([0, 1_000, 10_000, 3_600_000]) }
      case 'wait':
        return {
          kind,
          name,
          ...(draw.likely(50) ? { timeout: draw.pick([1_000, 60_000]) } : {}),
          onTimeout: draw.pick(['continue', 'fail'] as const),
          replies: draw.likely(70),
        }
      case 'each': {
        const keys = Array.from({ length: draw.below(5) }, (_, i) => (i % 2 === 0 ? `k${i}` : `@k/${i}`))
        const over = calls && draw.likely(25) ? { chain: draw.pick(['leafA', 'leafB']) } : timeout()
        const onFailure = draw.pick(['fail', 'collect'] as const)
        return { kind, name, keys, inFlight: 1 + draw.below(3), onFailure, ...tried(), ...over }
      }
      case 'call':
        return calls ? { kind, name, chain: draw.pick(['leafA', 'leafB']) } : step()
      case 'choose':
        return depth < 1 ? step() : { kind, name, cases: [inner(), inner()] }
      case 'parallel':
        if (depth < 1) return step()
        return {
          kind,
          name,
          onFailure: draw.pick(['cancel', 'wait'] as const),
          branches: Array.from({ length: 1 + draw.below(3) }, inner),
        }
      case 'repeat': {
        if (depth < 1) return step()
        const rounds = 1 + draw.below(3)
        return { kind, name, rounds, max: draw.likely(15) ? 1 : 3, entries: inner() }
      }
      case 'fail':
        return draw.likely(40) ? { kind, name } : step()
    }
  }
  return Array.from({ length: 1 + draw.below(most) }, entry)
}

/** Every entry of a sequence and of all that is nested in it. */
export function* walkShapes(entries: readonly EntryShape[]): Generator<EntryShape> {
  for (const entry of entries) {
    yield entry
    const inside =
      entry.kind === 'parallel'
        ? entry.branches
        : entry.kind === 'choose'
          ? entry.cases
          : entry.kind === 'repeat'
            ? [entry.entries]
            : []
    for (const sequence of inside) yield* walkShapes(sequence)
  }
}
