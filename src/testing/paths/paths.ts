// Ways through a chain's machine: the shortest to each of its states and transitions, and those without a loop to its ends.

import type { AnyChain } from '../../chain/any-chain.ts'
import { compile } from '../../chain/compile.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { type KnownOptions, refuseUnknownOptions } from '../../kernel/known-options.ts'
import { refuseNoChain } from '../given.ts'
import { type Edge, explore, type Exploration, type Place } from './explore.ts'

/** A way through a machine. */
export interface Path {
  /** What happens, in words, in order: `fetch fails`, `fetch: retry`, `fetch:backoff is due`. */
  readonly happens: readonly string[]
  /** The same as the machine's events. */
  readonly events: readonly { readonly type: string }[]
  /** The active states at its end, by path. */
  readonly to: readonly string[]
  /** Only of a chain that another one calls. */
  readonly called: boolean
}

export interface Paths {
  readonly paths: readonly Path[]
  /** Whether these are all: false where there were more than the bounds allow. */
  readonly complete: boolean
}

export interface PathsOptions {
  /** Most configurations of the machine that are looked at. Default 1,000. */
  readonly mostStates?: number
  /** Most paths. Default 1,000. */
  readonly mostPaths?: number
  /** Most steps from one configuration to the next that `simplePaths()` takes as it looks for paths. Default 1,000,000. */
  readonly mostSteps?: number
}

const defaults = { mostStates: 1_000, mostPaths: 1_000, mostSteps: 1_000_000 }

/**
 * A shortest way to each configuration of the chain's machine, the shortest first, with all that can happen to it as
 * events: successes, failures, timers, signals, slots, lost processes, a cancel.
 *
 * @throws CatenaryError BAD_OPTION for a chain of a machine of your own
 * @example
 * ```ts
 * const greet = chain('greet').step('ask', () => 'who?')
 * const { paths } = shortestPaths(greet)
 * console.log(paths.find(({ to }) => to.includes('failed'))?.happens.join(', ')) // ask fails
 * ```
 */
export function shortestPaths(chain: AnyChain, options: PathsOptions = {}): Paths {
  refuseNoChain(chain, 'shortestPaths()')
  const { mostStates, mostPaths } = bounds(options)
  const { places, complete } = explore(compile(chain.spec), { most: mostStates })
  const paths = places.slice(0, mostPaths).map((place) => pathOf(wayTo(place), place))
  return { paths, complete: complete && paths.length === places.length }
}

/**
 * All ways to the ends of the chain's machine that come to no configuration twice. They are many where branches run side
 * by side, so it ends with the first of its bounds that is reached: raise that where `complete` is false and you want more.
 *
 * @throws CatenaryError BAD_OPTION for a chain of a machine of your own
 * @example
 * ```ts
 * const greet = chain('greet').step('ask', () => 'who?')
 * const { paths, complete } = simplePaths(greet)
 * console.log(paths.length, complete) // 4 true
 * ```
 */
export function simplePaths(chain: AnyChain, options: PathsOptions = {}): Paths {
  refuseNoChain(chain, 'simplePaths()')
  const { mostStates, mostPaths, mostSteps } = bounds(options)
  const { places, complete } = explore(compile(chain.spec), { most: mostStates, depthFirst: true })
  const toEnds = leadingToEnds(places)
  const paths: Path[] = []
  let steps = 0
  for (const start of places) {
    if (start.from !== undefined) continue
    if (start.final) paths.push(pathOf([], start))
    const on = new Set([start])
    // a list of its own instead of calls in calls: a path may be longer than the stack is deep
    const way: { readonly edge: Edge | undefined; readonly place: Place; next: number }[] = []
    way.push({ edge: undefined, place: start, next: 0 })
    for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
      const edge = last.place.edges[last.next++]
      if (edge === undefined) {
        on.delete(last.place)
        way.pop()
        continue
      }
      if (on.has(edge.to) || !toEnds.has(edge.to)) continue
      if (steps++ >= mostSteps) return { paths, complete: false }
      if (!edge.to.final) {
        on.add(edge.to)
        way.push({ edge, place: edge.to, next: 0 })
        continue
      }
      if (paths.length >= mostPaths) return { paths, complete: false }
      const edges = way.flatMap((one) => one.edge ?? [])
      paths.push(pathOf([...edges, edge], edge.to))
    }
  }
  return { paths, complete }
}

/** The places from which an end can be reached: none lies behind a place whose ways were cut off. */
function leadingToEnds(places: readonly Place[]): ReadonlySet<Place> {
  const before = new Map<Place, Place[]>()
  for (const place of places)
    for (const { to } of place.edges) {
      const list = before.get(to)
      if (list === undefined) before.set(to, [place])
      else list.push(place)
    }
  // a set goes on to what is added while it is gone through
  const leading = new Set(places.filter(({ final }) => final))
  for (const place of leading) for (const one of before.get(place) ?? []) leading.add(one)
  return leading
}

/** A way to each state by path, and one that takes each transition by id: the first that was found. */
export function waysTo({ places }: Exploration): ReadonlyMap<string, Path> {
  const ways = new Map<string, Path>()
  const add = (part: string, way: () => Path): void => {
    if (!ways.has(part)) ways.set(part, way())
  }
  for (const place of places) {
    for (const state of place.states) add(state, () => pathOf(wayTo(place), place))
    for (const edge of place.edges)
      for (const part of [...edge.transitions, ...edge.states])
        add(part, () => pathOf([...wayTo(place), edge], edge.to))
  }
  return ways
}

function wayTo(place: Place): readonly Edge[] {
  const way: Edge[] = []
  for (let { from } = place; from !== undefined; from = from.place.from) way.push(from.edge)
  return way.reverse()
}

function pathOf(edges: readonly Edge[], { states, called }: Place): Path {
  return {
    happens: edges.map(({ words }) => words),
    events: edges.map(({ event }) => event),
    to: states,
    called,
  }
}

const known: KnownOptions<PathsOptions> = { mostStates: true, mostPaths: true, mostSteps: true }

function bounds(options: PathsOptions): Required<PathsOptions> {
  refuseUnknownOptions(options, known, 'paths')
  const all = { ...defaults, ...options }
  for (const [name, value] of Object.entries(all))
    if (!Number.isInteger(value) || value < 1)
      throw new CatenaryError('BAD_OPTION', `${name} is ${value}: give a whole number from 1`)
  return all
}
