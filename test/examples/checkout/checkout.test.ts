// The checkout example on a real ledger file: approved, refused, recalled, and after a crash.

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkout, type Order, type Shop } from '../../../examples/checkout/checkout.ts'
import { fileLedger } from '../../../examples/checkout/ledger.ts'
import { createSupervisor, NonRetryable } from '../../../src/index.ts'

const large: Order = {
  customer: 'ada',
  lines: [
    { sku: 'loom', count: 1, price: 700 },
    { sku: 'cards', count: 100, price: 1 },
  ],
}
const small: Order = { customer: 'ada', lines: [{ sku: 'cards', count: 2, price: 1 }] }

async function opened(confirm: Shop['confirm'] = async () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-checkout-'))
  const file = join(folder, 'ledger.jsonl')
  const ledger = await fileLedger(file)
  const supervisor = await createSupervisor({ chains: [checkout], app: { ledger, confirm } satisfies Shop })
  return {
    supervisor,
    ledger,
    file,
    async [Symbol.asyncDispose]() {
      await supervisor.stop()
      await ledger[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

describe('checkout', () => {
  test('books a small order without asking', async () => {
    await using shop = await opened()
    expect(await shop.supervisor.run(checkout, small)).toEqual({ total: 2, approvedBy: 'nobody' })
    expect(shop.ledger.books.balances()).toEqual({
      'stock:cards': -2,
      reserved: 0,
      ada: -2,
      shop: 2,
      shipped: 2,
    })
  })

  test('books a large order once a person has approved it', async () => {
    await using shop = await opened()
    const run = await shop.supervisor.start(checkout, large)
    await run.signal('approval', { approved: true, by: 'grace' })
    expect(await run.result()).toEqual({ total: 800, approvedBy: 'grace' })
    expect(shop.ledger.books.balances()).toMatchObject({ ada: -800, shop: 800, shipped: 101, reserved: 0 })
  })

  test('leaves nothing behind where a person refuses', async () => {
    await using shop = await opened()
    const run = await shop.supervisor.start(checkout, large)
    await run.signal('approval', { approved: false, by: 'grace' })
    expect(await run.settled()).toMatchObject({
      status: 'failed',
      failures: [{ step: 'heed', failure: { message: 'grace did not approve the order' } }],
    })
    expect(shop.ledger.books.balances()).toEqual({})
    expect(readFileSync(shop.file, 'utf8').trim().split('\n')).toHaveLength(4)
  })

  test('recalls what was shipped and charged where the customer cannot be told', async () => {
    await using shop = await opened(async () => {
      throw new NonRetryable('no such address')
    })
    expect(await shop.supervisor.settled(checkout, small)).toMatchObject({ status: 'failed' })
    expect(shop.ledger.books.balances()).toEqual({})
    const voided = readFileSync(shop.file, 'utf8').matchAll(/"void","key":"[^/]*\/checkout\/([^"]*)"/g)
    expect([...voided].map(([, step]) => step)).toEqual(['ship', 'charge', 'reserve/cards'])
  })
})

describe('the ledger', () => {
  test('books a key once, and refuses it once it is voided', async () => {
    await using shop = await opened()
    const entry = { key: 'k', from: 'a', to: 'b', amount: 3 }
    await shop.ledger.book(entry)
    await shop.ledger.book(entry)
    expect(shop.ledger.books.balances()).toEqual({ a: -3, b: 3 })
    await shop.ledger.void('k')
    await shop.ledger.void('other')
    await expect(shop.ledger.book({ ...entry, key: 'other' })).rejects.toThrow('was voided')
    expect(shop.ledger.books.balances()).toEqual({})
  })

  test('comes back from its file, without a line that a crash has torn', async () => {
    await using shop = await opened()
    await shop.ledger.book({ key: 'k', from: 'a', to: 'b', amount: 3 })
    appendFileSync(shop.file, '{"do":"book","key":"to')
    await using again = await fileLedger(shop.file)
    expect(again.books.balances()).toEqual({ a: -3, b: 3 })
    await again.book({ key: 'l', from: 'a', to: 'b', amount: 1 })
    await using third = await fileLedger(shop.file)
    expect(third.books.balances()).toEqual({ a: -4, b: 4 })
  })
})
