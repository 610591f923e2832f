// Adds up what many seeds of the simulation came to, keeping only what failed, and says so.

import { type Invariant, invariants } from '../../src/testing/simulation/proof.ts'
import type { SimulationResult } from '../../src/testing/simulation/simulate.ts'

/** What every seed has to come to, or it proves little. */
const least = { chains: 3, events: 30, crashes: 1 } as const
type Counted = keyof typeof least

/** How often each invariant is put to the test at least, over as many seeds as claim to prove something. */
export const proof = { seeds: 100_000, hits: 1_000 } as const

export interface Failed {
  readonly seed: number
  readonly invariant: string
  readonly message: string
}

export interface Tally {
  readonly seeds: number
  readonly failed: readonly Failed[]
  add(result: SimulationResult): void
  /** A seed that came to no result. */
  lose(seed: number, why: string): void
  /** Invariants whose precondition came about less often than `proof` wants. */
  untested(): readonly string[]
  print(seconds: number): void
}

const mostMessages = 20
const command = (seed: number): string => `npm run simulate -- --seed ${seed} --verbose`

export function createTally(): Tally {
  const names = Object.keys(invariants) as Invariant[]
  const hits = new Map<Invariant, number>(names.map((name) => [name, 0]))
  const features = new Map<string, number>()
  const total = { runs: 0, events: 0, crashes: 0 }
  const fewest = { chains: Infinity, events: Infinity, crashes: Infinity }
  const failed: Failed[] = []
  let seeds = 0

  const fail = (seed: number, invariant: string, message: string): void => {
    failed.push({ seed, invariant, message: message.slice(0, 4_000) })
  }
  return {
    get seeds() {
      return seeds
    },
    failed,
    add(result) {
      seeds++
      for (const name of names) hits.set(name, (hits.get(name) ?? 0) + result.hits[name])
      for (const one of result.features) features.set(one, (features.get(one) ?? 0) + 1)
      for (const one of Object.keys(total) as (keyof typeof total)[]) total[one] += result[one]
      for (const one of Object.keys(least) as Counted[]) fewest[one] = Math.min(fewest[one], result[one])
      const { seed, breach } = result
      if (breach !== undefined) return fail(seed, breach.invariant, breach.message)
      const short = (Object.keys(least) as Counted[]).filter((one) => result[one] < least[one])
      if (short.length > 0)
        fail(seed, 'size', short.map((one) => `only ${result[one]} ${one} of ${least[one]}`).join(', '))
    },
    lose(seed, why) {
      seeds++
      fail(seed, 'result', why)
    },
    untested: () =>
      names.filter((name) => (hits.get(name) ?? 0) < proof.hits).map((name) => `${name} ${hits.get(name)}`),
    print(seconds) {
      console.log(`\n${'put to the test'.padStart(15)}  invariant`)
      for (const name of names) console.log(`${String(hits.get(name)).padStart(15)}  ${invariants[name]}`)
      console.log(`\n${'seeds with it'.padStart(15)}  feature`)
      for (const [name, times] of [...features].toSorted(([a], [b]) => (a < b ? -1 : 1)))
        console.log(
          `${String(times).padStart(15)}  ${name}${times * 50 < seeds ? ' (less than 2 of 100 seeds)' : ''}`,
        )
      console.log(
        `\n${seeds} seeds, ${total.runs} runs, ${total.events} events, ${total.crashes} crashes ` +
          `in ${seconds.toFixed(1)} s (${(seeds / seconds).toFixed(1)} seeds/s)`,
      )
      console.log(
        `each seed: at least ${fewest.chains} chains, ${fewest.events} events, ${fewest.crashes} crashes`,
      )
      const few = this.untested()
      if (few.length > 0) console.log(`put to the test less than ${proof.hits} times: ${few.join(', ')}`)
      failed.sort((a, b) => a.seed - b.seed)
      for (const { seed, message } of failed.slice(0, mostMessages))
        console.log(`\nseed ${seed} breaks: ${message}\n  again: ${command(seed)}`)
      if (failed.length > mostMessages) console.log(`\nand ${failed.length - mostMessages} more`)
      for (const [name, of] of Map.groupBy(failed, ({ invariant }) => invariant))
        console.log(`${of.length} seeds break ${name}: ${of.map(({ seed }) => seed).join(' ')}`)
      console.log(`${seeds - failed.length} passed, ${failed.length} failed`)
    },
  }
}
