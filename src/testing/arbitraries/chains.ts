// Chains of any shape, and graphs of them, drawn so that they shrink towards one chain of one step.

import * as fc from 'fast-check'
import { triggerRules } from '../../../machines/trigger-rules.ts'
import type { AnyChain } from '../../chain/any-chain.ts'
import type { StepContext } from '../../definition/context.ts'
import { numberProblem, refuse } from '../given.ts'
import { buildChains } from '../simulation/build.ts'
import type { ChainShape, EdgeShape, EntryShape } from '../simulation/shape.ts'

/** How large drawn chains may be, and what they do. */
export interface AnyChainOptions {
  /** Most entries of one sequence. Default 3. */
  readonly entries?: number
  /** How deep sequences nest. Default 2. */
  readonly depth?: number
  /** What the functions of steps, fallbacks (`a:fallback`) and compensations (`a:compensation`) do. Default their name. */
  readonly does?: (step: string, context: StepContext) => unknown
}

/** How large drawn graphs may be. */
export interface AnyGraphOptions extends AnyChainOptions {
  /** Most chains. Default 4. */
  readonly chains?: number
}

/**
 * Chains of any shape: steps with retries, timeouts, fallbacks and compensation, branches side by side, choices, items,
 * waits, sleeps, calls and loops. For whoever writes something that must do for any chain: a set-up of a supervisor, a
 * store, a view.
 *
 * @example
 * ```ts
 * import * as fc from 'fast-check'
 *
 * await fc.assert(
 *   fc.asyncProperty(anyChain({ depth: 1 }), async (any) => assertHolds(await explore(any, {}, { stories: 1, drawn: 2 }))),
 *   { numRuns: 3 },
 * )
 * ```
 */
export function anyChain(options: AnyChainOptions = {}): fc.Arbitrary<AnyChain> {
  refuse(problemsOf(options))
  return entriesOf(options)
    .map((entries) => shapeOf('drawn', entries))
    .map((shape) => last(build([shape], options), [shape]))
}

/**
 * Graphs of such chains: each may need those before it, by any kind of edge and any trigger rule. The last one is worth
 * running.
 *
 * @example
 * ```ts
 * import * as fc from 'fast-check'
 *
 * fc.assert(fc.property(anyGraph({ chains: 3 }), (all) => all.length <= 3))
 * ```
 */
export function anyGraph(options: AnyGraphOptions = {}): fc.Arbitrary<readonly AnyChain[]> {
  refuse([...problemsOf(options), numberProblem(options.chains, 'chains', { least: 1, whole: true })])
  const { chains: most = 4 } = options
  const node = fc.record({
    entries: entriesOf(options),
    edges: fc.array(
      fc.record({ to: fc.nat(most), kind: fc.constantFrom<EdgeShape['kind']>('hard', 'optional', 'order') }),
      { maxLength: 3 },
    ),
    rule: fc.constantFrom(...triggerRules),
  })
  return fc.array(node, { minLength: 1, maxLength: most }).map((nodes) => {
    const shapes = nodes.map(({ entries, edges, rule }, index): ChainShape => {
      const needs = new Map(
        edges.flatMap(({ to, kind }): [string, EdgeShape][] =>
          to < index ? [[`drawn${to}`, { chain: `drawn${to}`, kind }]] : [],
        ),
      )
      return { ...shapeOf(`drawn${index}`, entries), needs: [...needs.values()], rule }
    })
    const all = [...build(shapes, options).values()].filter(({ id }) => id !== called.id)
    return Object.assign(all, { [fc.toStringMethod]: () => JSON.stringify(shapes) })
  })
}

const called: ChainShape = shapeOf('called', [
  {
    kind: 'step',
    name: 'one',
    attempts: 1,
    backoff: 0,
    compensates: true,
    limited: 0,
    guarded: false,
    fallback: false,
  },
])

function build(
  shapes: readonly ChainShape[],
  { does = (step) => step }: AnyChainOptions,
): ReadonlyMap<string, AnyChain> {
  return buildChains([called, ...shapes], does)
}

