// The load of the rolling restarts: `load.ts <store>` starts, signals and awaits orders as a client, until SIGTERM.

import { isDeepStrictEqual } from 'node:util'
import { createSupervisor } from 'catenary'
import { countLine } from '../../../examples/docs-search/counted.ts'
import { order } from './order.ts'

const inFlight = 12
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const supervisor = await createSupervisor({
  chains: [order],
  store: process.argv[2] ?? 'app.db',
  role: 'client',
})
let stopping = false
process.once('SIGTERM', () => {
  stopping = true
})

let last: number | undefined
const following = supervisor.events$.subscribe(({ seq }) => {
  if (last !== undefined && seq !== last + 1) say(`problem: event ${seq} came after ${last}`)
  last = seq
})

let next = 0
async function place(): Promise<void> {
  const n = next++
  const id = `order-${n}`
  const run = await supervisor.start(order, { n }, { id })
  countLine(`accepted ${id}`)
  await run.signal('approval', `of ${n}`, { id: 'approval' })
  // the same again: it counts once
  if (n % 5 === 0) await supervisor.start(order, { n }, { id })
  const result = await run.result()
  if (!isDeepStrictEqual(result, { n, shipped: n * 10 + 3, approval: `of ${n}` }))
    say(`problem: ${id} returned ${JSON.stringify(result)}`)
  countLine(`ended ${id}`)
}

say('up')
await Promise.all(
  Array.from({ length: inFlight }, async () => {
    while (!stopping) {
      await place().catch((error: unknown) => say(`problem: ${String(error)}`))
    }
  }),
)
following.unsubscribe()
await supervisor.stop()
say(`placed ${next}`)
