// The middle of a sample, and how far its values typically lie from it, whatever a few outliers do.

import { quantileOf } from './quantile.ts'
import { ordered, refuseInfinite } from './sample.ts'

/** Undefined of nothing. */
export const medianOf = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : quantileOf(ordered(values), 0.5)

/**
 * The median absolute deviation times 1.4826: the standard deviation where values are normal, and unmoved by outliers up
 * to half of them. Undefined of nothing. Hampel, "The influence curve and its role in robust estimation" (1974).
 */
export function deviationOf(values: readonly number[]): number | undefined {
  refuseInfinite(values)
  const middle = medianOf(values)
  if (middle === undefined) return undefined
  return 1.482602218505602 * quantileOf(ordered(values.map((value) => Math.abs(value - middle))), 0.5)
}
