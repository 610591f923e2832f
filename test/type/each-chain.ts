// The items of an `each` that runs a chain for each of them.

import { chain } from '../../src/chain/create-chain.ts'
import type { InputOf, OutputOf } from '../../src/chain/any-chain.ts'
import type { Equal, Expect } from './equal.ts'

const item = chain<{ sku: string }>('item').step('s', ({ input }) => input.sku.length)
const order = chain<{ lines: { sku: string; count: number }[] }>('order').each(
  'lines',
  ({ input }) => input.lines,
  item,
)
export type Output = Expect<Equal<OutputOf<typeof order>, readonly number[]>>
export type Input = Expect<Equal<InputOf<typeof order>, { lines: { sku: string; count: number }[] }>>

// items are known where a key is asked of them
chain<{ sku: string }[]>('keyed').each('lines', ({ input }) => input, item, { key: (line) => line.sku })
// without the scope as well
chain('fixed').each('lines', () => [{ sku: 'a' }], item, { key: (line) => line.sku })

// @ts-expect-error items are not what the chain takes
chain<number[]>('wrong').each('lines', ({ input }) => input, item)

const collected = chain<{ sku: string }[]>('all').each('lines', ({ input }) => input, item, {
  onFailure: 'collect',
})
export const statuses = (output: OutputOf<typeof collected>): unknown => output
