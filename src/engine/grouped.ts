// Which chains' runs may hold a place in a concurrency group, or be at work on a memo: a restart looks at those also where they sleep.

import type { CompiledChain } from '../definition/compiled-chain.ts'

/** Ids of the chains that are limited or memoised themselves, or whose runs take in one that is: as a need, or because it follows. */
export function groupedTargets(chains: ReadonlyMap<string, CompiledChain>): readonly string[] {
  const limited = [...chains.values()].filter(
    ({ spec }) => spec.concurrency !== undefined || spec.memo !== undefined,
  )
  const found = new Set(limited.map(({ spec }) => spec.id))
  if (found.size === 0) return []
  for (let before = -1; before < found.size;) {
    before = found.size
    for (const { spec } of chains.values()) {
      if (spec.needs.some(({ chain }) => found.has(chain.id))) found.add(spec.id)
      if (found.has(spec.id)) for (const { chain } of spec.follows) found.add(chain.id)
    }
  }
  return [...found]
}
