// Workers that simulate seeds, kind by kind; one that dies or hangs loses its seed and nothing else.

import { availableParallelism } from 'node:os'
import { setInterval } from 'node:timers'
import { Worker } from 'node:worker_threads'
import { kinds } from '../../src/testing/simulation/catalogue.ts'
import type { SimulationResult } from '../../src/testing/simulation/simulate.ts'

export interface Hearer {
  add(result: SimulationResult): void
  lose(seed: number, why: string): void
}

/** Longer than any seed takes (ms), the first ones on a busy machine too. */
const patience = 180_000
// most objects of a seed are dead before they would have to be moved
const youngGeneration = 160

/** Seeds that share their chains, together. */
function* sharesOf(first: number, count: number): Generator<readonly number[]> {
  for (let kind = 0; kind < Math.min(kinds, count); kind++) {
    const seeds: number[] = []
    for (let seed = first + kind; seed < first + count; seed += kinds) seeds.push(seed)
    yield seeds
  }
}

/** Simulates `count` seeds from `first` on as many threads as the machine has cores; goes on over seeds that fail. */
export async function simulateAll(first: number, count: number, hearer: Hearer): Promise<void> {
  const shares = sharesOf(first, count)
  const workers = Math.max(1, Math.min(availableParallelism(), Math.ceil(count / 50)))
  await Promise.all(Array.from({ length: workers }, async () => keepAtIt(shares, hearer)))
}

async function keepAtIt(shares: Generator<readonly number[]>, hearer: Hearer): Promise<void> {
  let left: number[] = []
  const next = (): number | undefined => {
    if (left.length === 0) left = [...(shares.next().value ?? [])]
    return left.shift()
  }
  for (let seed = next(); seed !== undefined;) {
    const lost = await workFrom(seed, next, hearer)
    if (lost === undefined) return
    hearer.lose(lost.seed, lost.why)
    seed = next()
  }
}

/** @returns the seed at which the worker came to its end, or undefined when all was done. */
async function workFrom(
  first: number,
  next: () => number | undefined,
  hearer: Hearer,
): Promise<{ readonly seed: number; readonly why: string } | undefined> {
  let seed = first
  let since = performance.now()
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: youngGeneration },
  })
  worker.postMessage(seed)
  return new Promise((resolve) => {
    const watchdog = setInterval(() => {
      if (performance.now() - since > patience) lose('it came to no end')
    }, 1_000)
    const end = (lost?: string): void => {
      clearInterval(watchdog)
      resolve(lost === undefined ? undefined : { seed, why: lost })
      void worker.terminate()
    }
    const lose = (why: string): void => end(`its thread was lost: ${why}`)
    worker.on('error', (error: Error) => lose(error.stack ?? error.message))
    worker.on('message', (result: SimulationResult) => {
      hearer.add(result)
      since = performance.now()
      const following = next()
      if (following === undefined) return end()
      seed = following
      worker.postMessage(seed)
    })
  })
}
