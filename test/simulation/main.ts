// `npm run simulate -- --seeds N [--seed S] [--verbose] [--money]`: simulates N seeded worlds, and prints what was put to
// the test; with `--money`, N worlds of orders against a ledger that fails.

import { availableParallelism } from 'node:os'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { type Invariant, invariants } from '../../src/testing/simulation/proof.ts'
import { type SimulationResult, simulate } from '../../src/testing/simulation/simulate.ts'

interface Share {
  readonly from: number
  readonly to: number
  readonly stride: number
}

const command = (seed: number): string => `npm run simulate -- --seed ${seed} --verbose`

async function work({ from, to, stride }: Share): Promise<void> {
  for (let seed = from; seed < to; seed += stride) parentPort?.postMessage(await simulate(seed), [])
}

async function share(first: number, count: number, hear: (result: SimulationResult) => void): Promise<void> {
  const workers = Math.max(1, Math.min(availableParallelism(), Math.ceil(count / 50)))
  await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      const data: Share = { from: first + index, to: first + count, stride: workers }
      const worker = new Worker(new URL(import.meta.url), { workerData: data })
      worker.on('message', hear)
      await new Promise<void>((resolve, reject) => {
        worker.on('error', reject)
        worker.on('exit', () => resolve())
      })
    }),
  )
}

function print(results: readonly SimulationResult[], seconds: number): void {
  const sum = (of: (result: SimulationResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0)
  const least = (of: (result: SimulationResult) => number): number => Math.min(...results.map(of))
  console.log(`\n${'put to the test'.padStart(15)}  invariant`)
  for (const name of Object.keys(invariants) as Invariant[]) {
    console.log(`${String(sum(({ hits }) => hits[name])).padStart(15)}  ${invariants[name]}`)
  }
  console.log(
    `\n${results.length} seeds, ${sum(({ runs }) => runs)} runs, ${sum(({ events }) => events)} events, ` +
      `${sum(({ crashes }) => crashes)} crashes in ${seconds.toFixed(1)} s (${(results.length / seconds).toFixed(0)} seeds/s)`,
  )
  console.log(
    `each seed: at least ${least(({ chains }) => chains)} chains, ${least(({ events }) => events)} events, ` +
      `${least(({ crashes }) => crashes)} crashes`,
  )
  const broken = results.filter(({ breach }) => breach !== undefined).sort((a, b) => a.seed - b.seed)
  for (const { seed, breach } of broken.slice(0, 20)) {
    console.log(`\nseed ${seed} breaks: ${breach?.message}\n  again: ${command(seed)}`)
  }
  if (broken.length > 20) console.log(`\nand ${broken.length - 20} more`)
  const kinds = Map.groupBy(broken, ({ breach }) => breach?.invariant)
  for (const [name, of] of kinds)
    console.log(
      `${of.length} seeds break ${name}: ${of
        .slice(0, 8)
        .map(({ seed }) => seed)
        .join(' ')}`,
    )
  console.log(`${results.length - broken.length} passed, ${broken.length} failed`)
  if (broken.length > 0) process.exitCode = 1
}

/** Orders against a ledger that fails; under vitest, which gives examples the sources under the package's name. */
function countMoney(first: number, count: number): void {
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
  const env = { ...process.env, CATENARY_MONEY_SEED: String(first), CATENARY_MONEY: String(count) }
  const args = [vitest, 'run', 'test/simulation/money.test.ts']
  process.exitCode = spawnSync(process.execPath, args, { env, stdio: 'inherit' }).status ?? 1
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      money: { type: 'boolean', default: false },
    },
  })
  const first = Number(values.seed ?? 1)
  const count = Number(values.seeds ?? (values.seed === undefined ? 150 : 1))
  if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
    console.error('give whole numbers: npm run simulate -- --seeds 2000 [--seed 1] [--verbose]')
    process.exitCode = 2
    return
  }
  if (values.money) return countMoney(first, count)
  const begun = performance.now()
  const results: SimulationResult[] = []
  if (count === 1) {
    results.push(await simulate(first, values.verbose ? { narrate: (line) => console.log(line) } : {}))
  } else await share(first, count, (result) => results.push(result))
  print(results, (performance.now() - begun) / 1000)
  if (results.length < count) {
    console.error(`only ${results.length} of ${count} seeds came to a result`)
    process.exitCode = 1
  }
}

if (isMainThread) await main()
else await work(workerData as Share)
