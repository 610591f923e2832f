// Which chains hang together: by what they need, follow and call. Two trials never run in one such component.

import type { Place } from './suggestion.ts'
import type { Declared } from './tunables.ts'

/** Names the component that a place is in; all of them, where a change holds for the whole process. */
export type ComponentOf = (place: Place) => string | undefined

export function componentsOf({ chains }: Declared): ComponentOf {
  const parents = new Map(chains.map(({ id }) => [id, id]))
  const root = (id: string): string => {
    let at = id
    for (let up = parents.get(at); up !== undefined && up !== at; up = parents.get(at)) at = up
    return at
  }
  const join = (one: string, other: string): void => void parents.set(root(one), root(other))
  for (const { id, needs, steps, ...rest } of chains) {
    const { follows = [] } = rest as { readonly follows?: readonly { readonly chain: string }[] }
    for (const { chain } of [...needs, ...follows]) join(id, chain)
    for (const { chain } of steps) if (chain !== undefined) join(id, chain)
  }
  return ({ chain, limiter }) => (limiter === undefined && parents.has(chain) ? root(chain) : undefined)
}

/** Whether trials at both places could not be told apart. */
export function wouldMix(one: Place, other: Place, of: ComponentOf): boolean {
  const [a, b] = [of(one), of(other)]
  return a === undefined || b === undefined || a === b
}
