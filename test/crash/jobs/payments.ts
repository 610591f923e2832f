// The chains of the transact job: steps that write the host's own rows, fail after writing, and ask for further runs.

import { chain } from 'catenary'
import { enqueue } from 'catenary/sqlite'
import { countLine } from '../../../examples/docs-search/counted.ts'

export interface Payment {
  readonly n: number
}

interface Rows {
  prepare(sql: string): { run(...values: readonly (string | number)[]): unknown }
}

interface At {
  readonly idempotencyKey: string
  readonly attempt: number
}

/** What counted() does, for a body that may not wait; with a while in which a kill finds its rows uncommitted. */
function written<R>(db: Rows, { idempotencyKey, attempt }: At, body: () => R): R {
  countLine(`${idempotencyKey}/${attempt}`)
  db.prepare('INSERT INTO entries (key) VALUES (?)').run(idempotencyKey)
  const end = performance.now() + Math.random() * 4
  while (performance.now() < end);
  const result = body()
  countLine(`done ${idempotencyKey}/${attempt}`)
  return result
}

export const receipt = chain<Payment>('receipt').transact('note', (db, context) =>
  written(db, context, () => context.input.n + 1),
)

const line = chain<number>('line').transact('add', (db, context) =>
  written(db, context, () => context.input * 2),
)

export const payment = chain<Payment>('payment')
  .transact(
    'book',
    (db, context) =>
      written(db, context, () => {
        const { n } = context.input
        if (context.attempt <= n % 3) throw new Error('not yet')
        return enqueue(db, receipt, { n }, { id: `receipt-${n}` })
      }),
    { attempts: 3, backoff: { initial: 5, max: 20 } },
  )
  .each('lines', ({ input }: { readonly input: Payment }) => [input.n, input.n + 1], line, { key: String })
  .transact('close', (db, context) =>
    written(db, context, () => context.steps.lines.reduce((sum, one) => sum + one, 0)),
  )
