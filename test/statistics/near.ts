// Compares with a golden value: by its relative distance, so that small tails count as much as great times.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'golden', `${name}.json`), 'utf8')) as T
}

/** `null` of a golden file is `undefined` here: no bound. */
export function expectNear(
  actual: number | undefined,
  wanted: number | null | undefined,
  tolerance = 1e-8,
  about = '',
): void {
  if (wanted === null || wanted === undefined) return expect(actual, about).toBeUndefined()
  if (actual === wanted) return
  const distance = Math.abs((actual ?? Number.NaN) - wanted) / Math.max(Math.abs(wanted), 1e-300)
  expect(distance, `${about} ${actual} is not ${wanted}`).toBeLessThan(tolerance)
}
