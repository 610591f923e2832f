// Opens the store that a command was pointed at: to read it, to leave commands in it, or to execute it.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createMemoryStore } from '../journal/memory-store.ts'
import type { Store, StoreClient, StoreReader } from '../journal/store.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { openSqliteClient, openSqliteReader } from '../sqlite/client.ts'
import { createSqliteStore } from '../sqlite/store.ts'
import type { Call, OptionSpec } from './command.ts'
import { usageError } from './exit.ts'

const folder = '.catenary'
const defaultFile = join(folder, 'app.db')
const inMemory = ':memory:'

export const storeOption: Readonly<Record<string, OptionSpec>> = {
  store: { value: 'FILE', says: `the store's file; default ${defaultFile}` },
}

export function storeFile(call: Call): string {
  return call.option('store') ?? defaultFile
}

/** The option that names the store again, where it was named: for lines that a person is to type next. */
export function sameStore(call: Call): string {
  const given = call.option('store')
  return given === undefined ? '' : ` --store ${given}`
}

/** A store for this process to execute; the default one's folder is made where it is not there yet. */
export function executorStore(file: string): Store {
  if (file === inMemory) return createMemoryStore()
  if (file === defaultFile && !existsSync(folder)) {
    mkdirSync(folder)
    writeFileSync(join(folder, '.gitignore'), '*\n')
  }
  return createSqliteStore(file)
}

/** Reads the store, also beside a live executor. */
export async function withReader<T>(call: Call, work: (reader: StoreReader) => Promise<T>): Promise<T> {
  const reader = openSqliteReader(existing(storeFile(call)))
  try {
    return await work(reader)
  } finally {
    await reader.close()
  }
}

/** Reads the store, and may leave commands in it. */
export async function withClient<T>(call: Call, work: (client: StoreClient) => Promise<T>): Promise<T> {
  const client = openSqliteClient(existing(storeFile(call)))
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

/** The file where it is there; else says how one comes to be. */
export function existing(file: string): string {
  if (file === inMemory) throw usageError('a store in memory is gone with its process: give --store a file')
  if (existsSync(file)) return file
  const option = file === defaultFile ? '' : ` --store ${file}`
  const cure =
    option === '' || existsSync(dirname(file))
      ? `make one with \`catenary run <module>${option}\`, or point --store at yours`
      : 'its folder is not there either, so point --store at yours'
  throw new CatenaryError('STORE_UNAVAILABLE', `there is no store at ${file} yet: ${cure}`)
}
