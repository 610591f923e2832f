// What all telemetry may be told of how much to keep, and what is refused of it: all that is wrong in one error.

import { CatenaryError } from '../kernel/errors.ts'
import { unknownOptions, readOptions } from '../kernel/known-options.ts'

export interface CommonOptions {
  /**
   * Most runs that are followed at once; those beyond are read from the journal when they move. Default 10,000,
   * of some 4 kB each.
   */
  readonly maxRuns?: number
  /**
   * Most values of labels: of chains with a step, and of all else that has a name. What comes beyond is `_other`.
   * Default 500.
   */
  readonly maxNames?: number
  /** Upper bounds of the buckets of all histograms, growing (s). Default 18 from 5 ms to a day. */
  readonly buckets?: readonly number[]
}

const common = { maxRuns: true, maxNames: true, buckets: true } as const
const known = {
  'createTelemetry()': { ...common, maxSpans: true, tracerProvider: true, meterProvider: true },
  'createPrometheus()': common,
} as const

export function refuseBadTelemetry(options: unknown, of: keyof typeof known): void {
  readOptions(() => refuseUnusable(options, of), of)
}

function refuseUnusable(options: unknown, of: keyof typeof known): void {
  const given = (options ?? {}) as Readonly<Record<string, unknown>>
  const strange = unknownOptions(options, known[of], of)
  const problems = strange === undefined ? [] : [strange]
  for (const name of ['maxRuns', 'maxNames', 'maxSpans'] as const) {
    const value = given[name]
    if (value !== undefined && !(Number.isInteger(value) && (value as number) >= 1))
      problems.push(`${name} is a whole number from 1`)
  }
  const { buckets } = given
  if (buckets !== undefined && !isGrowing(buckets))
    problems.push('buckets is a list of growing numbers above 0, in seconds')
  for (const [name, method] of [
    ['tracerProvider', 'getTracer'],
    ['meterProvider', 'getMeter'],
  ] as const) {
    const value = given[name]
    if (value === undefined || value === false) continue
    if (typeof (value as Readonly<Record<string, unknown>> | null)?.[method] !== 'function')
      problems.push(`${name} has a method ${method}, or is false`)
  }
  if (problems.length > 0) throw new CatenaryError('BAD_OPTION', problems.join('; '))
}

function isGrowing(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false
  return (value as unknown[]).every(
    (bound, i) =>
      typeof bound === 'number' && Number.isFinite(bound) && bound > (i === 0 ? 0 : (value[i - 1] as number)),
  )
}
