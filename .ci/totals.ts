// The one line that every test run ends with.

export interface Totals {
  passed: number
  failed: number
  skipped: number
}

export function totals({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** Reads that line back from a run's output; undefined when the run never came to print it. */
export function readTotals(output: string): Totals | undefined {
  const line = output.trimEnd().split('\n').at(-1) ?? ''
  const found = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line.trim())
  if (!found) return undefined
  return { passed: Number(found[1]), failed: Number(found[2]), skipped: Number(found[3] ?? 0) }
}
