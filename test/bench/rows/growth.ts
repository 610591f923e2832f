// Whether a large graph costs more per chain than a small one: one run of 100, 1,000 and 10,000 chains.

import { chain } from '../../../src/index.ts'
import type { AnyChain } from '../../../src/index.ts'
import { createRandom } from '../../../src/kernel/random.ts'
import { type Line, lineOf } from '../line.ts'
import { type Row, type Terms, sized } from '../row.ts'
import {
  type Keeping,
  durabilityOf,
  freshStore,
  nothing,
  processorTime,
  supervise,
  wallTime,
} from '../workload.ts'

const width = 25
const degree = 3
/** Fewer than a layer is wide, so that chains wait and priorities are heeded. */
const slots = 16

export const growth: Row = {
  name: 'growth',
  title: 'Time per chain as one run grows',
  method:
    `One run over a fixed layered graph, ${width} chains a layer, each needing ${degree} of the layer before, ` +
    `${slots} slots, longest path first; from start() to the end of the run, against 100 chains; in memory, processor time.`,
  cases: (size) =>
    (['memory', 'full'] as const).map((keeping) => ({
      name: durabilityOf[keeping],
      measure: async (terms: Terms) =>
        measure(keeping, terms, [100, 1_000, 10_000].slice(0, sized(size, { quick: 1, usual: 3 }))),
    })),
}

async function measure(
  keeping: Keeping,
  { folder, turns }: Terms,
  counts: readonly number[],
): Promise<readonly Line[]> {
  const of = { durability: durabilityOf[keeping] }
  const lines: Line[] = []
  const sides = []
  for (const count of counts) {
    const chains = layered(count)
    const before = performance.now()
    const supervisor = await supervise(chains, freshStore(folder, keeping), slots)
    const made = performance.now() - before
    lines.push(lineOf({ ...of, case: `${digitsOf(count)} chains`, figure: 'ms to create', samples: [made] }))
    sides.push({ count, chains, supervisor, samples: [] as number[] })
  }
  for (let turn = -1; turn < turns; turn++) {
    for (const { count, chains, supervisor, samples } of sides) {
      // one large run measures a thousand small ones' work at once; the small ones are repeated instead
      const times = Math.max(1, Math.ceil(1_000 / count))
      const work = async (): Promise<void> => {
        for (let time = 0; time < times; time++) await supervisor.run(chains.slice(-width))
      }
      const seconds = keeping === 'memory' ? await processorTime(work) : await wallTime(work)
      if (turn >= 0) samples.push((seconds * 1e6) / count / times)
    }
  }
  const [smallest] = sides
  for (const { count, supervisor, samples } of sides) {
    await supervisor.stop()
    lines.push(
      lineOf({
        ...of,
        case: `${digitsOf(count)} chains`,
        figure: keeping === 'memory' ? 'us CPU a chain' : 'us a chain',
        samples,
        ...(smallest === undefined || count === smallest.count
          ? {}
          : { floor: { is: '100 chains', samples: smallest.samples } }),
        ...(count === 10_000 ? { bar: { of: 'ratio', most: 1.3 } } : {}),
      }),
    )
  }
  return lines
}

function layered(count: number): readonly AnyChain<undefined>[] {
  const random = createRandom(7)
  const chains: AnyChain<undefined>[] = []
  for (let at = 0; at < count; at++) {
    const begun = chain(`chain-${at}`)
    const layer = Math.floor(at / width)
    const needs: Record<string, AnyChain<undefined>> = {}
    while (layer > 0 && Object.keys(needs).length < degree) {
      const upstream = chains[(layer - 1) * width + Math.floor(random() * width)] as AnyChain<undefined>
      needs[upstream.id] = upstream
    }
    chains.push(begun.needs(needs).step('work', nothing))
  }
  return chains
}

const digitsOf = (count: number): string => count.toLocaleString('en-US')
