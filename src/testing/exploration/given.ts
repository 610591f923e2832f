// What an exploration is given, all that is wrong with it in one error.

import { collect } from '../../chain/validate.ts'
import { walk } from '../../definition/spec.ts'
import { isObject, numberProblem, refuse, refuseNoChain } from '../given.ts'
import { isFaultName } from './fault.ts'
import type { ExploreOptions } from './explore.ts'

/** @throws CatenaryError BAD_OPTION; what concerns the harness, that refuses. */
export function refuseBadExploration(chain: unknown, invariants: unknown, options: unknown): void {
  refuseNoChain(chain, 'explore()')
  if (!isObject(invariants) || !isObject(options))
    return refuse([
      isObject(invariants)
        ? undefined
        : "explore() takes invariants as an object: give { 'what holds': ({ world }) => ... }, or {}",
      isObject(options) ? undefined : 'explore() takes options as an object: give { world, signals, ... }',
    ])
  const {
    stories,
    drawn,
    seed,
    script,
    world,
    signals = {},
  } = options as Partial<Record<keyof ExploreOptions, unknown>>
  const waits = collect([chain.spec]).flatMap(({ entries }) => [...walk(entries)])
  const known = waits.filter(({ kind }) => kind === 'wait').map(({ name }) => name)
  refuse([
    ...Object.entries(invariants).map(([name, holds]) =>
      typeof holds === 'function' ? undefined : `invariant "${name}" is no function: give ({ world }) => ...`,
    ),
    numberProblem(stories, 'stories', { least: 0, whole: true }),
    numberProblem(drawn, 'drawn', { least: 0, whole: true }),
    numberProblem(seed, 'seed', { whole: true }),
    world === undefined || typeof world === 'function'
      ? undefined
      : 'world is no function: give one that makes it anew for each run, such as () => []',
    ...(isObject(signals)
      ? Object.keys(signals).map((name) =>
          known.includes(name)
            ? undefined
            : `signals has "${name}", for which no step waits: they wait for ${known.join(', ') || 'none'}`,
        )
      : ['signals is no object: give what they bring, by name']),
    ...scriptProblems(script),
  ])
}

function scriptProblems(script: unknown): readonly (string | undefined)[] {
  if (script === undefined) return []
  if (!Array.isArray(script)) return ["script is no list: give [{ at: 'charge', does: 'crash' }]"]
  return (script as readonly unknown[]).map((fault, index) =>
    isObject(fault) && typeof fault['at'] === 'string' && isFaultName(fault['does'])
      ? numberProblem(fault['nth'], `nth of fault ${index + 1}`, { least: 1, whole: true })
      : `fault ${index + 1} of the script is none: give { at: 'charge', does: 'crash' }, with a name that a counterexample may have`,
  )
}
