// Builds real chains from shapes, with the builder that authors use; their steps ask `app` what to do.

import type { AnyChain } from '../../chain/any-chain.ts'
import { breaker } from '../../chain/breaker.ts'
import { chain } from '../../chain/create-chain.ts'
import { limiter } from '../../chain/limiter.ts'
import { optional, orderOnly } from '../../chain/edge.ts'
import type { StepContext } from '../../definition/context.ts'
import type { HostDatabase } from '../../definition/host-database.ts'
import { buildGuest } from './guest.ts'
import type { ChainShape, EntryShape } from './shape.ts'

/** What chains of a simulation are given as `app`. */
export interface SimulatedApp {
  /**
   * Does what the world holds for this attempt; `name` is the step's, with `:fallback` for a substitute, and with
   * `:compensation` for what undoes it.
   */
  perform(name: string, context: StepContext): unknown
  /** The same at once, with a row of the host written to `db`. */
  write(name: string, db: HostDatabase, context: StepContext): unknown
}

/** The builder without its types, which a generated chain cannot have. */
interface Untyped {
  step(name: string, body: (context: StepContext) => unknown, options: object): Untyped
  transact(name: string, body: (db: HostDatabase, context: StepContext) => unknown, options: object): Untyped
  parallel(name: string, branches: Record<string, (fragment: Untyped) => Untyped>, options: object): Untyped
  choose(name: string, build: (choice: UntypedChoice) => UntypedChoice): Untyped
  each(name: string, items: () => readonly string[], body: unknown, options: object): Untyped
  wait(name: string, schema: undefined, options: object): Untyped
  sleep(name: string, ms: number): Untyped
  call(name: string, callee: unknown, input: unknown): Untyped
  repeat(name: string, body: (fragment: Untyped) => Untyped, options: object): Untyped
  fail(reason: string, name: string): Untyped
  needs(upstreams: object, options: object): Untyped
  follows(upstreams: object, options: object): Untyped
  returns(of: (scope: { readonly steps: object }) => unknown): Untyped
}

interface UntypedChoice {
  when(guard: () => boolean, build: (fragment: Untyped) => Untyped): UntypedChoice
  otherwise(build: (fragment: Untyped) => Untyped): UntypedChoice
}

/** What the functions of a built chain do, by their names. */
type Does = SimulatedApp['perform']

const askApp: Does = (name, context) => (context.app as SimulatedApp).perform(name, context)

/** The chains of these shapes by id. @param does what their functions do. Default what `app` says. */
export function buildChains(
  shapes: readonly ChainShape[],
  does: Does = askApp,
): ReadonlyMap<string, AnyChain> {
  const chains = new Map<string, AnyChain>()
  for (const shape of shapes) chains.set(shape.id, build(shape, chains, does))
  return chains
}

function build(shape: ChainShape, chains: ReadonlyMap<string, AnyChain>, does: Does): AnyChain {
  const { limit, priority } = shape
  const grouped = { key: (input: never) => JSON.stringify(input), limit: limit ?? 1 }
  const options = {
    priority,
    ...(limit === undefined ? {} : { concurrency: grouped }),
    ...(shape.deadline === undefined ? {} : { deadline: shape.deadline }),
    ...(shape.memo === undefined ? {} : { memo: { ttl: shape.memo } }),
  }
  const begun =
    shape.guest === undefined ? chain(shape.id, options) : buildGuest(shape.id, shape.guest, options)
  let built = begun as unknown as Untyped
  const upstreams = (edges: ChainShape['needs']): object =>
    Object.fromEntries(edges.map((edge) => [edge.chain, edgeOf(edge, chains)]))
  if (shape.needs.length > 0) built = built.needs(upstreams(shape.needs), { when: shape.rule })
  if (shape.follows.length > 0) built = built.follows(upstreams(shape.follows), { when: shape.rule })
  built = sequence(built, shape.entries, { chains, does })
  if (shape.returns && shape.guest === undefined)
    built = built.returns(({ steps }) => Object.keys(steps).toSorted())
  return built as unknown as AnyChain
}

function edgeOf(
  { chain: id, kind }: ChainShape['needs'][number],
  chains: ReadonlyMap<string, AnyChain>,
): unknown {
  const upstream = chains.get(id) as AnyChain
  if (kind === 'optional') return optional(upstream)
  if (kind === 'order') return orderOnly(upstream)
  return upstream
}

