// What an exploration is given, all that is wrong with it in one error.

import type { AnyChain } from '../../chain/any-chain.ts'
import { collect } from '../../chain/validate.ts'
import { walk } from '../../definition/spec.ts'
import { chainProblem, isObject, numberProblem, refuse, refuseNoChain } from '../given.ts'
import { refuseBadHarness } from '../harness/given.ts'
import { createCast } from '../harness/scripted-chains.ts'
import { isFaultName } from './fault.ts'
import type { ExploreOptions } from './explore.ts'

/** @throws CatenaryError BAD_OPTION */
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
  const also = [
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
    ...transactProblems(chain, options),
  ]
  // a seed is told of once, as one of explorations
  const given = { ...options, seed: undefined }
  refuseBadHarness(chain, given, {
    where: 'explore()',
    more: ['world', 'signals', 'stories', 'drawn', 'script'],
    without: ['app', 'hold', 'occupied', 'now'],
    also,
  })
}

/** What has no database would fail in every run, and nothing after it would be reached. */
function transactProblems(
  chain: AnyChain,
  { steps, needs, chains }: Readonly<Record<string, unknown>>,
): readonly string[] {
  const scripts = isObject(steps) ? steps : {}
  const instead = isObject(needs) ? needs : {}
  const others = Array.isArray(chains) ? (chains as readonly unknown[]) : []
  const all = [
    chain,
    ...others.filter((one): one is AnyChain => chainProblem(one, 'explore()') === undefined),
  ]
  const played = createCast({
    call: ({ real }) => real(),
    decide: (_, __, own) => own,
    given: (id) => (Object.hasOwn(instead, id) ? (): void => {} : undefined),
  })
  const ids = new Set(collect(all.map((one) => played(one).spec)).map(({ id }) => id))
  return collect(all.map(({ spec }) => spec)).flatMap(({ id, entries }) =>
    ids.has(id) && !Object.hasOwn(instead, id)
      ? [...walk(entries)].flatMap((entry) => {
          if (entry.kind !== 'step' || entry.transact === undefined) return []
          const full = `${id}/${entry.name}`
          const short = id === chain.spec.id ? entry.name : full
          const script = scripts[full] ?? scripts[short]
          if (script !== undefined && script !== 'real') return []
          return [
            `"${full}" is a transact step, and an exploration has no database for its own function: give { steps: { ${quoted(short)}: succeed(...) } }`,
          ]
        })
      : [],
  )
}

const quoted = (name: string): string => (/^[a-z_$][\w$]*$/i.test(name) ? name : `'${name}'`)

function scriptProblems(script: unknown): readonly (string | undefined)[] {
  if (script === undefined) return []
  if (!Array.isArray(script)) return ["script is no list: give [{ at: 'charge', does: 'crash' }]"]
  return (script as readonly unknown[]).map((fault, index) =>
    isObject(fault) && typeof fault['at'] === 'string' && isFaultName(fault['does'])
      ? numberProblem(fault['nth'], `nth of fault ${index + 1}`, { least: 1, whole: true })
      : `fault ${index + 1} of the script is none: give { at: 'charge', does: 'crash' }, with a name that a counterexample may have`,
  )
}
