// Whether what holds of all holds of the parts as well: of classes of input, and of the fifths of the time looked at.

import type { RunRecord } from '../observe/run-record.ts'
import type { View } from './evidence.ts'

const fifths = 5
/** Fewer say nothing, for or against. */
const fewest = 5

/**
 * The share of what was seen that lies in parts of which it holds, the lesser of two cuts: by class of input, and by
 * time, of which each fifth must say it for itself. What holds only while something was broken, or only since the mix
 * of inputs changed, does not hold for a whole.
 *
 * @param holds told the part; at least 5 each.
 */
export function cover<T extends { readonly run: RunRecord; readonly order: number }>(
  view: View,
  seen: readonly T[],
  holds: (part: readonly T[]) => boolean,
): number {
  const times = grouped(seen, ({ order }) => String(Math.floor((order * fifths) / view.runs.length)))
  let inTime = 0
  for (const part of times.values()) if (part.length >= fewest && holds(part)) inTime++
  let told = 0
  let against = 0
  for (const part of grouped(seen, ({ run }) => view.classOf(run)).values()) {
    if (part.length < fewest) continue
    told += part.length
    if (!holds(part)) against += part.length
  }
  return Math.min(inTime / fifths, told === 0 ? 0 : 1 - against / told)
}

function grouped<T>(items: readonly T[], by: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = by(item)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [item])
    else known.push(item)
  }
  return groups
}
