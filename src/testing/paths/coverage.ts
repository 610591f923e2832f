// How much of a chain's machine tests have visited: of its states, its transitions, and those that are for recovery.

import type { AnyChain } from '../../chain/any-chain.ts'
import { compile } from '../../chain/compile.ts'
import { label, partsOf } from './machine-parts.ts'
import { covered } from './registry.ts'

/** So many of so many. */
export interface Share {
  readonly visited: number
  readonly all: number
}

/** What is visited of one version of a chain's machine. */
export interface Coverage {
  readonly chain: string
  readonly version: string
  readonly states: Share
  readonly transitions: Share
  /** Transitions by which what goes wrong is dealt with. */
  readonly recovery: Share
  /** What no test has visited: states by path, transitions as `from --on--> to`. */
  readonly missing: readonly string[]
}

/**
 * What the harnesses of this process have visited of a chain's machine up to now: by runs of its own, and by runs of
 * chains that need or call it. Transitions that nothing can take do not count, such as the failure of a decision in
 * which nothing is the author's.
 *
 * @example
 * ```ts
 * const greet = chain('greet').step('ask', () => 'who?')
 * const t = await harness(greet)
 * await (await t.attempt('ask')).succeed('Ada')
 * console.log(coverage(greet).missing.includes('ask --failed--> failed')) // true
 * ```
 */
export function coverage(chain: AnyChain): Coverage {
  const compiled = compile(chain.spec)
  const { id } = chain
  const found = covered().find((one) => one.chain === id && one.version === compiled.version)
  const { states, transitions } = partsOf(compiled)
  const wasIn = (state: string): boolean => found?.states.has(state) ?? false
  const wasTaken = (one: { readonly id: string }): boolean => found?.transitions.has(one.id) ?? false
  const recovery = transitions.filter((one) => one.recovery)
  return {
    chain: id,
    version: compiled.version,
    states: { visited: states.filter(wasIn).length, all: states.length },
    transitions: { visited: transitions.filter(wasTaken).length, all: transitions.length },
    recovery: { visited: recovery.filter(wasTaken).length, all: recovery.length },
    missing: [
      ...states.filter((state) => !wasIn(state)),
      ...transitions.filter((one) => !wasTaken(one)).map((one) => label(one)),
    ],
  }
}
