// The mixed job: `mixed.ts <folder> <orders> [--alone] [--durability normal] [--writer inline]` runs many orders at once, and says what it was promised.

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CatenaryError, createSupervisor, type Run } from 'catenary'
import { createSqliteStore, openSqliteClient } from 'catenary/sqlite'
import { countLine } from '../../../examples/docs-search/counted.ts'
import { writeWhole } from '../../../examples/docs-search/workspace.ts'
import { approvalOf, besides, idOf, ordersOf, roleOf } from '../expected.ts'
import { fare } from './fares.ts'
import { order, thanks } from './orders.ts'
import { arrival, payAll } from './pay.ts'
import { payment, receipt } from './payments.ts'
import { tellSeen } from './seen.ts'
import { beacon, tick, untilTicked } from './ticks.ts'
import { trip } from './trips.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    alone: { type: 'boolean', default: false },
    durability: { type: 'string', default: 'full' },
    writer: { type: 'string', default: 'auto' },
    busy: { type: 'string', default: '5000' },
  },
})
const [folder = '.', orders = '10'] = positionals
const file = join(folder, 'app.db')
const store = createSqliteStore(file, {
  durability: values.durability === 'normal' ? 'normal' : 'full',
  busyTimeout: Number(values.busy),
  writer: values.writer as 'auto' | 'inline' | 'thread',
})

await using supervisor = await createSupervisor({
  chains: [order, thanks, trip, fare, ...(values.alone ? [] : [payment, receipt, tick, beacon])],
  store,
  // the beacon is to fail again and again
  intensity: 1_000,
  concurrency: 40,
  // most of what waits leaves memory
  hibernateAfter: 20,
})
tellSeen(supervisor.events$)

async function start(n: number): Promise<Run> {
  const id = idOf(n)
  if (roleOf(n).startedBy === 'inbox') return arrival(supervisor, id)
  const run = await supervisor.start(order, { n }, { id })
  countLine(`accepted ${id}`)
  return run
}

/** Left in the inbox by this very process, as one that runs alone must. */
async function postApproval(run: string, n: number): Promise<void> {
  await using client = openSqliteClient(file)
  const command = {
    do: 'signal',
    run,
    name: 'approval',
    id: 'by-inbox',
    payload: JSON.stringify(approvalOf(n)),
  }
  countLine(`posted ${await client.post(JSON.stringify(command), Date.now())} ${run}`)
}

/** Sent again by every process: the same id is delivered once. */
async function approve(run: Run, n: number): Promise<void> {
  if (values.alone && n % 4 === 2) return postApproval(run.id, n)
  try {
    await run.signal('approval', approvalOf(n), { id: 'by-job' })
  } catch (error) {
    if (!CatenaryError.is(error) || error.code !== 'RUN_ENDED') throw error
  }
}

const left = [...ordersOf(Number(orders), values.alone)]
const results: Record<string, unknown> = {}

async function lane(): Promise<void> {
  for (let n = left.shift(); n !== undefined; n = left.shift()) {
    const run = await start(n)
    if (roleOf(n).approvedBy === 'job') await approve(run, n)
    results[run.id] = await run.settled()
    countLine(`ended ${run.id}`)
  }
}

/** Runs that need nobody, one to three at a time. */
async function others(begin: (n: number) => Promise<Run>, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n).values()
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      for (const n of numbers) {
        const run = await begin(n)
        countLine(`accepted ${run.id}`)
        results[run.id] = await run.settled()
        countLine(`ended ${run.id}`)
      }
    }),
  )
}

const { trips, fares, payments } = besides(Number(orders))
await Promise.all([
  // alone, a few at a time: smaller commits, and more of them
  ...Array.from({ length: values.alone ? 6 : left.length }, lane),
  others((n) => supervisor.start(trip, { n }, { id: `trip-${n}` }), trips),
  others((n) => supervisor.start(fare, { n }, { id: `fare-${n}` }), fares),
  ...(values.alone ? [] : [payAll(supervisor, file, payments, results)]),
])
if (!values.alone) await untilTicked(supervisor)
await writeWhole(join(folder, 'results.json'), JSON.stringify(results, undefined, 2))
