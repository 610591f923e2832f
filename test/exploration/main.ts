// `npm run explore -- --shapes N [--seed S] [--stories N] [--drawn N]`: explores N drawn chains, and says what breaks.

import { parseArgs } from 'node:util'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { explore } from '../../src/testing.ts'
import { buildChains } from '../../src/testing/simulation/build.ts'
import { drawFrom } from '../../src/testing/simulation/draw.ts'
import { drawShapes } from '../../src/testing/simulation/shape.ts'

const { values } = parseArgs({
  options: {
    shapes: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    stories: { type: 'string', default: '150' },
    drawn: { type: 'string', default: '50' },
  },
})
const first = Number(values.seed)
const sums = { shapes: 0, runs: 0, faults: 0, broken: 0 }
for (let seed = first; seed < first + Number(values.shapes); seed++) {
  const draw = drawFrom(createRandom(seed))
  const shapes = drawShapes(draw, {
    chains: 1 + draw.below(3),
    entries: 3,
    depth: 2,
    guarded: seed % 2 === 0,
  })
  const target = [...buildChains(shapes, (step) => step).values()].at(-1) as AnyChain
  const found = await explore(
    target,
    {},
    {
      stories: Number(values.stories),
      drawn: Number(values.drawn),
      seed,
    },
  )
  sums.shapes++
  sums.runs += found.stories
  sums.faults += found.faults
  if (found.counterexample === undefined) continue
  sums.broken++
  console.log(`shape ${seed}:\n${String(found)}\n${JSON.stringify(shapes)}`)
}
const { shapes, runs, faults, broken } = sums
console.log(`${shapes} shapes, ${runs} runs, ${faults} faults, ${broken} broken`)
process.exitCode = broken === 0 ? 0 : 1
