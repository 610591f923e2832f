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
}

const defaults = { mostStates: 1_000, mostPaths: 1_000 }

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
  const { places, complete } = explore(compile(chain.spec), mostStates)
  const paths = places.slice(0, mostPaths).map((place) => pathOf(wayTo(place), place))
  return { paths, complete: complete && paths.length === places.length }
}

/**
 * All ways to the ends of the chain's machine that come to no configuration twice; they are many where branches run side
 * by side, so bounded.
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
  const { mostStates, mostPaths } = bounds(options)
  const exploration = explore(compile(chain.spec), mostStates)
  const paths: Path[] = []
  let complete = exploration.complete
  const seen = new Set<Place>()
  const edges: Edge[] = []
  const walk = (place: Place): void => {
    if (!complete && paths.length >= mostPaths) return
    if (place.final) {
      if (paths.length >= mostPaths) complete = false
      else paths.push(pathOf(edges, place))
      return
    }
    seen.add(place)
    for (const edge of place.edges) {
      if (seen.has(edge.to)) continue
      edges.push(edge)
      walk(edge.to)
      edges.pop()
    }
    seen.delete(place)
  }
  for (const place of exploration.places) if (place.from === undefined) walk(place)
  return { paths, complete }
}

/** A shortest way to each state by path, and one that takes each transition by id. */
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

const known: KnownOptions<PathsOptions> = { mostStates: true, mostPaths: true }

function bounds(options: PathsOptions): Required<PathsOptions> {
  refuseUnknownOptions(options, known, 'paths')
  const { mostStates, mostPaths } = { ...defaults, ...options }
  for (const [name, value] of Object.entries({ mostStates, mostPaths }))
    if (!Number.isInteger(value) || value < 1)
      throw new CatenaryError('BAD_OPTION', `${name} is ${value}: give a whole number from 1`)
  return { mostStates, mostPaths }
}
