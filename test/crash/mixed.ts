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

/** Every step, with how often its body begins for each order; the body of a rule always fails. */
const strata: Readonly<Record<string, number>> = {
  'stock count': 1,
  'order reserve': 1.7,
  'order pack': 2.8,
  'order/quotes quote': 1.7,
  'order/quotes round': 1.7,
  'order print': 1,
  'order draft': 1,
  'order sign': 1,
  'order by-hand': 0.3,
  'order by-rule': 0.6,
  'order/bill quote': 0.8,
  'order/bill round': 0.8,
  'order/badge stamp': 2.5,
  'order look': 2.5,
  'order ship': 0.8,
  'thanks write': 0.8,
}

export function mixedCampaign(orders: number, chance: Chance): Campaign {
  return {
    name: 'mixed',
    job: (folder) => mixed(orders, folder, chance),
    aims: () => mixedAims(orders, chance),
    missing: (tally) =>
      Object.keys(strata)
        .filter((stratum) => (tally.steps.get(stratum)?.inFlight ?? 0) === 0)
        .map((stratum) => `step ${stratum}`),
  }
}

/** Every step, in any of its runs; and anywhere. */
function mixedAims(orders: number, chance: Chance): readonly Aim[] {
  const aims = Object.entries(strata).map(([stratum, each]): Aim => {
    const at = stratum === 'order by-rule' || chance() < 0.5 ? 'start' : 'done'
    return { at, stratum, nth: 1 + Math.floor(chance() * orders * each * 0.9), delay: anyDelay(chance) }
  })
  return [...aims, ...anywhere(chance)]
}
