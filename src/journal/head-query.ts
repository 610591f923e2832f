// Says whether a run's head answers a query: the meaning that every store's own search must match.

import type { AttributeQuery, HeadQuery, RunHead } from './store.ts'

/**
 * Whether all that `query` asks of one head holds; its order, `before` and `limit` are the caller's. It serves a
 * store of your own that looks at its heads one by one.
 *
 * @example
 * ```ts
 * const waiting = (heads: readonly RunHead[]) => heads.filter((head) => matchesHead(head, { status: ['waiting'] }))
 * ```
 */
export function matchesHead(head: RunHead, query: HeadQuery): boolean {
  if (query.status !== undefined && !query.status.includes(head.status)) return false
  if (query.chain !== undefined && !`,${head.chain},`.includes(`,${query.chain},`)) return false
  if (query.signal === true && head.signals === '') return false
  if (typeof query.signal === 'string' && !head.signals.includes(`,${query.signal},`)) return false
  const wanted = Object.entries(query.attributes ?? {})
  if (wanted.length === 0) return true
  const attributes: unknown = JSON.parse(head.attributes)
  if (typeof attributes !== 'object' || attributes === null) return false
  const found = new Map<string, unknown>(Object.entries(attributes))
  return wanted.every(([name, value]) => isWanted(found.get(name), value))
}

function isWanted(found: unknown, wanted: AttributeQuery): boolean {
  if (typeof wanted !== 'object') return found === wanted
  const { min = -Infinity, max = Infinity } = wanted
  return typeof found === 'number' && found >= min && found <= max
}
