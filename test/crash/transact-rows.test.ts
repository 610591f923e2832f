// That the look at rows and outcomes sees a row without an outcome, an outcome without a row, and either twice.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { testFolder } from '../sqlite/folder.ts'
import { rowsAndOutcomes } from './transact.ts'

const succeeded = (seq: number, run: string, step: string) => ({
  seq,
  run,
  type: 'attempt.succeeded',
  at: 0,
  body: JSON.stringify({ chain: 'payment', step, attempt: 1, took: 1 }),
  payload: null,
})
const accepted = (seq: number, run: string) => ({
  seq,
  run,
  type: 'run.accepted',
  at: 0,
  body: '{}',
  payload: null,
})

function tables(entries: readonly string[], orders: readonly string[] = []): string {
  const file = join(testFolder(), 'a.db')
  const db = new DatabaseSync(file)
  db.exec('CREATE TABLE entries (key TEXT); CREATE TABLE orders (id TEXT); CREATE TABLE inbox (body TEXT)')
  for (const key of entries) db.prepare('INSERT INTO entries VALUES (?)').run(key)
  for (const id of orders) db.prepare('INSERT INTO orders VALUES (?)').run(id)
  db.close()
  return file
}

const key = 'payment-1/payment/close'

test('a row for each outcome is well', () => {
  expect(rowsAndOutcomes(tables([key]), [succeeded(1, 'payment-1', 'close')])).toEqual([])
})

test('a row without an outcome, an outcome without a row, and a row twice are told', () => {
  expect(rowsAndOutcomes(tables([key]), [])).toEqual([`${key} has a row and no outcome`])
  expect(rowsAndOutcomes(tables([]), [succeeded(1, 'payment-1', 'close')])).toEqual([
    `${key} has no row for its outcome`,
  ])
  expect(rowsAndOutcomes(tables([key, key]), [succeeded(1, 'payment-1', 'close')])).toEqual([
    `a row is there twice: ${key} ${key}`,
  ])
})

test('a run without what asked for it, and the other way round, are told', () => {
  expect(rowsAndOutcomes(tables([], ['payment-2']), [])).toEqual(['payment-2 has no asked run for its order'])
  expect(rowsAndOutcomes(tables([]), [accepted(1, 'receipt-1')])).toEqual([
    'receipt-1 has a receipt and no booking',
  ])
})
