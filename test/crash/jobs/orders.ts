// The chains of the mixed job: every kind of step, retries, sleeps and waits, with outputs that can be told beforehand.

import { setTimeout as later } from 'node:timers/promises'
import { chain, NonRetryable } from 'catenary'
import { z } from 'zod'
import { counted } from '../../../examples/docs-search/counted.ts'
import { badge } from './badge.ts'

export interface Order {
  readonly n: number
}

/** Shortly, so that kills find bodies running. */
const work = async (): Promise<void> => later(Math.random() * 4)
const soon = { initial: 10, max: 40 } as const

const price = chain<{ readonly n: number; readonly factor: number }>('price')
  .step(
    'quote',
    counted(async ({ input }) => {
      await work()
      return input.n * input.factor
    }),
  )
  .step(
    'round',
    counted(({ steps }) => steps.quote + 1),
  )

const stock = chain<Order>('stock').step(
  'count',
  counted(async ({ input }) => {
    await work()
    return Array.from({ length: 1 + (input.n % 5) }, (_, place) => place)
  }),
)

export const order = chain<Order>('order')
  .needs({ stock })
  .step(
    'reserve',
    counted(({ input, attempt }) => {
      if (attempt <= input.n % 3) throw new Error('not yet')
      return input.n + 1
    }),
    { attempts: 3, backoff: soon },
  )
  .each(
    'pack',
    ({ needs }) => needs.stock,
    counted(async (part, { input, attempt }) => {
      await work()
      if (attempt === 1 && (input.n + part) % 4 === 1) throw new Error('not yet')
      return input.n * 10 + part
    }),
    { key: (part) => `part-${part}`, inFlight: 3, attempts: 3, backoff: soon },
  )
  .each(
    'quotes',
    ({ input, needs }: { readonly input: Order; readonly needs: { readonly stock: readonly number[] } }) =>
      needs.stock.slice(0, 2).map((part) => ({ n: input.n, factor: part })),
    price,
    { key: ({ factor }) => `part-${factor}`, inFlight: 2 },
  )
  .sleep('rest', 30)
  .parallel('papers', {
    label: (b) =>
      b.step(
        'print',
        counted(({ input }) => `label ${input.n}`),
      ),
    bill: (b) =>
      b
        .step(
          'draft',
          counted(async ({ input }) => {
            await work()
            return `bill ${input.n}`
          }),
        )
        .step(
          'sign',
          counted(({ steps }) => `${steps.draft}, signed`),
        ),
  })
  .choose('way', (c) =>
    c
      .when(
        ({ input }) => input.n % 3 === 0,
        (b) =>
          b.step(
            'by-hand',
            counted(() => 'by hand'),
          ),
      )
      .otherwise((b) =>
        b.step(
          'by-rule',
          counted((): string => {
            throw new NonRetryable('no rule fits')
          }),
          { fallback: () => 'by default' },
        ),
      ),
  )
  .wait('approval', z.object({ by: z.number() }))
  .call('bill', price, ({ input, steps }) => ({ n: input.n, factor: steps.approval.by }))
  .call('badge', badge, ({ input }) => ({ n: input.n }))
  .repeat(
    'poll',
    (b) =>
      b.sleep('pause', 10).step(
        'look',
        counted(async ({ input }) => {
          await work()
          return input.n * 2
        }),
      ),
    { until: ({ round }) => round >= 3 },
  )
  .step(
    'ship',
    counted(({ steps: { reserve, pack, quotes, papers, way, approval, bill, badge: made, poll } }) => ({
      reserve,
      pack,
      quotes,
      papers,
      way,
      approval,
      bill,
      badge: made,
      poll,
    })),
  )

export const thanks = chain<Order>('thanks')
  .follows({ order }, { when: 'all_done' })
  .step(
    'write',
    counted(({ input, needs }) => `${input.n} ${needs.order.status}`),
  )
