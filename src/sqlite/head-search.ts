// Turns a query for heads into SQL that reads no more than a page, newest first.

import type { HeadQuery } from '../journal/store.ts'
import type { Value } from './statements.ts'

/** The columns of a head under the port's names. */
export const headColumns = `run, chain, status, priority, accepted_at AS acceptedAt, ended_at AS endedAt,
  wake_at AS wakeAt, signals, attributes`

const headNames = 'run, chain, status, priority, acceptedAt, endedAt, wakeAt, signals, attributes'
const beforeRun = 'id < (SELECT id FROM heads WHERE run = ?)'
const hasChain = `instr(',' || chain || ',', ?) > 0`
const hasSignal = `signals <> '' AND instr(signals, ?) > 0`
const hasAttribute = `EXISTS (SELECT 1 FROM json_each(attributes) AS a
  WHERE a.key = ? AND a.value = ? AND a.type IN (SELECT value FROM json_each(?)))`

/** The types that json_each gives to a value equal to one of ours. */
function jsonTypes(value: string | number | boolean): string {
  if (typeof value === 'string') return '["text"]'
  return typeof value === 'number' ? '["integer","real"]' : `["${value}"]`
}

/** SQL and its values for one query; the texts come from a bounded set, for all but the number of attributes. */
export function headSearch(query: HeadQuery): { readonly sql: string; readonly values: readonly Value[] } {
  const limit = query.limit ?? 100
  const terms: string[] = []
  const values: Value[] = []
  const term = (sql: string, ...its: readonly Value[]): void => {
    terms.push(sql)
    values.push(...its)
  }
  if (query.before !== undefined) term(beforeRun, query.before)
  if (query.chain !== undefined) term(hasChain, `,${query.chain},`)
  if (query.signal !== undefined) term(hasSignal, `,${query.signal},`)
  for (const [name, value] of Object.entries(query.attributes ?? {})) {
    term(hasAttribute, name, typeof value === 'boolean' ? Number(value) : value, jsonTypes(value))
  }
  // Without a status, few runs wait for a signal among many that do not: their own index is the shorter way.
  const index = query.signal !== undefined && query.status === undefined ? 'INDEXED BY heads_signals' : ''
  const page = (status: string): string => `SELECT id, ${headColumns} FROM heads ${index}
    WHERE ${[status, ...terms].join(' AND ')} ORDER BY id DESC LIMIT ?`
  if (query.status === undefined) {
    return { sql: `SELECT ${headNames} FROM (${page('status IS NOT NULL')})`, values: [...values, limit] }
  }
  // One page of each status, merged: so each is read in its index's order, however many there are.
  const statuses = [...new Set(query.status)]
  const pages = statuses.map(() => `SELECT * FROM (${page('status = ?')})`)
  return {
    sql: `SELECT ${headNames} FROM (${pages.join(' UNION ALL ')}) ORDER BY id DESC LIMIT ?`,
    values: [...statuses.flatMap((status) => [status, ...values, limit]), limit],
  }
}
