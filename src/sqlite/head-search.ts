// Turns a query for heads into SQL that reads no more than a page, newest first.

import type { AttributeQuery, HeadQuery } from '../journal/store.ts'
import type { Value } from './statements.ts'

/** The columns of a head under the port's names. */
export const headColumns = `run, chain, status, priority, accepted_at AS acceptedAt, ended_at AS endedAt,
  wake_at AS wakeAt, signals, attributes`

const headNames = 'run, chain, status, priority, acceptedAt, endedAt, wakeAt, signals, attributes'
const beforeRun = 'id < (SELECT id FROM heads WHERE run = ?)'
const hasChain = `instr(',' || chain || ',', ?) > 0`
/** Of a head that is at hand: found by the whole key. */
const isEqual =
  'EXISTS (SELECT 1 FROM head_attributes AS b WHERE b.name = ? AND b.value = ? AND b.id = heads.id)'
/** A range would have to be read from end to end for one head: what the head itself says is nearer. */
const isBetween = `EXISTS (SELECT 1 FROM json_each(heads.attributes) AS b
  WHERE b.key = ? AND b.type IN ('integer', 'real') AND b.value >= ? AND b.value <= ?)`

/** What is asked of one attribute: as a place in the index, and as a question to a head that was found otherwise. */
interface Condition {
  readonly drives: string
  readonly drivenBy: readonly Value[]
  readonly holds: string
  readonly heldBy: readonly Value[]
}

function conditionOf([name, wanted]: readonly [string, AttributeQuery]): Condition {
  if (typeof wanted === 'object') {
    const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = wanted
    const drives = 'a.name = ? AND a.value >= ? AND a.value <= ?'
    return { drives, drivenBy: [`n:${name}`, min, max], holds: isBetween, heldBy: [name, min, max] }
  }
  const sort = typeof wanted === 'string' ? 's:' : typeof wanted === 'number' ? 'n:' : 'b:'
  const by = [`${sort}${name}`, typeof wanted === 'boolean' ? Number(wanted) : wanted]
  return { drives: 'a.name = ? AND a.value = ?', drivenBy: by, holds: isEqual, heldBy: by }
}

/** What lies in the index in the order of runs comes first: what a range finds must be sorted. */
function conditionsOf({ attributes = {} }: HeadQuery): readonly Condition[] {
  const all = Object.entries(attributes).map(conditionOf)
  return all.toSorted((one, other) => one.drivenBy.length - other.drivenBy.length)
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
  const conditions = conditionsOf(query)
  const byAttribute = query.signal === undefined ? conditions[0] : undefined
  for (const one of conditions) if (one !== byAttribute) term(one.holds, ...one.heldBy)
  const statuses = query.status && [...new Set(query.status)]
  if (typeof query.signal === 'string') {
    term('signal = ?', query.signal)
    if (statuses) term(`status IN (${statuses.map(() => '?').join(', ')})`, ...statuses)
    // From the runs that wait for the signal, whatever SQLite thinks of that order: CROSS keeps it.
    return { sql: page('waits CROSS JOIN heads USING (id)', terms), values: [...values, limit] }
  }
  if (byAttribute) {
    term(byAttribute.drives, ...byAttribute.drivenBy)
    if (statuses) term(`status IN (${statuses.map(() => '?').join(', ')})`, ...statuses)
    return {
      sql: page('head_attributes AS a CROSS JOIN heads USING (id)', terms),
      values: [...values, limit],
    }
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
