// The transact job under kills: after each of them, rows of the host and committed outcomes are one to one.

import { mkdirSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { toEvent } from '../../src/journal/encoding.ts'
import type { Row } from '../../src/journal/store.ts'
import { type Aim, anyDelay, anywhere, type Chance } from './aim.ts'
import { keyOf } from './attempts.ts'
import type { Campaign } from './campaign.ts'
import type { Job } from './kill.ts'

const file = new URL('jobs/transact.ts', import.meta.url)

/** The job in a folder that is not there yet. */
export function transact(payments: number, folder: string): Job {
  mkdirSync(folder, { recursive: true })
  const counter = join(folder, 'counter')
  return {
    command: { line: [file, folder, String(payments)], env: { CATENARY_COUNT_FILE: counter } },
    store: join(folder, 'app.db'),
    counter,
    look: rowsAndOutcomes,
    finish: async () => wrongEnds(folder, payments),
  }
}

const writing: ReadonlySet<string> = new Set(['book', 'add', 'close', 'note'])

/** What in the host's own tables is not what the journal of the same file says. */
export function rowsAndOutcomes(store: string, journal: readonly Row[]): readonly string[] {
  const database = new DatabaseSync(store)
  try {
    const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'orders'").get()
    if (tables?.['n'] === 0) return []
    const texts = (sql: string): readonly string[] =>
      database
        .prepare(sql)
        .all()
        .map(({ text }) => String(text))
    const outcomes = journal.flatMap((row) => {
      if (row.type !== 'attempt.succeeded') return []
      const event = toEvent(row)
      if (event.type !== 'attempt.succeeded' || !writing.has(event.step)) return []
      return [keyOf(event)]
    })
    const accepted = journal.flatMap(({ type, run }) => (type === 'run.accepted' ? [run] : []))
    const asked = texts("SELECT body ->> 'run' AS text FROM inbox")
    const booked = outcomes.flatMap((key) =>
      key.endsWith('/book') ? [key.split('/')[0]!.replace('payment', 'receipt')] : [],
    )
    const ordered = texts('SELECT id AS text FROM orders')
    const isReceipt = (run: string): boolean => run.startsWith('receipt')
    return [
      ...differences('row', texts('SELECT key AS text FROM entries'), 'outcome', outcomes),
      ...differences('receipt', [...accepted, ...asked].filter(isReceipt), 'booking', booked),
      ...differences('asked run', [...accepted, ...asked].filter(isOrdered), 'order', ordered),
    ]
  } finally {
    database.close()
  }
}

/** Those with an even number are asked for in the host's own transaction. */
const isOrdered = (run: string): boolean => run.startsWith('payment-') && Number(run.slice(8)) % 2 === 0

/** Where two lists are not the same, each with everything once. */
function differences(
  one: string,
  ones: readonly string[],
  other: string,
  others: readonly string[],
): readonly string[] {
  const [left, right] = [new Set(ones), new Set(others)]
  return [
    ...(left.size === ones.length ? [] : [`a ${one} is there twice: ${ones.toSorted().join(' ')}`]),
    ...(right.size === others.length ? [] : [`an ${other} is there twice: ${others.toSorted().join(' ')}`]),
    ...[...left].filter((key) => !right.has(key)).map((key) => `${key} has a ${one} and no ${other}`),
    ...[...right].filter((key) => !left.has(key)).map((key) => `${key} has no ${one} for its ${other}`),
  ]
}

/** What did not end as it must; with it that no row is missing in the end. */
export function wrongEnds(folder: string, payments: number): readonly string[] {
  const found = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Record<
    string,
    { readonly output?: unknown } | undefined
  >
  const database = new DatabaseSync(join(folder, 'app.db'), { readOnly: true })
  const rows = Number(database.prepare('SELECT count(*) AS n FROM entries').get()?.['n'])
  database.close()
  const wrong = Array.from({ length: payments }, (_, n) => n).flatMap((n) => {
    const ends = [found[`payment-${n}`]?.output, found[`receipt-${n}`]?.output]
    return ends[0] === 4 * n + 2 && ends[1] === n + 1 ? [] : [`payment ${n} ended as ${JSON.stringify(ends)}`]
  })
  // book, two lines, close, and the receipt's note
  return rows === payments * 5 ? wrong : [...wrong, `${rows} rows for ${payments} payments`]
}

/** Every step that writes, with how often its body begins for each payment. */
export const strata: Readonly<Record<string, number>> = {
  'payment book': 2,
  'payment/lines add': 2,
  'payment close': 1,
  'receipt note': 1,
}

export function transactCampaign(payments: number, chance: Chance): Campaign {
  const aims = (): readonly Aim[] => [
    ...Object.entries(strata).flatMap(([stratum, each]): readonly Aim[] =>
      (['start', 'done', 'start'] as const).map((at) => ({
        at,
        stratum,
        nth: 1 + Math.floor(chance() * payments * each * 0.7),
        delay: anyDelay(chance),
      })),
    ),
    ...anywhere(chance),
  ]
  return {
    name: 'transact',
    job: (folder) => transact(payments, folder),
    aims,
    missing: (tally) =>
      Object.keys(strata)
        .filter((stratum) => (tally.steps.get(stratum)?.inFlight ?? 0) === 0)
        .map((stratum) => `step ${stratum}`),
  }
}
