// What the mixed job does by itself: a schedule whose every tick counts, and a service that beats, fails and is started again.

import { setTimeout as later } from 'node:timers/promises'
import { chain, service, type Supervisor } from 'catenary'
import { counted, countLine } from '../../../examples/docs-search/counted.ts'
import { arrival } from './pay.ts'

const every = 1_000

export const tick = chain('tick', { schedule: { id: 'all', every, catchUp: 'all' } })
  .step(
    'tally',
    counted(async ({ scheduledAt }) => {
      await later(Math.random() * 10)
      return scheduledAt
    }),
  )
  .step(
    'stamp',
    counted(({ steps }) => steps.tally),
  )

/** Waits for the run of each tick up to now, and says which was the last. */
export async function untilTicked(supervisor: Supervisor): Promise<void> {
  const last = Math.floor(Date.now() / every) * every
  const id = `schedule/tick/all/${new Date(last).toISOString()}`
  await (await arrival(supervisor, id)).settled()
  countLine(`ticked ${last}`)
}

/** Its every start ends by itself, so that its supervisor has to start it again. */
export const beacon = service(
  'beacon',
  async ({ start, signal, ready }) => {
    countLine(`beats ${process.pid} ${start} from`)
    ready()
    try {
      for (let n = 1; n <= 12 && !signal.aborted; n++) {
        await later(50)
        countLine(`beats ${process.pid} ${start} ${n}`)
      }
    } finally {
      countLine(`beats ${process.pid} ${start} to`)
    }
    if (!signal.aborted) throw new Error('out of breath')
  },
  { backoff: { initial: 20, max: 100 } },
)
