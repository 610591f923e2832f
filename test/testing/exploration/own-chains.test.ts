// Chains of our own under exploration: what the examples promise holds whatever goes wrong.

import { expect, test } from 'vitest'
import { checkout, type Order } from '../../../examples/checkout/checkout.ts'
import { Books, type Ledger } from '../../../examples/checkout/ledger.ts'
import { assertHolds, explore, type Seen } from '../../../src/testing.ts'

const order: Order = {
  customer: 'Ada',
  lines: [
    { sku: 'a', count: 2, price: 300 },
    { sku: 'b', count: 1, price: 5 },
  ],
}
type Line = Parameters<Books['take']>[0]

interface Shop {
  readonly books: Books
  readonly ledger: Ledger
  confirm(): Promise<void>
}

/** The shop of the example, with its ledger in memory. */
function shop(): Shop {
  const books = new Books()
  const take = async (line: Line): Promise<void> => {
    if (books.accepts(line)) books.take(line)
  }
  const ledger: Ledger = {
    book: async (entry) => take({ do: 'book', ...entry }),
    void: async (key) => take({ do: 'void', key }),
  }
  return { books, ledger, confirm: async () => {} }
}

const balanced = ({ world, end }: Seen<Shop>): boolean | string => {
  if (end === undefined || end.status === 'needs-attention' || end.status === 'dead-letter') return true
  const held = world.books.balances()
  const { shop: earned = 0, shipped = 0, reserved = 0 } = held
  const holds =
    end.status === 'succeeded'
      ? earned === 605 && shipped === 3 && reserved === 0
      : Object.values(held).every((one) => one === 0)
  return holds || `it ended as ${end.status} with ${JSON.stringify(held)}`
}

test('the books of a checkout say what became of the order, whatever goes wrong', async () => {
  const signals = { approval: { approved: true, by: 'Grace' } }
  const options = { input: order, signals, world: shop, stories: 60, drawn: 15 }
  const found = await explore(checkout, { 'the books are balanced': balanced }, options)
  assertHolds(found)
  expect(found.faults).toBeGreaterThan(80)
})

test('books that are kept under no key are found not to be balanced', async () => {
  let times = 0
  const world = (): Shop => {
    const { ledger, ...rest } = shop()
    const book: Ledger['book'] = async (entry) => ledger.book({ ...entry, key: `booking ${times++}` })
    return { ...rest, ledger: { ...ledger, book } }
  }
  const signals = { approval: { approved: true, by: 'Grace' } }
  const found = await explore(checkout, { balanced }, { input: order, signals, world, stories: 60, drawn: 0 })
  expect(found.counterexample?.script).toHaveLength(1)
})
