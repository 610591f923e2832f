// The mixed job under kills: many runs of every kind of step at once, each with an output that is told beforehand.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Aim, anyDelay, anywhere, type Chance } from './aim.ts'
import { wrongBeats, wrongStarts } from './beats.ts'
import { besides, fareOf, idOf, ordersOf, resultOf, tripOf } from './expected.ts'
import { imageOf, type Look } from './image.ts'
import { workBeside } from './inbox.ts'
import type { Campaign } from './campaign.ts'
import type { Job } from './kill.ts'
import { readLine } from './lines.ts'
import { wrongMemos } from './memos.ts'
import { missedTicks, wrongTicks } from './ticks.ts'
import { rowsAndOutcomes, strata as transactStrata, wrongEnds } from './transact.ts'
import { wrongUndoing, wrongUndoingTold } from './undone.ts'

const file = new URL('jobs/mixed.ts', import.meta.url)

/** The job in a folder that is not there yet. */
export function mixed(orders: number, folder: string, chance: Chance): Job {
  const job = jobIn(folder, ordersOf(orders, false), [String(orders)])
  return {
    ...job,
    look: lookAtAll,
    beside: (lines) => workBeside(job.store, orders, lines, chance),
    async finish() {
      const said = readFileSync(job.counter, 'utf8').split('\n').slice(0, -1).map(readLine)
      const { rows } = await imageOf(job.store)
      return [
        ...(await job.finish()),
        ...wrongOthers(folder, besides(orders)),
        ...wrongEnds(folder, besides(orders).payments),
        ...wrongUndoingTold(said),
        ...wrongBeats(said),
        ...missedTicks(rows, said),
      ]
    },
  }
}

/** What must hold at every moment, beside what does of all jobs. */
const lookAtAll: Look = (store, rows) => [
  ...rowsAndOutcomes(store, rows),
  ...wrongUndoing(rows),
  ...wrongMemos(rows),
  ...wrongTicks(rows),
  ...wrongStarts(rows),
]

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

const resultsIn = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Record<string, unknown>

/** Which trips and fares did not end as they must. */
function wrongOthers(
  folder: string,
  { trips, fares }: { readonly trips: number; readonly fares: number },
): readonly string[] {
  const found = resultsIn(folder)
  const wrong = (run: string, wanted: { readonly status: string; readonly output?: unknown }) => {
    const { status, output } = (found[run] ?? {}) as { readonly status?: string; readonly output?: unknown }
    const isWell = status === wanted.status && output === wanted.output
    return isWell ? [] : [`${run} ended as ${status} ${String(output)}, not as ${wanted.status}`]
  }
  return [
    ...Array.from({ length: trips }, (_, n) => wrong(`trip-${n}`, tripOf(n))).flat(),
    ...Array.from({ length: fares }, (_, n) =>
      wrong(`fare-${n}`, { status: 'succeeded', output: fareOf(n) }),
    ).flat(),
  ]
}

/** Which orders did not end as they must. */
function wrongResults(folder: string, orders: readonly number[]): readonly string[] {
  const found = resultsIn(folder)
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
  // of which there are fewer
  'trip seat': 0.16,
  'trip rooms': 0.3,
  'trip/insure underwrite': 0.16,
  'trip charge': 0.16,
  'trip confirm': 0.1,
  'trip charge:compensation': 0.2,
  'trip/insure underwrite:compensation': 0.1,
  'trip rooms:compensation': 0.2,
  'trip seat:compensation': 0.1,
  'fare ask': 0.04,
  'season forecast': 0.02,
  'fare tell': 0.16,
  'tick tally': 0.1,
  'tick stamp': 0.1,
  ...Object.fromEntries(Object.entries(transactStrata).map(([stratum, each]) => [stratum, each / 8])),
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