// what they count lives in the supervisors that run the chains
const sharedLimiter = limiter('shared', { inFlight: 3, rate: 40, per: '1s' })
const sharedBreaker = breaker('shared', { window: 6, minimum: 3, openFor: '5s' })

/** What a memoised step of a simulation depends on. */
const memoKey = ({ input }: { readonly input: unknown }): unknown => input ?? null

const triedOf = ({ attempts, backoff }: { readonly attempts: number; readonly backoff: number }) => ({
  attempts,
  backoff: { initial: backoff, jitter: backoff === 50 ? ('none' as const) : ('full' as const) },
})

const replyTo = ({ signal }: { readonly signal: { readonly id: string } }): object => ({ to: signal.id })

function guardsOf({ limited, guarded }: { readonly limited: number; readonly guarded: boolean }): object {
  return {
    ...(limited === 0 ? {} : { limit: { by: sharedLimiter, cost: limited } }),
    ...(guarded ? { breaker: sharedBreaker, deadline: '20s', hedge: { after: '2s' }, idempotent: true } : {}),
  }
}

function sequence(
  onto: Untyped,
  entries: readonly EntryShape[],
  of: { readonly chains: ReadonlyMap<string, AnyChain>; readonly does: Does },
): Untyped {
  const { chains, does } = of
  const fragment = (inner: readonly EntryShape[]) => (empty: Untyped) => sequence(empty, inner, of)
  const perform = (name: string) => (context: StepContext) => does(name, context)
  const write = (name: string) => (db: HostDatabase, context: StepContext) =>
    (context.app as SimulatedApp).write(name, db, context)
  const tried = (entry: Extract<EntryShape, { readonly attempts: number }>): object => ({
    ...triedOf(entry),
    ...('timeout' in entry && entry.timeout !== undefined ? { timeout: entry.timeout } : {}),
    // a chain that each item runs has steps of its own to limit
    ...('chain' in entry ? {} : guardsOf(entry)),
  })
  const undo = ({ name, compensates }: { readonly name: string; readonly compensates: boolean }): object =>
    compensates ? { compensate: { run: perform(`${name}:compensation`), backoff: { initial: 50 } } } : {}
  let built = onto
  for (const entry of entries) {
    const { name } = entry
    switch (entry.kind) {
      case 'step': {
        const fallback = entry.fallback ? { fallback: perform(`${name}:fallback`) } : {}
        const { memo: ttl } = entry
        const memo = ttl === undefined ? {} : { memo: { ttl, key: memoKey } }
        if (entry.transacts === true) {
          const { attempts, backoff } = triedOf(entry)
          const options = { attempts, backoff, ...fallback, ...undo(entry) }
          built = built.transact(name, write(name), options)
        } else
          built = built.step(name, perform(name), { ...tried(entry), ...fallback, ...undo(entry), ...memo })
        break
      }
      case 'parallel':
        built = built.parallel(
          name,
          Object.fromEntries(entry.branches.map((inner, index) => [`b${index}`, fragment(inner)])),
          { onFailure: entry.onFailure },
        )
        break
      case 'choose':
        built = built.choose(name, (choice) =>
          choice
            .when(() => name.length % 2 === 0, fragment(entry.cases[0] ?? []))
            .otherwise(fragment(entry.cases[1] ?? [])),
        )
        break
      case 'each': {
        const body =
          entry.chain === undefined
            ? (_: string, context: StepContext) => perform(name)(context)
            : chains.get(entry.chain)
        const { inFlight, onFailure } = entry
        const key = (item: string): string => item
        const options = { ...tried(entry), inFlight, onFailure, key }
        const compensate = (_: string, context: StepContext) => perform(`${name}:compensation`)(context)
        const undone = entry.compensates && entry.chain === undefined ? { compensate } : {}
        built = built.each(name, () => entry.keys, body, { ...options, ...undone })
        break
      }
      case 'wait':
        built = built.wait(name, undefined, {
          ...(entry.timeout === undefined ? {} : { timeout: entry.timeout }),
          onTimeout: entry.onTimeout,
          ...(entry.replies ? { reply: replyTo } : {}),
        })
        break
      case 'sleep':
        built = built.sleep(name, entry.ms)
        break
      case 'call':
        built = built.call(name, chains.get(entry.chain), { from: name })
        break
      case 'repeat':
        built = built.repeat(name, fragment(entry.entries), {
          until: ({ round }: { readonly round: number }) => round >= entry.rounds,
          max: entry.max,
        })
        break
      case 'fail':
        built = built.fail(`${name} says no`, name)
        break
    }
  }
  return built
}
