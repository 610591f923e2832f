// Builds the full-text index: a fresh file each time, put in place only when it is whole.

import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Chunk } from '../packages/chunk.ts'
import { forget } from '../workspace.ts'
import { identifierParts } from './words.ts'

export interface Entry {
  readonly path: string
  readonly chunk: Chunk
}

const schema = `
  CREATE TABLE packages (path TEXT PRIMARY KEY, name TEXT, version TEXT, description TEXT) WITHOUT ROWID;
  CREATE VIRTUAL TABLE sections USING fts5 (
    name, heading, body, parts, path UNINDEXED, version UNINDEXED, file UNINDEXED, anchor UNINDEXED,
    tokenize = 'porter unicode61 remove_diacritics 2'
  );
`

/**
 * Writes the index of these packages to `file`. It is the same index however often this is done, and whatever a
 * killed process left behind: nothing of an unfinished one is ever used.
 */
export async function buildIndex(
  file: string,
  entries: AsyncIterable<Entry>,
): Promise<{ readonly packages: number; readonly sections: number }> {
  const unfinished = `${file}.tmp`
  await mkdir(dirname(file), { recursive: true })
  await forget(unfinished)
  const database = new DatabaseSync(unfinished)
  let packages = 0
  let sections = 0
  try {
    // no journal, because a file that is not finished is thrown away
    database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; ${schema} BEGIN`)
    const addPackage = database.prepare('INSERT INTO packages VALUES (?, ?, ?, ?)')
    const addSection = database.prepare('INSERT INTO sections VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    for await (const { path, chunk } of entries) {
      packages++
      addPackage.run(path, chunk.name, chunk.version, chunk.description)
      for (const { heading, text, anchor, file: document } of chunk.sections) {
        sections++
        const parts = identifierParts(`${heading} ${text}`)
        addSection.run(chunk.name, heading, text, parts, path, chunk.version, document, anchor)
      }
    }
    database.exec(`COMMIT; INSERT INTO sections (sections) VALUES ('optimize')`)
  } finally {
    database.close()
  }
  await using handle = await open(unfinished, 'r+')
  await handle.sync()
  await rename(unfinished, file)
  return { packages, sections }
}
