// A shop with a bit of everything that the inspector shows: what succeeds, fails, waits, sleeps and asks a person.

import { assign, fromPromise, setup } from 'xstate'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import type { Supervisor } from '../../src/engine/supervisor.ts'
import type { Run } from '../../src/engine/runs/run.ts'

interface Region {
  readonly region: string
}

interface Pace {
  /** Lets a step take so long, times the pace of the shop. */
  readonly take: (ms: number) => Promise<void>
}

const paced = ({ app }: { readonly app: unknown }): Pace => app as Pace

export const suppliers = chain<Region>('suppliers', {
  description: 'prices of all suppliers, as of today',
  owner: 'purchasing',
  tags: ['import'],
})
  .step('login', async (context) => {
    await paced(context).take(40)
    return { session: `s-${context.input.region}` }
  })
  .step(
    'download',
    async (context) => {
      await paced(context).take(120)
      if (context.input.region === 'north')
        throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:443'), { code: 'ECONNREFUSED' })
      if (context.attempt < 2) throw new Error('503 from the supplier, try again')
      return { items: 240 }
    },
    { attempts: 3, backoff: { initial: 60, max: 200 } },
  )

export const stock = chain<Region>('stock', { description: 'what is on the shelves' })
  .each(
    'count',
    () => Array.from({ length: 12 }, (_, shelf) => ({ shelf })),
    async ({ shelf }, context) => {
      await paced(context).take(20 + ((shelf * 37) % 90))
      return 20 + ((shelf * 7) % 13)
    },
    { key: ({ shelf }) => `shelf-${shelf}` },
  )
  .returns(({ steps }) => ({ shelves: steps.count.length }))

export const prices = chain<Region>('prices', { description: 'what we ask for' })
  .needs({ suppliers, stock })
  .step('compute', async (context) => {
    await paced(context).take(90)
    return { prices: 240 }
  })
  .step('check', async (context) => {
    await paced(context).take(30)
    return { outliers: 2 }
  })

export const catalogue = chain<Region>('catalogue', { description: 'the pages of the shop' })
  .needs({ prices })
  .parallel('render', {
    web: (b) => b.step('pages', async (context) => paced(context).take(160)),
    feed: (b) => b.step('feed', async (context) => paced(context).take(70)),
  })
  .step('publish', async (context) => {
    await paced(context).take(50)
    return { url: 'https://shop.example/catalogue' }
  })

export const newsletter = chain<Region>('newsletter')
  .needs({ catalogue })
  .step('write', async (context) => paced(context).take(40))

export const release = chain<{ readonly version: string }>('release', { description: 'a release, by hand' })
  .step('build', async (context) => {
    await paced(context).take(80)
    return { artefact: `shop-${context.input.version}.tgz`, size: 18_400_233 }
  })
  .wait('approval', undefined, { timeout: '2d' })
  .step('deploy', async (context) => {
    await paced(context).take(60)
    return { approval: context.steps.approval, done: true }
  })

export const reminder = chain('reminder')
  .sleep('a-while', '3h')
  .step('remind', () => 'sent')

const machine = setup({
  types: {
    input: {} as { readonly total: number },
    context: {} as { total: number; receipt: string },
    events: {} as { type: 'PAY' } | { type: 'CANCEL' } | { type: 'SHIPPED' },
  },
  actors: { charge: fromPromise<string, number>(async ({ input }) => `receipt for ${input}`) },
}).createMachine({
  id: 'order',
  context: ({ input }) => ({ total: input.total, receipt: 'none' }),
  initial: 'open',
  states: {
    open: { on: { PAY: 'charging', CANCEL: 'dropped' }, after: { [3 * 24 * 3_600_000]: 'dropped' } },
    charging: {
      invoke: {
        src: 'charge',
        input: ({ context }) => context.total,
        onDone: { target: 'fulfilling', actions: assign({ receipt: ({ event }) => event.output }) },
      },
    },
    fulfilling: {
      type: 'parallel',
      states: {
        parcel: {
          initial: 'packing',
          states: { packing: { on: { SHIPPED: 'shipped' } }, shipped: { type: 'final' } },
        },
        invoice: { initial: 'sent', states: { sent: { type: 'final' } } },
      },
      onDone: 'done',
    },
    done: { type: 'final' },
    dropped: { type: 'final' },
  },
})
export const order = fromMachine('order', machine)

export const shop = [suppliers, stock, prices, catalogue, newsletter, release, reminder, order]

/** The app that the shop's steps are given. */
export const atPace = (pace: number): Pace => ({
  take: async (ms) => (pace === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, ms * pace))),
})

export interface Opened {
  readonly good: Run
  readonly failed: Run
  readonly asking: Run
  readonly machine: Run
  readonly asleep: Run
}

/** One run of each kind; those that end have ended once this resolves. */
export async function openShop(supervisor: Supervisor, prefix = 'run'): Promise<Opened> {
  const opened: Opened = {
    good: await supervisor.start(
      newsletter,
      { region: 'south' },
      { id: `${prefix}-good`, attributes: { region: 'south' } },
    ),
    failed: await supervisor.start(
      newsletter,
      { region: 'north' },
      { id: `${prefix}-failed`, attributes: { region: 'north' } },
    ),
    asking: await supervisor.start(
      release,
      { version: '1.4.0' },
      { id: `${prefix}-release`, attributes: { version: '1.4.0' } },
    ),
    machine: await supervisor.start(
      order,
      { total: 12 },
      { id: `${prefix}-order`, attributes: { customer: 'ada' } },
    ),
    asleep: await supervisor.start(reminder, undefined, { id: `${prefix}-reminder` }),
  }
  await Promise.allSettled([opened.good.result(), opened.failed.result()])
  return opened
}
