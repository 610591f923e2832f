// How much of a chain's machine tests have visited, and for what they have not, how to come there.

import type { AnyChain } from '../../chain/any-chain.ts'
import { compile } from '../../chain/compile.ts'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { refuseNoChain } from '../given.ts'
import { bySituation, explore } from './explore.ts'
import { label, type MachineParts, partsOf } from './machine-parts.ts'
import { type Path, waysTo } from './paths.ts'
import { covered } from './registry.ts'

/** So many of so many. */
export interface Share {
  readonly visited: number
  readonly all: number
}

/** A state or a transition that no test has visited. */
export interface Missing {
  /** The state's path, or `from --on--> to`. */
  readonly part: string
  /** What has to happen to come there, in order; undefined where many long branches side by side are too much to find out. */
  readonly by: readonly string[] | undefined
}

/** What is visited of one version of a chain's machine. */
export interface Coverage {
  readonly chain: string
  readonly version: string
  readonly states: Share
  readonly transitions: Share
  /** Transitions by which what goes wrong is dealt with. */
  readonly recovery: Share
  /** What no test has visited. */
  readonly missing: readonly Missing[]
  /** The same as lines for people: what is visited, and each part that is not, with what has to happen. */
  toString(): string
}

/** Situations of a machine that are looked at for the ways to its parts. */
const mostSituations = 5_000
/** Configurations, where that leaves a part without a way. */
const mostStates = 1_000

/** A machine's parts, and the ways to them. */
export interface Atlas extends MachineParts {
  readonly ways: ReadonlyMap<string, Path>
}

const atlases = new WeakMap<CompiledChain, Atlas>()

export function atlasOf(compiled: CompiledChain): Atlas {
  let atlas = atlases.get(compiled)
  if (atlas === undefined) {
    atlas = charted(compiled, partsOf(compiled))
    atlases.set(compiled, atlas)
  }
  return atlas
}

function charted(compiled: CompiledChain, parts: MachineParts): Atlas {
  const all = [...parts.states, ...parts.transitions.map(({ id }) => id)]
  const near = waysTo(explore(compiled, { most: mostSituations, telling: bySituation, parts: all }))
  if (all.every((part) => near.has(part))) return { ...parts, ways: near }
  const exploration = explore(compiled, { most: mostStates })
  const ways = new Map([...waysTo(exploration), ...near])
  // a chain that only waits has a state for its failure that nothing can come to
  const states = exploration.complete ? parts.states.filter((state) => ways.has(state)) : parts.states
  return { ...parts, states, ways }
}

/**
 * What the harnesses of this process have visited of a chain's machine up to now: by runs of its own, and by runs of
 * chains that need or call it. Transitions that nothing can take do not count, such as the failure of a decision in
 * which nothing is the author's; nor do states that nothing can come to, such as the failure of a chain that only waits.
 *
 * @throws CatenaryError BAD_OPTION for a chain of a machine of your own
 * @example
 * ```ts
 * const greet = chain('greet-once').step('ask', () => 'who?')
 * const t = await harness(greet)
 * await (await t.attempt('ask')).succeed('Ada')
 * const failed = coverage(greet).missing.find(({ part }) => part === 'ask --failed--> failed')
 * console.log(failed?.by?.join(', ')) // ask fails
 * ```
 */
export function coverage(chain: AnyChain): Coverage {
  refuseNoChain(chain, 'coverage()')
  const compiled = compile(chain.spec)
  const { states, transitions, ways } = atlasOf(compiled)
  const { version } = compiled
  const found = covered().find((one) => one.chain === chain.id && one.version === version)
  const wasIn = (state: string): boolean => found?.states.has(state) ?? false
  const wasTaken = ({ id }: { readonly id: string }): boolean => found?.transitions.has(id) ?? false
  const recovery = transitions.filter((one) => one.recovery)
  const shares = {
    states: { visited: states.filter(wasIn).length, all: states.length },
    transitions: { visited: transitions.filter(wasTaken).length, all: transitions.length },
    recovery: { visited: recovery.filter(wasTaken).length, all: recovery.length },
  }
  const missing = [
    ...states
      .filter((state) => !wasIn(state))
      .map((state) => ({ part: state, by: ways.get(state)?.happens })),
    ...transitions
      .filter((one) => !wasTaken(one))
      .map((one) => ({ part: label(one), by: ways.get(one.id)?.happens })),
  ]
  return {
    chain: chain.id,
    version,
    ...shares,
    missing,
    toString: () =>
      [
        `${chain.id}: ${Object.entries(shares)
          .map(([name, { visited, all }]) => `${visited} of ${all} ${name}`)
          .join(', ')}`,
        ...missing.map(({ part, by }) => `  ${part}${by === undefined ? '' : `  by: ${by.join(', ')}`}`),
      ].join('\n'),
  }
}
