// How good the order is in which slots are given: the makespan of random graphs in virtual time, over the least possible.

import { chain, createSupervisor } from '../../../src/index.ts'
import type { AnyChain } from '../../../src/index.ts'
import { createMemoryStore } from '../../../src/journal/memory-store.ts'
import { createRandom } from '../../../src/kernel/random.ts'
import { type VirtualClock, createVirtualClock } from '../../../src/testing/virtual-clock.ts'
import { lineOf } from '../line.ts'
import { type Row, sized } from '../row.ts'
import { createQueue } from '../queue.ts'

const slots = 8

export const schedule: Row = {
  name: 'schedule',
  title: 'Makespan of random graphs on 8 slots',
  method:
    'Layered graphs of 40 to 160 chains with random needs and durations (1 to 100, a tenth of them ten times that), run ' +
    'by the engine in virtual time; the longer of critical path and work over slots is the least possible. Learned: the ' +
    'second run, after the first has shown how long each chain takes. First come, first served: slots in plenty, and a ' +
    'queue of 8 in front of the steps.',
  cases: (size) => [
    {
      name: 'layered graphs',
      async measure() {
        const graphs = Array.from({ length: sized(size, { quick: 1, usual: 40 }) }, (_, at) =>
          layered(at + 1),
        )
        const learned: number[] = []
        const untaught: number[] = []
        const firstCome: number[] = []
        for (const graph of graphs) {
          const [first = 0, second = 0] = await makespans(graph, 'by rank', 2)
          const [served = 0] = await makespans(graph, 'first come', 1)
          untaught.push(first / graph.least)
          learned.push(second / graph.least)
          firstCome.push(served / graph.least)
        }
        const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length
        const of = { case: `${graphs.length} graphs`, durability: '-', figure: 'over the least' }
        return [
          lineOf({
            ...of,
            case: 'learned, mean of all',
            samples: [mean(learned)],
            floor: { is: 'first come', samples: [mean(firstCome)] },
            bar: { of: 'value', most: 1.09 },
          }),
          lineOf({ ...of, case: 'learned', samples: learned }),
          lineOf({ ...of, case: 'not learned yet', samples: untaught }),
          lineOf({ ...of, case: 'first come, first served', samples: firstCome }),
        ]
      },
    },
  ],
}

interface Graph {
  readonly nodes: readonly {
    readonly id: string
    readonly takes: number
    readonly needs: readonly number[]
  }[]
  /** No order is shorter. */
  readonly least: number
}

function layered(seed: number): Graph {
  const random = createRandom(seed)
  const draw = (below: number): number => Math.floor(random() * below)
  const layers = 4 + draw(8)
  const nodes: { id: string; takes: number; needs: number[] }[] = []
  let before: number[] = []
  for (let layer = 0; layer < layers; layer++) {
    const own: number[] = []
    for (let at = 0, width = 6 + draw(14); at < width; at++) {
      const count = layer === 0 ? 0 : 1 + draw(3)
      const needs = new Set(Array.from({ length: count }, () => before[draw(before.length)] ?? 0))
      const takes = (1 + draw(100)) * (draw(10) === 0 ? 10 : 1)
      own.push(nodes.push({ id: `chain-${nodes.length}`, takes, needs: [...needs] }) - 1)
    }
    before = own
  }
  const ends: number[] = []
  for (const { takes, needs } of nodes)
    ends.push(takes + Math.max(0, ...needs.map((need) => ends[need] ?? 0)))
  const work = nodes.reduce((sum, { takes }) => sum + takes, 0)
  return { nodes, least: Math.max(...ends, work / slots) }
}

/** How long so many runs of the graph take, one after the other. */
async function makespans(
  graph: Graph,
  order: 'by rank' | 'first come',
  runs: number,
): Promise<readonly number[]> {
  const clock = createVirtualClock()
  const queue = createQueue(order === 'first come' ? slots : Infinity)
  const chains: AnyChain<undefined>[] = []
  for (const { id, takes, needs } of graph.nodes) {
    const upstreams = Object.fromEntries(
      needs.map((need) => [`n${need}`, chains[need] as AnyChain<undefined>]),
    )
    chains.push(
      chain(id)
        .needs(upstreams)
        .step('work', async () => queue(async () => passing(clock, takes))),
    )
  }
  const supervisor = await createSupervisor({
    chains,
    store: createMemoryStore(),
    clock,
    concurrency: order === 'by rank' ? slots : 1_000,
  })
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const before = clock.now()
    const ended = supervisor.settled(chains).then(() => clock.now())
    let end: number | undefined
    void ended.then((at) => (end = at))
    for (await clock.settle(); end === undefined;) await clock.next()
    times.push(end - before)
  }
  await supervisor.stop({ drain: 0 })
  return times
}

async function passing(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.at(clock.now() + ms, resolve))
}
