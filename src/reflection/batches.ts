// Means of runs that are not independent: stretches of runs count as one observation each.

import { studentTwoSided } from '../statistics/beta.ts'
import { addTo, noMoments, varianceOf } from '../statistics/moments.ts'

const batches = 20

/**
 * The chance that the mean is no more than `bound`, by the means of 20 stretches of consecutive values, which depend on
 * each other much less than the values do (batch means; Law and Carson 1979). 1 where there are too few.
 */
export function chanceOfAtMost(values: readonly number[], bound: number): number {
  if (values.length < batches) return 1
  let moments = noMoments
  for (let batch = 0; batch < batches; batch++) {
    const from = Math.floor((batch * values.length) / batches)
    const to = Math.floor(((batch + 1) * values.length) / batches)
    let sum = 0
    for (const value of values.slice(from, to)) sum += value
    moments = addTo(moments, sum / (to - from))
  }
  const variance = varianceOf(moments) ?? 0
  const distance = moments.mean - bound
  if (variance === 0) return distance > 0 ? 0 : 1
  const t = distance / Math.sqrt(variance / batches)
  const half = studentTwoSided(t, batches - 1) / 2
  return t > 0 ? half : 1 - half
}
