// The mixed job under kills: many runs of every kind of step at once, each with an output that is told beforehand.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Aim, anyDelay, anywhere, type Chance } from './aim.ts'
import { idOf, ordersOf, resultOf } from './expected.ts'
import { workBeside } from './inbox.ts'
import type { Campaign } from './campaign.ts'
import type { Job } from './kill.ts'

const file = new URL('jobs/mixed.ts', import.meta.url)

/** The job in a folder that is not there yet. */
export function mixed(orders: number, folder: string, chance: Chance): Job {
  const job = jobIn(folder, ordersOf(orders, false), [String(orders)])
  return { ...job, beside: (lines) => workBeside(job.store, orders, lines, chance) }
}

/** The same with nobody beside it. */
export function mixedAlone(orders: number, folder: string, durability: 'full' | 'normal'): Job {
  return jobIn(folder, ordersOf(orders, true), [String(orders), '--alone', '--durability', durability])
}

function jobIn(folder: string, orders: readonly number[], rest: readonly string[]): Job {
  mkdirSync(folder, { recursive: true })
  const counter = join(folder, 'counter')
  return {
    command: { line: [file, folder, ...rest], env: { CATENARY_COUNT_FILE: counter } },
    store: join(folder, 'app.db'),
    counter,
    finish: async () => wrongResults(folder, orders),
  }
}

/** Which orders did not end as they must. */
function wrongResults(folder: string, orders: readonly number[]): readonly string[] {
  const found = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Record<string, unknown>
  return orders.flatMap((n) => {
    const result = found[idOf(n)]
    return isDeepStrictEqual(result, resultOf(n))
      ? []
      : [`${idOf(n)} ended as ${JSON.stringify(result)}, not as ${JSON.stringify(resultOf(n))}`]
  })
}

const strata = [
  'stock count',
  'order reserve',
  'order pack',
  'order/quotes quote',
  'order/quotes round',
  'order print',
  'order draft',
  'order sign',
  'order by-hand',
  'order by-rule',
  'order/bill quote',
  'order/bill round',
  'order look',
  'order ship',
  'thanks write',
]

export function mixedCampaign(orders: number, chance: Chance): Campaign {
  return {
    name: 'mixed',
    job: (folder) => mixed(orders, folder, chance),
    aims: () => mixedAims(orders, chance),
    missing: (tally) =>
      strata
        .filter((stratum) => (tally.steps.get(stratum)?.inFlight ?? 0) === 0)
        .map((stratum) => `step ${stratum}`),
  }
}

/** Every step, at any of its runs; and anywhere. */
function mixedAims(orders: number, chance: Chance): readonly Aim[] {
  const aims = strata.map((stratum): Aim => {
    const nth = 1 + Math.floor(chance() * orders * 0.8)
    return { at: chance() < 0.5 ? 'start' : 'done', stratum, nth, delay: anyDelay(chance) }
  })
  return [...aims, ...anywhere(chance)]
}
