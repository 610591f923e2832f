// A limiter and a breaker that a thousand chains share: what they cost an attempt, also where all wait in one line.

import { type Breaker, type Limiter, breaker, chain, limiter } from '../../../src/index.ts'
import { lineOf } from '../line.ts'
import { type Row, sized } from '../row.ts'
import { freshStore, nothing, supervise, wallTime } from '../workload.ts'

export const shared: Row = {
  name: 'shared',
  title: 'A limiter and a breaker shared by a thousand chains',
  method:
    'One run of that many chains of one step, all at once: with both, in turn with none; and with few slots in the ' +
    'limiter, so that nearly all wait in line, in turn with a tenth of the chains. A scan would show as a ratio of ten.',
  cases: () => [
    {
      name: 'memory',
      async measure({ folder, turns, size }) {
        const count = sized(size, { quick: 50, usual: 1_000 })
        const api = limiter('api', { inFlight: count })
        const line = limiter('line', { inFlight: 4 })
        const bank = breaker('bank')
        /** Microseconds for each chain of one run. */
        const each = async (
          chains: number,
          options: { readonly limit?: Limiter; readonly breaker?: Breaker },
        ): Promise<() => Promise<number>> => {
          const all = Array.from({ length: chains }, (_, at) =>
            chain(`chain-${at}`).step('work', nothing, options),
          )
          const supervisor = await supervise(all, freshStore(folder, 'memory'))
          stops.push(async () => supervisor.stop())
          const one = async (): Promise<number> =>
            ((await wallTime(async () => (await supervisor.start(all)).settled())) * 1e6) / chains
          await one()
          return one
        }
        const stops: (() => Promise<void>)[] = []
        const plain = await each(count, {})
        const guarded = await each(count, { limit: api, breaker: bank })
        const few = await each(count / 10, { limit: line, breaker: bank })
        const many = await each(count, { limit: line, breaker: bank })
        const samples = {
          plain: [] as number[],
          guarded: [] as number[],
          few: [] as number[],
          many: [] as number[],
        }
        for (let turn = 0; turn < turns; turn++) {
          samples.plain.push(await plain())
          samples.guarded.push(await guarded())
          samples.few.push(await few())
          samples.many.push(await many())
        }
        for (const stop of stops) await stop()
        const of = {
          case: `${count.toLocaleString('en-US')} chains`,
          durability: 'memory',
          figure: 'us a chain',
        }
        return [
          lineOf({ ...of, samples: samples.guarded, floor: { is: 'no guards', samples: samples.plain } }),
          lineOf({
            ...of,
            case: `${of.case} in line`,
            samples: samples.many,
            floor: { is: 'a tenth of them', samples: samples.few },
          }),
        ]
      },
    },
  ],
}
