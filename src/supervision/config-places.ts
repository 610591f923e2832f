// What can be tuned, by name: the chains of a supervisor, their steps and needs, limiters and breakers.

import { type ChainSpec, type EdgeSpec, walk } from '../definition/spec.ts'
import type { Config, StepTuning } from './config.ts'

/** Says what is wrong with one entry of a config; undefined where there is such a place. */
export interface ConfigPlaces {
  step(name: string, tuning: StepTuning): string | undefined
  chain(id: string): string | undefined
  edge(name: string): string | undefined
  limiter(id: string): string | undefined
  breaker(id: string): string | undefined
}

interface Known {
  readonly pure: boolean
  readonly each: boolean
}

export function placesOf(specs: readonly ChainSpec[]): ConfigPlaces {
  const chains = new Set(specs.map(({ id }) => id))
  const steps = new Map<string, Known>()
  const edges = new Map<string, { readonly edge: EdgeSpec; readonly of: ChainSpec }>()
  const limiters = new Set<string>()
  const breakers = new Set<string>()
  for (const spec of specs) {
    for (const edge of spec.needs) edges.set(`${spec.id}<-${edge.name}`, { edge, of: spec })
    for (const entry of walk(spec.entries)) {
      if (entry.kind !== 'step' && entry.kind !== 'each') continue
      const { pure, memo, limit, breaker } = entry.options
      const name = `${spec.id}/${entry.name}`
      steps.set(name, { pure: pure || memo !== undefined, each: entry.kind === 'each' })
      if (limit !== undefined) limiters.add(limit.by.id)
      if (breaker !== undefined) breakers.add(breaker.by.id)
    }
  }
  const missing = (what: string, known: Iterable<string>): string => {
    const names = [...known]
    if (names.length === 0) return `there is no such ${what}, nor any other`
    return `there is no such ${what}: name one of ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}`
  }
  return {
    step(name, { memo, inFlight }) {
      // a step's fallback or compensation is tuned as `step:part`
      const known = steps.get(name.split(':')[0] ?? name)
      if (known === undefined) return missing('step', steps.keys())
      if (memo !== undefined && !known.pure)
        return 'memo is only for steps that say they are pure: say { pure: true } where it is defined'
      if (inFlight !== undefined && !known.each) return 'inFlight is only for an each: leave it out'
      return undefined
    },
    chain: (id) => (chains.has(id) ? undefined : missing('chain', chains)),
    edge(name) {
      const known = edges.get(name)
      return known === undefined ? missing('need', edges.keys()) : undroppable(known.edge, known.of)
    },
    limiter: (id) => (limiters.has(id) ? undefined : missing('limiter', limiters)),
    breaker: (id) => (breakers.has(id) ? undefined : missing('breaker', breakers)),
  }
}

/** A rule other than the default judges how its upstreams ended: without one of them it would be another rule. */
function undroppable({ kind }: EdgeSpec, { rule }: ChainSpec): string | undefined {
  if (kind === 'hard' && rule !== 'all_success')
    return `its chain judges it by the rule "${rule}": change that in code`
  return undefined
}

/** The names of a config that have another meaning, or none, than before. */
export function strangePlaces(next: Config, before: Config, places: ConfigPlaces): readonly string[] {
  const found: string[] = []
  const judge = <T>(
    what: string,
    entries: Readonly<Record<string, T>>,
    known: Readonly<Record<string, T>>,
    problem: (name: string, value: T) => string | undefined,
  ): void => {
    for (const [name, value] of Object.entries(entries)) {
      // what is there already may be of another deployment: nothing of it is read
      const why = known[name] === value ? undefined : problem(name, value)
      if (why !== undefined) found.push(`${what}["${name}"]: ${why}`)
    }
  }
  judge('steps', next.steps, before.steps, (name, tuning) => places.step(name, tuning))
  judge('chains', next.chains, before.chains, (id) => places.chain(id))
  judge('edges', next.edges, before.edges, (name) => places.edge(name))
  judge('limiters', next.limiters, before.limiters, (id) => places.limiter(id))
  judge('breakers', next.breakers, before.breakers, (id) => places.breaker(id))
  return found
}
