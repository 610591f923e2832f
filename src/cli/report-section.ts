// What a report's document is made of, and how figures read in it.

import type { HealthState, Interval, Percentiles } from '../analysis/figures.ts'
import { formatMs } from '../kernel/duration.ts'
import type { Column } from './table.ts'

export interface Section {
  readonly title: string
  /** What its figures rest on, or that there is nothing. */
  readonly note?: string
  readonly points?: readonly Point[]
  readonly table?: { readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] }
}

/** A sentence, and what follows from it. */
export interface Point {
  readonly mark: HealthState | 'high' | 'medium' | 'low'
  readonly text: string
  readonly more?: string
}

/** At most so many rows of each table; the JSON has all. */
export const most = 12

/** The estimate of a percentile; what has no upper bound says so. */
export function at(percentiles: Percentiles, which: 'p50' | 'p95'): string {
  const found = percentiles[which]
  if (found === undefined || (which === 'p95' && percentiles.n < 20)) return ''
  return `${found.high === undefined && which === 'p95' ? '≥ ' : ''}${formatMs(found.estimate)}`
}

export function boundsOf({ low, high }: Interval): string {
  if (low === undefined && high === undefined) return ''
  return `${low === undefined ? '?' : formatMs(low)} to ${high === undefined ? '?' : formatMs(high)}`
}

export function percent(share: number): string {
  const value = share * 100
  return `${value > 0 && value < 10 ? Number(value.toFixed(1)) : Math.round(value)} %`
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}

/** The note of a table: what its figures are, and that there are more of them. */
export function more(n: number, note?: string): { readonly note?: string } {
  const parts = [note, n > most ? `the first ${most} of ${n}, --format json has all` : undefined]
  const said = parts.filter((part) => part !== undefined).join('; ')
  return said === '' ? {} : { note: said }
}
