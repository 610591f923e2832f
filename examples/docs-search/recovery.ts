// What was not as it should be, and what was done instead: every line of it ends in the report.

export interface Recovery {
  /** Path of the package below node_modules. */
  readonly package: string
  readonly reason: string
  /** `skip`: left out. `fallback`: something else stands in. `retry`: read again. `cap`: read in part. */
  readonly action: 'skip' | 'fallback' | 'retry' | 'cap'
  /** What became of it, for people. */
  readonly outcome: string
}

/** By package, then reason: the order must not depend on which file was read first. */
export function sortRecoveries(recoveries: readonly Recovery[]): readonly Recovery[] {
  const key = (one: Recovery): string => [one.package, one.action, one.reason, one.outcome].join('\0')
  return recoveries.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}
