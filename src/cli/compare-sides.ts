// What `catenary compare` compares: a version of a chain, a version of the config, a stretch of time, or another store.

import { existsSync } from 'node:fs'
import { toEvent } from '../journal/encoding.ts'
import type { StoreReader } from '../journal/store.ts'
import type { RunRecord } from '../observe/run-record.ts'
import { createRunRecords } from '../observe/run-records.ts'
import { openSqliteReader } from '../sqlite/client.ts'
import { usageError } from './exit.ts'

export interface ComparedSide {
  /** As it was named. */
  readonly name: string
  readonly records: readonly RunRecord[]
  readonly wanted: (run: RunRecord, version: string) => boolean
}

const page = 2_000

/** Every run of a store that has ended, as far as there is room for. */
export async function recordsIn(reader: Pick<StoreReader, 'journal'>): Promise<readonly RunRecord[]> {
  const records = createRunRecords({ mostEnded: 20_000, mostAttempts: 500_000 })
  for (let full = true; full;) {
    const rows = await reader.journal({ after: records.lastSeq, limit: page })
    for (const row of rows) records.apply(toEvent(row))
    full = rows.length === page
  }
  return [...records.ended.values()]
}

/** @param records those of the store that the command was pointed at. */
export async function sideOf(name: string, records: readonly RunRecord[]): Promise<ComparedSide> {
  if (name.startsWith('config:')) {
    const version = Number(name.slice('config:'.length))
    if (!Number.isInteger(version))
      throw usageError(`"${name}" names no version of the config: give config:3`)
    return { name, records, wanted: (run) => run.config === version }
  }
  const [from, to, ...more] = name.split('..')
  if (to !== undefined && more.length === 0) {
    const [first, last] = [timeOf(from ?? '', -Infinity), timeOf(to, Infinity)]
    return { name, records, wanted: ({ acceptedAt }) => acceptedAt >= first && acceptedAt < last }
  }
  if (existsSync(name)) {
    const reader = openSqliteReader(name)
    try {
      return { name, records: await recordsIn(reader), wanted: () => true }
    } finally {
      await reader.close()
    }
  }
  return { name, records, wanted: ofVersion(name, records) }
}

function ofVersion(name: string, records: readonly RunRecord[]): ComparedSide['wanted'] {
  const all = new Set(records.flatMap(({ chains }) => [...chains.values()].map(({ version }) => version)))
  const found = [...all].filter((version) => version.startsWith(name))
  const [only] = found
  if (only !== undefined && found.length === 1 && name.length >= 4) return (_, version) => version === only
  throw usageError(
    found.length > 1
      ? `"${name}" begins several versions: ${found.join(', ')}`
      : `"${name}" is no version of a chain that has run here, no file, no stretch of time as 2026-01-31..2026-02-01, and no config:3; \`catenary compare\` alone lists the versions`,
  )
}

function timeOf(text: string, otherwise: number): number {
  if (text === '') return otherwise
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw usageError(`"${text}" is no time: give one as 2026-01-31T12:00:00Z`)
  return time
}

/** The versions of each chain that have run, the oldest first. */
export function versionsIn(records: readonly RunRecord[]): readonly {
  readonly chain: string
  readonly version: string
  readonly n: number
  readonly from: number
  readonly to: number
}[] {
  const found = new Map<string, { chain: string; version: string; n: number; from: number; to: number }>()
  for (const { chains, acceptedAt: at } of records)
    for (const { chain, version } of chains.values()) {
      const key = `${chain} ${version}`
      const known = found.get(key) ?? { chain, version, n: 0, from: at, to: at }
      found.set(key, known)
      known.n++
      known.from = Math.min(known.from, at)
      known.to = Math.max(known.to, at)
    }
  return [...found.values()].toSorted((a, b) =>
    a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : a.from - b.from,
  )
}
