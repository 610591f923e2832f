// Turns a query for heads into SQL that reads no more than a page, newest first.

import type { HeadQuery } from '../journal/store.ts'
import type { Value } from './statements.ts'

/** The columns of a head under the port's names. */
export const headColumns = `run, chain, status, priority, accepted_at AS acceptedAt, ended_at AS endedAt,
  wake_at AS wakeAt, signals, attributes`

const headNames = 'run, chain, status, priority, acceptedAt, endedAt, wakeAt, signals, attributes'
const beforeRun = 'id < (SELECT id FROM heads WHERE run = ?)'
const hasChain = `instr(',' || chain || ',', ?) > 0`
const hasAttribute = `EXISTS (SELECT 1 FROM json_each(attributes) AS a
  WHERE a.key = ? AND a.value = ? AND a.type IN (SELECT value FROM json_each(?)))`

/** The types that json_each gives to a value equal to one of ours. */
function jsonTypes(value: string | number | boolean): string {
  if (typeof value === 'string') return '["text"]'
  return typeof value === 'number' ? '["integer","real"]' : `["${value}"]`
}

interface Search {
  readonly sql: string
  readonly values: readonly Value[]
}

/** SQL and its values for one query; the texts come from a bounded set, for all but the number of attributes. */
export function headSearch(query: HeadQuery): Search {
  const limit = query.limit ?? 100
  const terms = ['status IS NOT NULL']
  const values: Value[] = []
  const term = (sql: string, ...its: readonly Value[]): void => {
    terms.push(sql)
    values.push(...its)
  }
  if (query.before !== undefined) term(beforeRun, query.before)
  if (query.chain !== undefined) term(hasChain, `,${query.chain},`)
  for (const [name, value] of Object.entries(query.attributes ?? {})) {
    term(hasAttribute, name, typeof value === 'boolean' ? Number(value) : value, jsonTypes(value))
  }
  const statuses = query.status && [...new Set(query.status)]
  if (typeof query.signal === 'string') {
    term('signal = ?', query.signal)
    if (statuses) term(`status IN (${statuses.map(() => '?').join(', ')})`, ...statuses)
    // From the runs that wait for the signal, whatever SQLite thinks of that order: CROSS keeps it.
    return { sql: page('waits CROSS JOIN heads USING (id)', terms), values: [...values, limit] }
  }
  if (!statuses) return { sql: page('heads', terms), values: [...values, limit] }
  return ofStatuses(statuses, terms, values, limit)
}

/** One page of each status, merged: so each is read in its index's order, however many there are. */
function ofStatuses(
  statuses: readonly string[],
  terms: readonly string[],
  values: readonly Value[],
  limit: number,
): Search {
  const one = `SELECT * FROM (SELECT id, ${headColumns} FROM heads
    WHERE ${[...terms, 'status = ?'].join(' AND ')} ORDER BY id DESC LIMIT ?)`
  return {
    sql: `SELECT ${headNames} FROM (${statuses.map(() => one).join(' UNION ALL ')}) ORDER BY id DESC LIMIT ?`,
    values: [...statuses.flatMap((status) => [...values, status, limit]), limit],
  }
}

const page = (from: string, terms: readonly string[]): string =>
  `SELECT ${headColumns} FROM ${from} WHERE ${terms.join(' AND ')} ORDER BY id DESC LIMIT ?`
