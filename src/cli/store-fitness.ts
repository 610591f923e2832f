// What `doctor` finds out about a store: who has it, its schema, its log, and what lies in it.

import { existsSync, statSync } from 'node:fs'
import { CatenaryError } from '../kernel/errors.ts'
import { openSqliteReader } from '../sqlite/client.ts'
import { executorOf } from '../sqlite/executor-of.ts'
import { latestSchema } from '../sqlite/schema.ts'
import type { Finding } from './fitness.ts'
import { inboxText } from './status.ts'

/** A log so long was not carried over for a while (bytes). */
const longLog = 256 * 1024 * 1024

export async function storeFindings(file: string): Promise<readonly Finding[]> {
  if (!existsSync(file)) {
    const value = `${file} is not there yet`
    return [{ state: 'ok', what: 'store', value, advice: 'the first `catenary run <module>` makes it' }]
  }
  try {
    const reader = openSqliteReader(file)
    try {
      const counts = Object.entries(await reader.counts())
      const said = counts.map(([status, count]) => `${count} ${status}`).join(', ')
      const waiting = (await reader.inbox(1_001)).length
      return [
        { state: 'ok', what: 'store', value: `${file}, ${sizeOf(file)}, schema ${latestSchema}` },
        lockFinding(file),
        logFinding(file),
        { state: 'ok', what: 'runs', value: said === '' ? 'none yet' : said },
        inboxFinding(waiting),
      ]
    } finally {
      await reader.close()
    }
  } catch (error) {
    if (!CatenaryError.is(error)) throw error
    return [{ state: 'bad', what: 'store', value: `${error.code}: ${error.message}` }]
  }
}

function lockFinding(file: string): Finding {
  const { alive, last, epoch } = executorOf(file)
  const by = last === undefined ? '' : `, last taken by ${last}`
  return {
    state: 'ok',
    what: 'lock',
    value: `${alive ? 'held by a live executor' : 'free'}${by}, taken ${epoch === 1 ? 'once' : `${epoch} times`}`,
    numbers: { epoch },
  }
}

function logFinding(file: string): Finding {
  const bytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0
  const found = { what: 'log', value: `${mebibytes(bytes)} waiting to be carried over`, numbers: { bytes } }
  if (bytes < longLog) return { state: 'ok', ...found }
  return {
    state: 'note',
    ...found,
    advice: 'a reader may hold it: close connections that stay open for long',
  }
}

function inboxFinding(waiting: number): Finding {
  if (waiting === 0) return { state: 'ok', what: 'inbox', value: 'empty' }
  const advice =
    'an executor that answers carries them out within a second; `catenary inbox` says why they are here'
  return { state: 'note', what: 'inbox', value: inboxText(waiting), advice }
}

function sizeOf(file: string): string {
  return mebibytes(statSync(file).size)
}

function mebibytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
