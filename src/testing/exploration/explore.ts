// Looks for a way to break what must hold of a chain: every fault at every place that its runs come to, then several.

import { AssertionError } from 'node:assert'
import type { AnyChain, InputOf, OutputOf } from '../../chain/any-chain.ts'
import { compile } from '../../chain/compile.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { HarnessOptions } from '../harness/harness.ts'
import { atlasOf } from '../paths/coverage.ts'
import { label } from '../paths/machine-parts.ts'
import type { Visited } from '../paths/visited.ts'
import { counterexampleOf, usual } from './counterexample.ts'
import { type Exploration, explorationText } from './exploration.ts'
import type { Fault } from './fault.ts'
import { refuseBadExploration } from './given.ts'
import type { Invariant } from './seen.ts'
import { search } from './search.ts'
import { shrink } from './shrink.ts'
import { type Setting, settingOf } from './setting.ts'
import { type Fate, type Story, fateOf, tell } from './story.ts'

/** How a chain is explored; `steps`, `needs`, `input` and what `createSupervisor` takes are as in a harness. */
export interface ExploreOptions<World = unknown, In = unknown> extends Omit<
  HarnessOptions<In>,
  'app' | 'hold' | 'occupied' | 'now'
> {
  /**
   * Makes what steps are given as `app`, anew for each run that is looked at: what the author's own functions write to,
   * and invariants read. Default nothing.
   */
  readonly world?: () => World
  /** What signals bring, by name. One that is not here and has no schema brings nothing; one with a schema never comes. */
  readonly signals?: Readonly<Record<string, unknown>>
  /** Decides what is random: jitter, and which faults come together. Default 1. */
  readonly seed?: number
  /** Most runs with one fault, or with those that lead to a place and one more there. Default 1,000. */
  readonly stories?: number
  /** Runs with several faults drawn by seed, after those. Default 100. */
  readonly drawn?: number
  /** Only these faults, in one run: what a counterexample says, to replay it. */
  readonly script?: readonly Fault[]
}

/**
 * Runs a chain again and again, in the real engine on virtual time, and lets one thing go wrong in each run: at every
 * place that its runs come to, the attempt fails, hangs, is late, or its process dies before or after its effect; the
 * run is cancelled or paused; a signal comes early, twice or never; no slot is free; a commit breaks. Places that only
 * come after a fault are explored by that fault and one more. Then it draws several at once. It stops at the first run
 * in which something does not hold, and makes that shorter.
 *
 * Steps do what you wrote, on a `world` of your own; so they must not wait for real time, input or output. Beside your
 * invariants these hold of every run: it ends, or waits for something that has a name; what was committed does not run
 * again; what was begun is undone, the last first; what was accepted is not lost.
 *
 * @throws CatenaryError BAD_OPTION, and what `harness` throws
 * @example
 * ```ts
 * let charged: string[] = []
 * const pay = chain('pay').step('charge', () => void charged.push('Ada'), { attempts: 3 })
 * const found = await explore(
 *   pay,
 *   { 'a customer is charged once': ({ world }) => world.length <= 1 },
 *   { world: () => (charged = []) },
 * )
 * console.log(found.counterexample?.script[0]?.does) // crash-after-effect
 * ```
 */
export async function explore<C extends AnyChain, World = undefined>(
  chain: C,
  invariants: Readonly<Record<string, Invariant<World, OutputOf<C>>>> = {},
  options: ExploreOptions<World, InputOf<C>> = {},
): Promise<Exploration> {
  refuseBadExploration(chain, invariants, options)
  const { world, signals = {}, seed = 1, stories = 1_000, drawn = 100, script, ...rest } = options
  const setting = settingOf(chain, signals, {
    options: { ...usual, ...withoutUndefined(rest), seed },
    world: world ?? ((): undefined => undefined),
    invariants,
  })
  const tally = { stories: 0, faults: 0, visited: { states: new Set(), transitions: new Set() } as Visited }
  const run = async (fate: Fate, placedAfter?: number): Promise<Story> => {
    const story = await tell(setting, fate, placedAfter)
    tally.stories++
    tally.faults += story.faults.length
    const of = story.visited.get(chain.id)
    for (const state of of?.states ?? []) tally.visited.states.add(state)
    for (const transition of of?.transitions ?? []) tally.visited.transitions.add(transition)
    return story
  }
  const searched =
    script === undefined
      ? await search(run, { seed, stories, drawn })
      : { story: await run(fateOf(script)), places: 0, leftOut: 0 }
  const { story, places, leftOut } = searched
  const shortest =
    story?.broken === undefined || script !== undefined
      ? story
      : await shrink(story, async (faults) => run(fateOf(faults)))
  return asExploration(setting, {
    seed,
    stories: tally.stories,
    faults: tally.faults,
    places,
    leftOut,
    ...partsOf(chain, tally.visited),
    counterexample: shortest && (await counterexampleOf(setting, shortest, { seed, given: rest })),
  })
}

/**
 * Throws where an exploration has found that something does not hold, with all that is needed to see it again.
 *
 * @throws AssertionError whose message is the exploration as text; CatenaryError BAD_OPTION
 * @example
 * ```ts
 * const greet = chain('greet').step('ask', () => 'who?', { attempts: 3, timeout: '1s' })
 * assertHolds(await explore(greet))
 * ```
 */
export function assertHolds(exploration: Exploration): void {
  if (typeof (exploration as Partial<Exploration> | undefined)?.stories !== 'number')
    throw new CatenaryError(
      'BAD_OPTION',
      'assertHolds() takes what explore() has found: give await explore(...)',
    )
  const { counterexample } = exploration
  if (counterexample === undefined) return
  throw new AssertionError({
    message: String(exploration),
    actual: counterexample.message,
    expected: counterexample.invariant,
  })
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function asExploration({ chain }: Setting, found: Omit<Exploration, 'chain' | 'toString'>): Exploration {
  const all = { chain: chain.id, ...found }
  return { ...all, toString: () => explorationText(all) }
}

function partsOf(chain: AnyChain, visited: Visited): Pick<Exploration, 'states' | 'transitions' | 'missing'> {
  if (chain.spec.guest !== undefined) return { states: undefined, transitions: undefined, missing: [] }
  const { ways, ...all } = atlasOf(compile(chain.spec))
  // what only a caller leads to, no run of its own comes to
  const states = all.states.filter((state) => ways.get(state)?.called !== true)
  const transitions = all.transitions.filter(({ id }) => ways.get(id)?.called !== true)
  const unseen = states.filter((state) => !visited.states.has(state))
  const untaken = transitions.filter(({ id }) => !visited.transitions.has(id))
  return {
    states: { visited: states.length - unseen.length, all: states.length },
    transitions: { visited: transitions.length - untaken.length, all: transitions.length },
    missing: [...unseen, ...untaken.map(label)],
  }
}
