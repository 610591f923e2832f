// What is mutated, by which tests, and how many of its mutants these must find.

export interface Group {
  /** Files whose code is changed. */
  readonly mutate: readonly string[]
  /** Files whose tests are to find it. */
  readonly tests: readonly string[]
  /** Of those, the ones that start an engine for each mutant. Default none. */
  readonly without?: readonly string[]
  /** Least share of mutants found, in percent. */
  readonly least: number
}

export const groups: Readonly<Record<string, Group>> = {
  machines: {
    mutate: ['machines/**/*.ts'],
    tests: ['test/machines/**/*.test.ts'],
    without: ['test/machines/every-transition.test.ts'],
    least: 90,
  },
}
