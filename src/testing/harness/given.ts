// What a harness is given, all that is wrong with it in one error.

import type { AnyChain } from '../../chain/any-chain.ts'
import { collect, validateChains } from '../../chain/validate.ts'
import { knownOfSupervisors } from '../../engine/options.ts'
import { type KnownOptions, unknownOptions } from '../../kernel/known-options.ts'
import { chainProblem, isObject, numberProblem, refuse } from '../given.ts'
import type { HarnessOptions } from './harness.ts'
import { scriptProblems } from './script-problems.ts'

// it has both of its own
const { store: _, clock: __, ...ofSupervisors } = knownOfSupervisors
const known: KnownOptions<HarnessOptions> = {
  steps: true,
  input: true,
  needs: true,
  hold: true,
  occupied: true,
  now: true,
  seed: true,
  start: true,
  ...ofSupervisors,
}

/** Who else takes what a harness takes. */
interface Taker {
  /** Names it. */
  readonly where: string
  /** Options besides. */
  readonly more: readonly string[]
  /** Those of a harness that it does not take. */
  readonly without: readonly string[]
  /** Those besides that are true or false. */
  readonly flags?: readonly string[]
  /** What is wrong besides. */
  readonly also?: readonly (string | undefined)[]
}

/** @throws CatenaryError BAD_OPTION, BAD_DEFINITION */
export function refuseBadHarness(
  chain: unknown,
  given: unknown,
  { where, more, without, flags = [], also = [] }: Taker = { where: 'harness()', more: [], without: [] },
): void {
  const noChain = chainProblem(chain, where)
  if (noChain !== undefined || !isObject(given))
    return refuse([
      noChain,
      isObject(given) ? undefined : `${where} takes options as an object: give { steps, needs, ... }`,
    ])
  const { chains = [], steps, needs = {}, now, seed, concurrency } = given
  const others: readonly unknown[] | undefined = Array.isArray(chains) ? chains : undefined
  const otherProblems = others?.map((one) => chainProblem(one, 'chains of a harness')) ?? [
    'chains of a harness is no list: give [chain]',
  ]
  const all = [chain, ...(otherProblems.every((one) => one === undefined) ? (others ?? []) : [])]
  const family = all as readonly AnyChain[]
  const ids = new Set(collect(family.map(({ spec }) => spec)).map(({ id }) => id))
  const names = [...Object.keys(known).filter((name) => !without.includes(name)), ...more]
  refuse([
    unknownOptions(given, Object.fromEntries(names.map((name) => [name, true] as const)), where),
    ...otherProblems,
    ...scriptProblems(steps, family, where),
    ...(isObject(needs)
      ? Object.keys(needs).map((id) =>
          ids.has(id)
            ? id === family[0]?.id
              ? `needs has "${id}", which is the chain under test itself: give what chains that it needs or calls are instead`
              : undefined
            : `needs has "${id}", which no chain here needs or calls: there are ${[...ids].join(', ')}`,
        )
      : ['needs is no object: give outputs, or scripts, by the ids of chains']),
    numberProblem(now, 'now', { least: 0 }),
    numberProblem(seed, 'seed'),
    // all slots are taken by a chain of the harness, which would be blamed
    numberProblem(concurrency, 'concurrency', { least: 1, whole: true }),
    ...['hold', 'occupied', ...flags].map((name) =>
      given[name] === undefined || typeof given[name] === 'boolean'
        ? undefined
        : `${name} is neither true nor false`,
    ),
    ...also,
  ])
  // before scripts stand in for what is wrong
  validateChains(family, collect(family.map(({ spec }) => spec)))
}
