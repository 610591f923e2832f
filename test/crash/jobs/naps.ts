// The job whose clock jumps: `naps.ts <folder> <naps>` runs chains that sleep, of the engine and of a user's own machine.

import { join } from 'node:path'
import { attemptOf, chain, createSupervisor, fromMachine, type Run } from 'catenary'
import { fromPromise, setup } from 'xstate'
import { counted, countLine } from '../../../examples/docs-search/counted.ts'
import { tellSeen } from './seen.ts'

const [folder = '.', naps = '4'] = process.argv.slice(2)

const sleeper = (id: string, ms: number) =>
  chain(id)
    .step(
      'lie',
      counted(() => id),
    )
    .sleep('doze', ms)
    .step(
      'rise',
      counted(() => id),
    )

// one stays in memory, and its timer with it; the other leaves
const nap = sleeper('nap', 350)
const slumber = sleeper('slumber', 550)

const ring = fromPromise<void>(async ({ self }) => {
  const attempt = attemptOf(self)
  if (attempt === undefined) throw new Error('no attempt')
  await counted<[typeof attempt], void>(() => {})(attempt)
})
const alarm = fromMachine(
  'alarm',
  setup({ actors: { ring } }).createMachine({
    initial: 'set',
    states: {
      set: { after: { 600: 'ringing' } },
      ringing: { invoke: { id: 'ring', src: 'ring', onDone: 'off' } },
      off: { type: 'final' },
    },
  }),
)

await using supervisor = await createSupervisor({
  chains: [nap, slumber, alarm],
  store: join(folder, 'app.db'),
  hibernateAfter: 400,
})
tellSeen(supervisor.events$)
async function one(id: string, starting: Promise<Run>): Promise<void> {
  const run = await starting
  countLine(`accepted ${id}`)
  await run.settled()
  countLine(`ended ${id}`)
}
await Promise.all(
  Array.from({ length: Number(naps) }, (_, n) => n).flatMap((n) => [
    one(`nap-${n}`, supervisor.start(nap, undefined, { id: `nap-${n}` })),
    one(`slumber-${n}`, supervisor.start(slumber, undefined, { id: `slumber-${n}` })),
    one(`alarm-${n}`, supervisor.start(alarm, {}, { id: `alarm-${n}` })),
  ]),
)
