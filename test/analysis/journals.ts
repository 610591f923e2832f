// Journals of seeded histories, made by the real engine under virtual time: what analysis is tried on.

import type { Report } from '../../src/analysis/report.ts'
import { chain } from '../../src/chain/create-chain.ts'
import type { Member } from '../../src/chain/members.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { type Rig, createRig } from '../engine/rig.ts'
import { reportOf } from './reported.ts'

/** Lets so much of the rig's time pass, as a step that works. */
export async function work(rig: () => Rig, ms: number): Promise<void> {
  return new Promise((resolve) => {
    rig().clock.at(rig().now() + ms, resolve)
  })
}

/** Some 15 runs of three chains, in which things fail, are tried again, wait and time out. */
export async function busyJournal(
  seed: number,
): Promise<{ readonly events: readonly JournalEvent[]; readonly now: number }> {
  const random = createRandom(seed)
  let rig: Rig | undefined
  const now = (): Rig => rig as Rig
  const extract = chain<number>('extract').step(
    'fetch',
    async ({ input }) => {
      await work(now, 5 + random() * 50)
      if (random() < 0.3) throw new Error(`no answer for ${input}`)
      return [1, 2, 3].slice(0, 1 + Math.floor(random() * 3))
    },
    { attempts: 2, timeout: 40, backoff: { initial: 10 } },
  )
  const prices = chain('prices').step('load', async () => work(now, 20))
  const report = chain<number>('report')
    .needs({ extract, prices })
    .each(
      'render',
      ({ needs }) => needs.extract,
      async (row) => work(now, row * 10).then(() => row),
      {
        inFlight: 2,
      },
    )
    .sleep('cool', 15)
  const members: readonly Member[] = [report]
  rig = await createRig(members, { concurrency: 3 })
  for (let run = 0; run < 15; run++) {
    await rig.start(report, run)
    if (random() < 0.5) await rig.advance(Math.floor(random() * 120))
  }
  await rig.advance('1m')
  return { events: rig.whole(), now: rig.now() }
}

/** What is to be said of all that a rig has journalled. */
export function reportOn(rig: Rig, since?: Report): Report {
  return reportOf(rig.whole(), { now: rig.now(), since })
}
