// A user's own machine as a chain: its input, output and events are the machine's.

import {
  type EventOf,
  type InputOf,
  type OutputOf,
  type Run,
  chain,
  createSupervisor,
  fromMachine,
} from 'catenary'
import { fromPromise, setup } from 'xstate'
import type { Equal, Expect } from './equal.ts'

type Events = { type: 'PAY'; amount: number } | { type: 'DROP' }

const machine = setup({
  types: {
    input: {} as { total: number },
    context: {} as { total: number },
    output: {} as { paid: boolean },
    events: {} as Events,
  },
  actors: { charge: fromPromise<string, number>(async ({ input }) => `charged ${input}`) },
}).createMachine({ context: ({ input }) => input, output: () => ({ paid: true }) })

const plain = fromMachine('plain', machine)
const prices = chain<string>('prices').step('ask', () => 2)
const mapped = fromMachine('mapped', machine, {
  input: ({ input, needs }: { input: string; needs: { prices: number } }) => ({
    total: input.length * needs.prices,
  }),
  failed: ({ context }) => (context.total > 3 ? 'too much' : undefined),
}).needs({ prices })
const caller = chain('caller').call('pay', plain, { total: 1 })
const consumer = chain<string>('consumer')
  .needs({ mapped })
  .step('read', ({ needs }) => needs.mapped.paid)

export type Types = [
  Expect<Equal<InputOf<typeof plain>, { total: number }>>,
  Expect<Equal<OutputOf<typeof plain>, { paid: boolean }>>,
  Expect<Equal<EventOf<typeof plain>, Events>>,
  Expect<Equal<InputOf<typeof mapped>, string>>,
  Expect<Equal<EventOf<typeof mapped>, Events>>,
  Expect<Equal<OutputOf<typeof caller>, { paid: boolean }>>,
  Expect<Equal<OutputOf<typeof consumer>, boolean>>,
  Expect<Equal<EventOf<typeof caller>, never>>,
]

export async function use(): Promise<unknown> {
  const supervisor = await createSupervisor({ chains: [plain, mapped, caller] })
  const run = await supervisor.start(plain, { total: 2 })
  await run.send({ type: 'PAY', amount: 2 })
  await run.send({ type: 'DROP' }, { id: 'once' })
  // @ts-expect-error no such event
  await run.send({ type: 'PIE' })
  // @ts-expect-error the event lacks its amount
  await run.send({ type: 'PAY' })
  // @ts-expect-error the machine takes an object
  await supervisor.start(plain, 2)
  // @ts-expect-error the mapping takes a string
  await supervisor.start(mapped, { total: 2 })
  const steps = await supervisor.start(caller)
  // @ts-expect-error a chain of steps takes no events
  await steps.send({ type: 'PAY', amount: 2 })
  const again = await supervisor.get('some-id', plain)
  const same: [
    Expect<Equal<typeof run, Run<{ paid: boolean }, Events>>>,
    Expect<Equal<typeof again, Run<{ paid: boolean }, Events> | undefined>>,
  ] = [true, true]
  return [run, again, same]
}

// @ts-expect-error the mapping must give what the machine takes
fromMachine('wrong', machine, { input: () => 1 })
// @ts-expect-error a machine has no steps to add
export const none = plain.step('more', () => 1)
