// The job that is told to end: `drain.ts <store> <ms>` has a short step, one that takes so long, and a sleep under way.

import { setTimeout as later } from 'node:timers/promises'
import { chain, createSupervisor } from 'catenary'
import { counted, countLine } from '../../../examples/docs-search/counted.ts'

const [store = 'app.db', ms = '10'] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const short = chain('short').step(
  'work',
  counted(async () => later(100, 'done')),
)
const long = chain('long').step(
  'work',
  counted(async ({ signal }) => later(Number(ms), 'done', { signal })),
)
const asleep = chain('asleep')
  .sleep('rest', 1_000)
  .step(
    'work',
    counted(() => 'done'),
  )

const supervisor = await createSupervisor({ chains: [short, long, asleep], store })
process.once('SIGTERM', () => {
  void supervisor.stop({ drain: '400ms' }).then(() => say('stopped'))
})
const runs = await Promise.all(
  [short, long, asleep].map(async (one) => {
    const run = await supervisor.start(one, undefined, { id: one.id })
    countLine(`accepted ${run.id}`)
    return run
  }),
)
say('up')
const ends = await Promise.allSettled(runs.map(async (run) => run.settled()))
if (ends.every(({ status }) => status === 'fulfilled')) {
  for (const { id } of runs) countLine(`ended ${id}`)
  await supervisor.stop()
}
