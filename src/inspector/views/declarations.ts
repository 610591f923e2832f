// What the supervisors of a store have declared, kept up with the journal: chains, their steps and statecharts.

import { toEvent } from '../../journal/encoding.ts'
import { Declared } from '../../journal/declared.ts'
import type { StoreReader } from '../../journal/store.ts'

/** The fold as of now; it is the same object each time. */
export type Declarations = () => Promise<Declared>

/**
 * Reads only what was added since the last time; one reading at a time.
 *
 * @param reader asked anew each time: a role that changes changes it.
 */
export function createDeclarations(reader: () => StoreReader): Declarations {
  const declared = new Declared()
  let after = 0
  let reading: Promise<Declared> | undefined
  const read = async (): Promise<Declared> => {
    for (const row of await reader().rows('', after)) {
      declared.apply(toEvent(row))
      after = row.seq
    }
    return declared
  }
  return async () => {
    reading ??= read().finally(() => (reading = undefined))
    return reading
  }
}
