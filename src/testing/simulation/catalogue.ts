// The chains of a seed: generated once for each of some hundred kinds of seeds, and kept.

import type { AnyChain } from '../../chain/any-chain.ts'
import { createRandom } from '../../kernel/random.ts'
import { buildChains } from './build.ts'
import { drawFrom } from './draw.ts'
import { type ChainShape, drawShapes } from './shape.ts'

interface Catalogue {
  readonly shapes: readonly ChainShape[]
  readonly chains: ReadonlyMap<string, AnyChain>
}

// compiling chains costs more than running them
const kinds = 400
const catalogues = new Map<number, Catalogue>()

export function catalogueOf(seed: number): Catalogue {
  const kind = seed % kinds
  let catalogue = catalogues.get(kind)
  if (catalogue === undefined) {
    const draw = drawFrom(createRandom(kind + 0.5))
    const shapes = drawShapes(draw, {
      chains: 3 + draw.below(4),
      entries: 3,
      depth: 2,
      guarded: draw.likely(50),
      guests: true,
    })
    catalogues.set(kind, (catalogue = { shapes, chains: buildChains(shapes) }))
  }
  return catalogue
}
