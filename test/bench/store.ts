// Measures the SQLite store against the floor, node:sqlite with the same commits and bytes: `node test/bench/store.ts`

import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'

import { sampleHead, sampleRow } from '../../src/testing/conformance/case.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import type { Batch, Row, RunHead } from '../../src/journal/store.ts'
import type { SqliteStoreOptions } from '../../src/sqlite/store.ts'

const { values } = parseArgs({
  options: {
    /** Where the files are made; a RAM disk has no fsync to measure. */
    folder: { type: 'string', default: process.cwd() },
    durability: { type: 'string', default: 'full' },
    rows: { type: 'string', default: '200000' },
    commits: { type: 'string', default: '2000' },
    /** Of how many rounds, in turn with the floor's, the median is told. */
    rounds: { type: 'string', default: '3' },
  },
})
const durability = values.durability === 'normal' ? 'normal' : 'full'
const folder = mkdtempSync(join(values.folder, '.bench-'))
let made = 0

/** Rows as a chain of three steps leaves them: a thousand runs in turn, a payload every second row. */
function rowsFrom(first: number, count: number): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const seq = first + index
    return sampleRow(seq, {
      run: `01JABCDEFGHJKMNPQRSTV${String((seq % 1000) + 1000 * Math.floor(seq / 30_000)).padStart(5, '0')}`,
      type: seq % 2 === 0 ? 'attempt.started' : 'attempt.succeeded',
      body: JSON.stringify({ chain: 'report', step: 'render', attempt: 1, inFlight: seq % 50, config: 3 }),
      payload: seq % 2 === 0 ? null : JSON.stringify({ rows: [seq, seq + 1], name: `item ${seq}`, ok: true }),
    })
  })
}

/** Batches of `size`; each run gets its head with its first row. */
function batchesOf(total: number, size: number): Batch[] {
  const seen = new Set<string>()
  const batches: Batch[] = []
  for (let first = 1; first <= total; first += size) {
    const rows = rowsFrom(first, Math.min(size, total - first + 1))
    const heads: RunHead[] = []
    for (const { run } of rows) {
      if (seen.has(run)) continue
      seen.add(run)
      heads.push(sampleHead(run))
    }
    batches.push({ rows, heads, snapshots: [], inbox: [] })
  }
  return batches
}

interface Measured {
  readonly rowsPerSecond: number
  readonly commitsPerSecond: number
  /** Milliseconds of one append, at the median and at the worst of a hundred. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Microseconds of the main thread for each row. */
  readonly mainPerRow: number
}

async function measure(
  batches: readonly Batch[],
  append: (batch: Batch) => void | Promise<void>,
): Promise<Measured> {
  const times: number[] = []
  let main = 0
  let rows = 0
  const begin = performance.now()
  for (const [index, batch] of batches.entries()) {
    const before = performance.now()
    const done = append(batch)
    main += performance.now() - before
    if (done) await done
    times.push(performance.now() - before)
    rows += batch.rows.length
    // As a host does, whose event loop goes round.
    if (index % 16 === 0) await new Promise((resolve) => void setImmediate(resolve))
  }
  const seconds = (performance.now() - begin) / 1000
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return {
    rowsPerSecond: Math.round(rows / seconds),
    commitsPerSecond: Math.round(batches.length / seconds),
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    mainPerRow: round((main * 1000) / rows),
  }
}

const round = (value: number): number => Math.round(value * 100) / 100

/** The floor: the plainest journal with the same rows, commits and settings, and nothing else. */
async function floor(batches: readonly Batch[]): Promise<Measured> {
  const database = new DatabaseSync(join(folder, `${++made}.db`))
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability};
    CREATE TABLE journal (seq INTEGER PRIMARY KEY, run TEXT, type TEXT, at INTEGER, body TEXT, payload TEXT);
    CREATE TABLE heads (run TEXT PRIMARY KEY, status TEXT, body TEXT) WITHOUT ROWID`)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const insert = database.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)')
  const head = database.prepare('INSERT OR REPLACE INTO heads VALUES (?, ?, ?)')
  const measured = await measure(batches, ({ rows, heads }) => {
    begin.run()
    for (const { seq, run, type, at, body, payload } of rows) insert.run(seq, run, type, at, body, payload)
    for (const { run, status, attributes } of heads) head.run(run, status, attributes)
    commit.run()
  })
  database.close()
  return measured
}

async function store(
  batches: readonly Batch[],
  writer: NonNullable<SqliteStoreOptions['writer']>,
): Promise<Measured> {
  const opened = createSqliteStore(join(folder, `${++made}.db`), { writer, durability })
  await opened.open()
  // The thread's start is not what is measured.
  if (writer === 'thread') await opened.setNote('started', 'yes')
  const measured = await measure(batches, (batch) => opened.append(batch))
  await opened.close()
  return measured
}

const total = Number(values.rows)
const commits = Number(values.commits)
const cases = [
  { what: 'one row a commit', batches: batchesOf(commits, 1) },
  { what: '20 rows a commit', batches: batchesOf(commits * 20, 20) },
  { what: '500 rows a commit', batches: batchesOf(total, 500) },
  { what: '2000 rows a commit', batches: batchesOf(total, 2000) },
]
const ways = ['floor', 'inline', 'thread', 'auto'] as const

try {
  for (const { what, batches } of cases) {
    const found = new Map<string, Measured[]>()
    for (let turn = 0; turn < Number(values.rounds); turn++) {
      for (const way of ways) {
        const measured = way === 'floor' ? await floor(batches) : await store(batches, way)
        found.set(way, [...(found.get(way) ?? []), measured])
      }
    }
    const median = (way: string): Measured | undefined => {
      const sorted = (found.get(way) ?? []).toSorted((a, b) => a.rowsPerSecond - b.rowsPerSecond)
      return sorted[Math.floor(sorted.length / 2)]
    }
    const raw = median('floor')?.rowsPerSecond ?? 0
    for (const way of ways) {
      const measured = median(way)
      if (measured) print({ what, way, ...measured, shareOfFloor: round(measured.rowsPerSecond / raw) })
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function print(line: object): void {
  console.log(JSON.stringify({ bench: 'store', durability, ...line }))
}
