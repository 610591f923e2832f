// Types of transact steps: what they are handed, what they return, and which options they do not take.

import type { DatabaseSync } from 'node:sqlite'
import { chain, type HostDatabase, type OutputOf } from 'catenary'
import type { Equal, Expect } from './equal.ts'

const pay = chain<{ id: string }>('pay')
  .step('price', () => 250)
  .transact('book', (db, { input, steps }) => {
    db.prepare('INSERT INTO paid VALUES (?, :cents)').run({ cents: steps.price }, input.id)
    return { id: input.id }
  })
  .step('tell', ({ steps }) => steps.book.id)

export type Output = Expect<Equal<OutputOf<typeof pay>, string>>

const substituted = chain('a').transact('book', () => 1, { fallback: async () => 'none', attempts: 2 })
export type Either = Expect<Equal<OutputOf<typeof substituted>, string | number>>

// @ts-expect-error a synchronous function cannot be interrupted
chain('a').transact('book', () => 1, { timeout: '1s' })

/** A connection of the host's own fits where a machine runs alone. */
export const fits = (own: DatabaseSync): HostDatabase => own
