// How much longer attempts take where more of them are at work.

import { normalQuantile } from '../../statistics/normal.ts'

export interface Levelled {
  /** Its step: steps are compared with themselves only. */
  readonly of: string
  /** How many were at work as it began, itself included. */
  readonly level: number
  readonly ms: number
}

export interface Growth {
  readonly n: number
  readonly levels: number
  /** How much slower with as many more at work as there are places: the upper bound, 0.1 for a tenth. */
  readonly high: number
}

const fewestLevels = 3
const fewestAtLevel = 20

/**
 * The slope of the logarithm of how long attempts took over how many were at work, each step against its own mean, by
 * least squares. Undefined where too few levels were seen often enough.
 */
export function growthOf(points: readonly Levelled[], places: number): Growth | undefined {
  const levels = new Map<number, number>()
  let n = 0
  let xx = 0
  let xy = 0
  let yy = 0
  for (const own of Map.groupBy(points, ({ of }) => of).values()) {
    if (own.length < fewestAtLevel) continue
    const logs = own.map(({ ms }) => Math.log(Math.max(ms, 0.1)))
    const meanLevel = own.reduce((sum, { level }) => sum + level, 0) / own.length
    const meanLog = logs.reduce((sum, log) => sum + log, 0) / own.length
    for (const [at, { level }] of own.entries()) {
      const dx = level - meanLevel
      const dy = (logs[at] ?? 0) - meanLog
      levels.set(level, (levels.get(level) ?? 0) + 1)
      n++
      xx += dx * dx
      xy += dx * dy
      yy += dy * dy
    }
  }
  const seen = [...levels.values()].filter((count) => count >= fewestAtLevel).length
  if (seen < fewestLevels || xx === 0 || n < 3) return undefined
  const slope = xy / xx
  const error = Math.sqrt(Math.max(0, (yy - slope * xy) / (n - 2) / xx))
  const high = slope + normalQuantile(0.95) * error
  return { n, levels: seen, high: Math.expm1(high * places) }
}
