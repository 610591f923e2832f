// What is handed to a supervisor, and what comes back.

import { type RunResult, chain, createSupervisor } from 'catenary'
import { z } from 'zod'
import type { Equal, Expect } from './equal.ts'

const none = chain('none').step('go', () => 1)
const typed = chain<{ readonly day: string }>('typed').step('go', ({ input }) => input.day)
const maybe = chain<number | undefined>('maybe').step('go', ({ input }) => input ?? 0)
const parsed = chain('parsed', { input: z.object({ n: z.string().transform(Number) }) })
const needing = chain('needing')
  .needs({ none })
  .step('go', ({ needs }) => needs.none)

export async function use(): Promise<unknown> {
  await using supervisor = await createSupervisor({
    chains: [none, typed, maybe, parsed, needing],
    store: 'app.db',
    concurrency: 4,
    hibernateAfter: '5s',
  })
  const outputs = {
    none: await supervisor.run(none),
    undefined: await supervisor.run(none, undefined, { id: 'same', priority: 1, attributes: { team: 'a' } }),
    typed: await supervisor.run(typed, { day: 'monday' }),
    maybe: await supervisor.run(maybe),
    needing: await supervisor.run(needing),
  }
  type Outputs = { none: number; undefined: number; typed: string; maybe: number; needing: number }
  const started = await supervisor.start(typed, { day: 'monday' })
  const settled = await supervisor.settled(parsed, { n: '1' })
  const several = await supervisor.run([none, typed], { day: 'monday' })
  const got = await supervisor.get('id')

  // @ts-expect-error its input is missing
  await supervisor.run(typed)
  // @ts-expect-error its input is of another type
  await supervisor.run(typed, { day: 1 })
  // @ts-expect-error an input that it does not take
  await supervisor.run(none, 'input')
  // @ts-expect-error a caller gives what the schema takes, not what it makes of it
  await supervisor.start(parsed, { n: 1 })
  // @ts-expect-error missing here, too
  await supervisor.start(typed)
  // @ts-expect-error and here
  await supervisor.settled(typed)
  // @ts-expect-error the output is a number
  const wrong: string = await supervisor.run(none)
  // @ts-expect-error not an option
  await supervisor.run(none, undefined, { prio: 1 })
  // @ts-expect-error a bad duration
  await supervisor.stop({ drain: '5 sec' })
  // @ts-expect-error not a chain
  await createSupervisor({ chains: [() => 1] })

  type Read = [typeof started, typeof settled, typeof several, typeof got]
  return { outputs, started, settled, several, got, wrong } satisfies {
    outputs: Expect<Equal<typeof outputs, Outputs>> extends true ? unknown : never
    started: Expect<Equal<Awaited<ReturnType<Read[0]['result']>>, string>> extends true ? unknown : never
    settled: Expect<Equal<Read[1], RunResult<undefined>>> extends true ? unknown : never
    several: Expect<Equal<Read[2], Readonly<Record<string, unknown>>>> extends true ? unknown : never
    got: { readonly id: string } | undefined
    wrong: string
  }
}

chain('timed', {
  schedule: { cron: '0 3 * * *', timezone: 'Europe/Zurich', overlap: 'queue', catchUp: 'all' },
})
chain('fed', {
  input: z.object({ n: z.string().transform(Number) }),
  schedule: [
    { id: 'a', every: '15m', input: { n: '1' } },
    { id: 'b', every: '1h', input: ({ scheduledAt, window }) => ({ n: String(scheduledAt - window.from) }) },
  ],
})
chain<number>('numbered', { schedule: { every: '1h', input: ({ scheduledAt }) => scheduledAt } })
// @ts-expect-error no such overlap
chain('bad-overlap', { schedule: { every: '1h', overlap: 'maybe' } })
// @ts-expect-error an input that the schema does not take
chain('bad-input', { input: z.object({ n: z.string() }), schedule: { every: '1h', input: { n: 1 } } })
// @ts-expect-error an input of another type
chain<number>('bad-number', { schedule: { every: '1h', input: () => 'x' } })
