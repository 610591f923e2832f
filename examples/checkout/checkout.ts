// An order from the shelf to the door: every step that has an effect outside says how it is undone.

import { chain, NonRetryable } from 'catenary'
import type { Ledger } from './ledger.ts'

export interface Order {
  readonly customer: string
  readonly lines: readonly { readonly sku: string; readonly count: number; readonly price: number }[]
}

export interface Approval {
  readonly approved: boolean
  readonly by: string
}

/** What the steps are given as `app`. */
export interface Shop {
  readonly ledger: Ledger
  /** Tells the customer; may fail. */
  confirm(customer: string, total: number): Promise<void>
}

interface Within {
  readonly app: unknown
  readonly idempotencyKey: string
}

export const totalOf = ({ lines }: Order): number =>
  lines.reduce((sum, { count, price }) => sum + count * price, 0)

const shopOf = ({ app }: Pick<Within, 'app'>): Shop => app as Shop

const book =
  (from: string, to: string, amount: number) =>
  async (context: Within): Promise<void> =>
    shopOf(context).ledger.book({ key: context.idempotencyKey, from, to, amount })

/** Also where nobody knows whether it was booked: what has not come yet is then refused when it does. */
const takeBack = async (context: Within): Promise<void> => shopOf(context).ledger.void(context.idempotencyKey)

const tried = { attempts: 3, backoff: { initial: '200ms' }, timeout: '5s' } as const
const undone = { attempts: 8, backoff: { initial: '200ms' }, timeout: '5s' } as const

/** Orders above this wait for a person. */
export const freeHand = 500

export const checkout = chain<Order>('checkout', {
  deadline: '3d',
  description: 'an order, from shelf to door',
})
  .each(
    'reserve',
    ({ input }) => input.lines,
    async ({ sku, count }, context) => book(`stock:${sku}`, 'reserved', count)(context),
    {
      key: ({ sku }) => sku,
      ...tried,
      compensate: { run: async (_, context) => takeBack(context), ...undone },
    },
  )
  .choose('permit', (choice) =>
    choice
      .when(
        ({ input }) => totalOf(input) > freeHand,
        (b) =>
          b.wait('approval', undefined, { timeout: '2d' }).step('heed', ({ steps }) => {
            const { approved, by } = steps.approval as Approval
            if (!approved) throw new NonRetryable(`${by} did not approve the order`)
            return by
          }),
      )
      .otherwise((b) => b.step('waive', () => 'nobody')),
  )
  .step('charge', async (context) => book(context.input.customer, 'shop', totalOf(context.input))(context), {
    ...tried,
    compensate: { run: takeBack, ...undone },
  })
  .step(
    'ship',
    async (context) => {
      const count = context.input.lines.reduce((sum, line) => sum + line.count, 0)
      return book('reserved', 'shipped', count)(context)
    },
    { ...tried, compensate: { run: takeBack, ...undone } },
  )
  .step(
    'confirm',
    async (context) => shopOf(context).confirm(context.input.customer, totalOf(context.input)),
    {
      ...tried,
    },
  )
  .returns(({ input, steps }) => ({ total: totalOf(input), approvedBy: steps.permit }))
