// The chains of a seed: generated once for all seeds of a kind that come one after the other.

import type { AnyChain } from '../../chain/any-chain.ts'
import { createRandom } from '../../kernel/random.ts'
import { buildChains } from './build.ts'
import { drawFrom } from './draw.ts'
import { type ChainShape, drawShapes } from './shape.ts'

interface Catalogue {
  readonly shapes: readonly ChainShape[]
  readonly chains: ReadonlyMap<string, AnyChain>
}

/**
 * How many kinds of worlds there are among the seeds of a block. Of those, seeds that differ by a multiple of it share
 * their chains, which cost more to compile than to run: who runs many seeds runs them kind by kind.
 */
export const kinds = 4_000
const block = 100_000
// what is kept for longer than it is used is walked by every collection of garbage
const mostKept = 8
const catalogues = new Map<number, Catalogue>()

export function catalogueOf(seed: number): Catalogue {
  const kind = (seed % kinds) + Math.floor(seed / block) * kinds
  let catalogue = catalogues.get(kind)
  if (catalogue === undefined) {
    const draw = drawFrom(createRandom(kind + 0.5))
    const shapes = drawShapes(draw, {
      chains: 3 + draw.below(4),
      entries: 3,
      depth: 2,
      guarded: draw.likely(50),
      guests: true,
      transacts: draw.likely(35),
      memos: draw.likely(35),
    })
    const [oldest] = catalogues.keys()
    if (oldest !== undefined && catalogues.size >= mostKept) catalogues.delete(oldest)
    catalogues.set(kind, (catalogue = { shapes, chains: buildChains(shapes) }))
  }
  return catalogue
}
