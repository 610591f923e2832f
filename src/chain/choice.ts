// Collects the cases of a `choose`, with the union of what they return.

import type { Scope } from '../definition/context.ts'
import type { ChooseSpec, EntrySpec } from '../definition/spec.ts'
import type { Io } from './any-chain.ts'
import type { Chain } from './chain.ts'
import type { Returning } from './outputs.ts'

/** A choice with nothing to add: some case is always taken. */
export interface Chosen<R> {
  readonly '~chosen': { readonly output: R }
}

/** A choice so far; where no case holds it returns undefined, unless there is an `otherwise`. */
export interface Choice<I extends Io, N, S, R> extends Chosen<R | undefined> {
  /** Takes this case if the guard holds and none before it did. Guards read recorded data, at once. */
  when<B>(
    guard: (scope: Scope<I['out'], N, S>) => boolean,
    build: (fragment: Chain<I, N, S, undefined>) => Returning<B>,
  ): Choice<I, N, S, R | B>
  /** Takes this case if no other holds. */
  otherwise<B>(build: (fragment: Chain<I, N, S, undefined>) => Returning<B>): Chosen<R | B>
}

/** @param fragment gives the entries that an author's callback adds to an empty chain. */
export function collectCases(
  build: (choice: never) => unknown,
  fragment: (build: unknown) => readonly EntrySpec[],
): Pick<ChooseSpec, 'cases' | 'otherwise'> {
  const cases: ChooseSpec['cases'][number][] = []
  let otherwise: readonly EntrySpec[] = []
  const choice = {
    when(guard: unknown, of: unknown) {
      cases.push({ when: guard as ChooseSpec['cases'][number]['when'], entries: fragment(of) })
      return choice
    },
    otherwise(of: unknown) {
      otherwise = fragment(of)
      return choice
    },
  }
  build(choice as never)
  return { cases, otherwise }
}
