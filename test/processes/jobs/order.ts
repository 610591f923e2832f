// The chain of the rolling restarts: quick steps that are counted outside of the store, and an approval by another process.

import { setTimeout as later } from 'node:timers/promises'
import { chain } from 'catenary'
import { counted } from '../../../examples/docs-search/counted.ts'

/** What a step of an order is handed, as far as it is used here. */
interface Given {
  readonly input: { readonly n: number }
  readonly idempotencyKey: string
  readonly attempt: number
}

const work = (plus: number): ((given: Given) => number | Promise<number>) =>
  counted(async ({ input: { n } }: Given) => {
    await later(n % 17)
    return n * 10 + plus
  })

export const order = chain<{ n: number }>('order')
  .step('take', work(1))
  .step('pack', work(2))
  .wait('approval')
  .step('ship', work(3))
  .returns(({ input, steps }) => ({ n: input.n, shipped: steps.ship, approval: steps.approval }))
