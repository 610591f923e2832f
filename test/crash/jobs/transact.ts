// The transact job: `transact.ts <folder> <payments>` asks for payments, half of them in transactions of the host's own.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as later } from 'node:timers/promises'
import { createSupervisor, type Run } from 'catenary'
import { enqueue } from 'catenary/sqlite'
import { countLine } from '../../../examples/docs-search/counted.ts'
import { writeWhole } from '../../../examples/docs-search/workspace.ts'
import { payment, receipt } from './payments.ts'
import { tellSeen } from './seen.ts'

const [folder = '.', payments = '10'] = process.argv.slice(2)
const file = join(folder, 'app.db')
await using supervisor = await createSupervisor({
  chains: [payment, receipt],
  store: file,
  concurrency: 8,
  hibernateAfter: 20,
})
tellSeen(supervisor.events$)
const db = new DatabaseSync(file, { timeout: 5_000 })
db.exec('CREATE TABLE IF NOT EXISTS entries (key TEXT NOT NULL); CREATE TABLE IF NOT EXISTS orders (id TEXT)')

/** The order and its run are asked for in one transaction: by the first process that gets so far. */
function order(n: number, id: string): void {
  db.exec('BEGIN IMMEDIATE')
  const isNew = db.prepare('SELECT 1 FROM orders WHERE id = ?').get(id) === undefined
  if (isNew) {
    db.prepare('INSERT INTO orders (id) VALUES (?)').run(id)
    enqueue(db, payment, { n }, { id })
  }
  db.exec('COMMIT')
}

async function arrival(id: string): Promise<Run> {
  for (;;) {
    const run = await supervisor.get(id)
    if (run !== undefined) return run
    await later(20)
  }
}

async function pay(n: number): Promise<void> {
  const id = `payment-${n}`
  if (n % 2 === 0) {
    order(n, id)
    await arrival(id)
  } else {
    await supervisor.start(payment, { n }, { id })
    countLine(`accepted ${id}`)
  }
  for (const name of [id, `receipt-${n}`]) {
    results[name] = await (await arrival(name)).settled()
    countLine(`ended ${name}`)
  }
}

const results: Record<string, unknown> = {}
const left = Array.from({ length: Number(payments) }, (_, n) => n)
async function lane(): Promise<void> {
  for (let n = left.shift(); n !== undefined; n = left.shift()) await pay(n)
}
await Promise.all(Array.from({ length: 6 }, lane))
db.close()
await writeWhole(join(folder, 'results.json'), JSON.stringify(results))
