// `node examples/checkout/main.ts [--folder F] [--approve yes|no]`: one large order, up to a person's decision and beyond.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createSupervisor } from 'catenary'
import { checkout, type Order, type Shop } from './checkout.ts'
import { fileLedger } from './ledger.ts'

const { values } = parseArgs({
  options: { folder: { type: 'string', default: '.catenary/checkout' }, approve: { type: 'string' } },
})
mkdirSync(values.folder, { recursive: true })
await using ledger = await fileLedger(join(values.folder, 'ledger.jsonl'))
const shop: Shop = {
  ledger,
  confirm: async (customer, total) => console.log(`told ${customer} that ${total} was charged`),
}
await using supervisor = await createSupervisor({
  chains: [checkout],
  app: shop,
  store: join(values.folder, 'app.db'),
})
const order: Order = {
  customer: 'ada',
  lines: [
    { sku: 'loom', count: 1, price: 700 },
    { sku: 'cards', count: 100, price: 1 },
  ],
}
const [open] = await supervisor.list({ chain: 'checkout', status: ['waiting', 'running'], limit: 1 })
const run = (open && (await supervisor.get(open.run))) ?? (await supervisor.start(checkout, order))
if (values.approve === undefined) {
  console.log(`order ${run.id} waits for a person: decide with --approve yes or --approve no`)
} else {
  await run.signal('approval', { approved: values.approve === 'yes', by: 'grace' })
  const result = await run.settled()
  console.log(`order ${run.id}: ${result.status}`)
  if ('failures' in result) for (const { failure } of result.failures) console.log(`  ${failure.message}`)
}
console.log('what stands in the ledger:', ledger.books.balances())
