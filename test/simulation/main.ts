// `npm run simulate -- --seeds N [--seed S] [--verbose] [--money]`: simulates N seeded worlds, and prints what was put to
// the test; with `--money`, N worlds of orders against a ledger that fails.

import { spawnSync } from 'node:child_process'
import { setInterval } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { simulateWorld } from './world.ts'
import { simulateAll } from './crew.ts'
import { createTally, proof, type Tally } from './tally.ts'

/** Orders against a ledger that fails; under vitest, which gives examples the sources under the package's name. */
function countMoney(first: number, count: number): void {
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
  const env = { ...process.env, CATENARY_MONEY_SEED: String(first), CATENARY_MONEY: String(count) }
  const args = [vitest, 'run', 'test/simulation/money.test.ts']
  process.exitCode = spawnSync(process.execPath, args, { env, stdio: 'inherit' }).status ?? 1
}

/** Tells how far it has come: a live line on a terminal, else a line a minute. */
function tellProgress(tally: Tally, count: number): () => void {
  const begun = performance.now()
  const live = process.stderr.isTTY
  const timer = setInterval(
    () => {
      const seconds = (performance.now() - begun) / 1000
      const left = (count - tally.seeds) / (tally.seeds / seconds)
      const text =
        `${tally.seeds} of ${count} seeds, ${tally.failed.length} failed, ` +
        `${(tally.seeds / seconds).toFixed(1)} seeds/s, ${Math.ceil(left / 60)} min left`
      process.stderr.write(live ? `\r\u001B[K${text}` : `${text}\n`)
    },
    live ? 500 : 60_000,
  )
  return () => {
    clearInterval(timer)
    if (live) process.stderr.write('\r\u001B[K')
  }
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
  const tally = createTally()
  if (count === 1)
    tally.add(await simulateWorld(first, values.verbose ? { narrate: (line) => console.log(line) } : {}))
  else {
    const end = tellProgress(tally, count)
    await simulateAll(first, count, {
      add(result) {
        const before = tally.failed.length
        tally.add(result)
        const [failure] = tally.failed.slice(before)
        // at once, as the whole may take an hour
        if (failure !== undefined && before < 20)
          process.stderr.write(`seed ${failure.seed} breaks ${failure.invariant}\n`)
      },
      lose: tally.lose,
    })
    end()
  }
  tally.print((performance.now() - begun) / 1000)
  if (tally.failed.length > 0 || (count >= proof.seeds && tally.untested().length > 0)) process.exitCode = 1
}

await main()
