// The SQLite store against the whole conformance suite, with each of its writers.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'

import type { Store } from '../../src/journal/store.ts'
import { openSqliteClient } from '../../src/sqlite/client.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { describeStoreConformance } from '../../src/testing/store-conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'catenary-'))
const files = new Map<object, string>()
let made = 0

for (const writer of ['inline', 'thread', 'auto'] as const) {
  const at = (file: string): Store => {
    const store = createSqliteStore(file, { writer })
    files.set(store, file)
    return store
  }
  const fileOf = (store: Store): string => files.get(store) ?? ''
  describeStoreConformance({
    name: `the SQLite store with the writer ${writer}`,
    create: () => at(join(folder, `${++made}.db`)),
    reopen: (store) => at(fileOf(store)),
    client: (store) => openSqliteClient(fileOf(store)),
    describe,
    test,
  })
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))
