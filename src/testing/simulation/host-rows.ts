// Rows of the host beside a simulated journal: written with the batch of a transaction, or not at all.

import type { HostDatabase } from '../../definition/host-database.ts'
import type { Store } from '../../journal/store.ts'

/** How often each row is there, by its key. */
export type HostRows = Map<string, number>

/** The one statement that the host's steps know. */
export const insert = 'INSERT INTO rows VALUES (?)'

/** @param isLocked whether another program writes at this moment. */
export function transactOver(
  inner: Pick<Store, 'append'>,
  rows: HostRows,
  isLocked: () => boolean,
): NonNullable<Store['transact']> {
  return (work) => {
    if (isLocked()) return false
    const written: string[] = []
    const db: HostDatabase = {
      exec: () => {},
      prepare: () => ({
        run: (key) => ({ changes: written.push(key as string), lastInsertRowid: 0 }),
        get: () => undefined,
        all: () => [],
      }),
    }
    const batch = work({
      write(body) {
        const before = written.length
        try {
          return body(db)
        } catch (error) {
          written.length = before
          throw error
        }
      },
      undo: () => void (written.length = 0),
    })
    // at once, in memory
    const late = inner.append(batch)
    if (late !== undefined) throw new TypeError('the store of a simulation writes at once')
    for (const key of written) rows.set(key, (rows.get(key) ?? 0) + 1)
    return true
  }
}