function last(all: ReadonlyMap<string, AnyChain>, shapes: readonly ChainShape[]): AnyChain {
  const one = [...all.values()].at(-1) as AnyChain
  return Object.assign(one, { [fc.toStringMethod]: () => JSON.stringify(shapes) })
}

function problemsOf({ entries, depth }: AnyChainOptions): readonly (string | undefined)[] {
  return [
    numberProblem(entries, 'entries', { least: 1, whole: true }),
    numberProblem(depth, 'depth', { least: 0, whole: true }),
  ]
}

function shapeOf(id: string, entries: readonly EntryShape[]): ChainShape {
  return {
    id,
    entries: named(entries),
    needs: [],
    follows: [],
    rule: 'all_success',
    priority: 0,
    returns: false,
  }
}

/** Names by place: unique, and the same for the same shape. */
function named(entries: readonly EntryShape[], above = ''): readonly EntryShape[] {
  return entries.map((entry, index): EntryShape => {
    const name = `${entry.kind}${above}${index}`
    const inner = (list: readonly EntryShape[], branch: number): readonly EntryShape[] =>
      named(list, `${above}${index}${String.fromCodePoint(97 + branch)}`)
    if (entry.kind === 'parallel') return { ...entry, name, branches: entry.branches.map(inner) }
    if (entry.kind === 'choose') return { ...entry, name, cases: entry.cases.map(inner) }
    if (entry.kind === 'repeat') return { ...entry, name, entries: inner(entry.entries, 0) }
    return { ...entry, name }
  })
}

const time = fc.constantFrom(0, 50, 5_000, 3_600_000)
const tried = {
  name: fc.constant(''),
  attempts: fc.integer({ min: 1, max: 4 }),
  backoff: time,
  compensates: fc.boolean(),
  limited: fc.constant(0),
  guarded: fc.constant(false),
}

function entriesOf({ entries = 3, depth = 2 }: AnyChainOptions): fc.Arbitrary<readonly EntryShape[]> {
  const limit = fc.option(fc.constantFrom(500, 30_000), { nil: undefined })
  const withTimeout = <T extends object>(
    of: fc.Arbitrary<T>,
  ): fc.Arbitrary<T & { readonly timeout?: number }> =>
    fc.tuple(of, limit).map(([one, timeout]) => (timeout === undefined ? one : { ...one, timeout }))
  const flat: fc.Arbitrary<EntryShape>[] = [
    withTimeout(fc.record({ kind: fc.constant('step' as const), ...tried, fallback: fc.boolean() })),
    fc.record({ kind: fc.constant('sleep' as const), name: tried.name, ms: time }),
    withTimeout(
      fc.record({
        kind: fc.constant('wait' as const),
        name: tried.name,
        onTimeout: fc.constantFrom('continue' as const, 'fail' as const),
        replies: fc.constant(false),
      }),
    ),
    withTimeout(
      fc.record({
        kind: fc.constant('each' as const),
        ...tried,
        keys: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
        inFlight: fc.integer({ min: 1, max: 3 }),
        onFailure: fc.constantFrom('fail' as const, 'collect' as const),
      }),
    ),
    fc.record({ kind: fc.constant('call' as const), name: tried.name, chain: fc.constant('called') }),
  ]
  // another kind of entry shrinks to the first
  const first = { withCrossShrink: true }
  if (depth < 1) return fc.array(fc.oneof(first, ...flat), { minLength: 1, maxLength: entries })
  const inner = entriesOf({ entries: Math.max(1, entries - 1), depth: depth - 1 })
  const deep: fc.Arbitrary<EntryShape>[] = [
    fc.record({
      kind: fc.constant('parallel' as const),
      name: tried.name,
      onFailure: fc.constantFrom('cancel' as const, 'wait' as const),
      branches: fc.array(inner, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('choose' as const), name: tried.name, cases: fc.tuple(inner, inner) }),
    fc.record({
      kind: fc.constant('repeat' as const),
      name: tried.name,
      rounds: fc.integer({ min: 1, max: 3 }),
      max: fc.constant(3),
      entries: inner,
    }),
  ]
  return fc.array(fc.oneof(first, ...flat, ...deep), { minLength: 1, maxLength: entries })
}
