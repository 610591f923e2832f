// Asks for payments, half of them in transactions of the host's own, and writes down how they and their receipts ended.

import { DatabaseSync } from 'node:sqlite'
import { setTimeout as later } from 'node:timers/promises'
import type { Run, Supervisor } from 'catenary'
import { enqueue } from 'catenary/sqlite'
import { countLine } from '../../../examples/docs-search/counted.ts'
import { payment } from './payments.ts'

export async function payAll(
  supervisor: Supervisor,
  file: string,
  payments: number,
  results: Record<string, unknown>,
): Promise<void> {
  using db = new DatabaseSync(file, { timeout: 5_000 })
  db.exec(
    'CREATE TABLE IF NOT EXISTS entries (key TEXT NOT NULL); CREATE TABLE IF NOT EXISTS orders (id TEXT)',
  )

  /** The order and its run are asked for in one transaction: by the first process that gets so far. */
  const order = (n: number, id: string): void => {
    db.exec('BEGIN IMMEDIATE')
    const isNew = db.prepare('SELECT 1 FROM orders WHERE id = ?').get(id) === undefined
    if (isNew) {
      db.prepare('INSERT INTO orders (id) VALUES (?)').run(id)
      enqueue(db, payment, { n }, { id })
    }
    db.exec('COMMIT')
  }

  async function pay(n: number): Promise<void> {
    const id = `payment-${n}`
    if (n % 2 === 0) {
      order(n, id)
      await arrival(supervisor, id)
    } else {
      await supervisor.start(payment, { n }, { id })
      countLine(`accepted ${id}`)
    }
    for (const name of [id, `receipt-${n}`]) {
      results[name] = await (await arrival(supervisor, name)).settled()
      countLine(`ended ${name}`)
    }
  }

  const left = Array.from({ length: payments }, (_, n) => n)
  async function lane(): Promise<void> {
    for (let n = left.shift(); n !== undefined; n = left.shift()) await pay(n)
  }
  await Promise.all(Array.from({ length: 6 }, lane))
}

/** The run that something else asked for, once it is there. */
export async function arrival(supervisor: Pick<Supervisor, 'get'>, id: string): Promise<Run> {
  for (;;) {
    const run = await supervisor.get(id)
    if (run !== undefined) return run
    await later(20)
  }
}
