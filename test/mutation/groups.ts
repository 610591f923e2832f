// What is mutated, by which tests, and how many of its mutants these must find.

export interface Group {
  /** Files whose code is changed. */
  readonly mutate: readonly string[]
  /** Files whose tests are to find it. */
  readonly tests: readonly string[]
  /** Of those, the ones that start an engine for each mutant. Default none. */
  readonly without?: readonly string[]
  /** Tests of these files that are too slow to run for each mutant, by name. Default none. */
  readonly slow?: RegExp
  /** Least share of mutants found, in percent. */
  readonly least: number
}

/**
 * Folders without input and output: with the same arguments, their functions give the same. Of `supervision`, `journal`
 * and `chain` these are the decisions, the folds, and what compiles and orders chains; what holds timers, stores or
 * children is tested by other means.
 */
export const groups: Readonly<Record<string, Group>> = {
  machines: {
    mutate: ['machines/**/*.ts'],
    tests: ['test/machines/**/*.test.ts'],
    without: ['test/machines/every-transition.test.ts'],
    least: 90,
  },
  kernel: {
    mutate: ['src/kernel/**/*.ts', '!src/kernel/clock*.ts'],
    tests: ['test/kernel/**/*.test.ts', 'test/property/codec.test.ts'],
    // five million parts, and thousands of values of any kind
    slow: /references that multiply|all that fast-check can make/,
    least: 80,
  },
  definition: {
    mutate: ['src/definition/**/*.ts'],
    // what an author defines is mostly refused or kept by the builder
    tests: ['test/{definition,chain}/**/*.test.ts', 'test/property/backoff.test.ts'],
    least: 80,
  },
  statistics: {
    mutate: ['src/statistics/**/*.ts'],
    tests: ['test/statistics/**/*.test.ts'],
    // all methods at once, whatever comes in: seconds for each mutant
    without: ['test/statistics/any-input.test.ts'],
    // whether nine of ten intervals hold the truth shows over thousands of samples only
    slow: /of [\d,]+ (?:samples|pairs|lines|A\/A)|of 200 moments|95 % of level|any share|under a timeout|on average/,
    least: 80,
  },
  supervision: {
    mutate: ['src/supervision/{advance,arrivals,config,config-*,schedule-plan,tuned}.ts'],
    tests: ['test/supervision/**/*.test.ts', 'test/property/graph.test.ts'],
    least: 80,
  },
  journal: {
    mutate: [
      'src/journal/{arrival,causes,declared,encoding,guest-fold,guest-misfit,replay,replay-run}.ts',
      'src/journal/{rewound,run-plan,run-state,sorted-set,started}.ts',
    ],
    tests: ['test/journal/**/*.test.ts', 'test/machines/fragments.test.ts'],
    least: 80,
  },
  chain: {
    mutate: [
      'src/chain/{compile,compile-*,critical-path,decisions,detect-cycles,durations,graph,knots,members}.ts',
      'src/chain/{outputs,shortest-cycle,validate,validate-tree}.ts',
    ],
    tests: [
      'test/chain/**/*.test.ts',
      'test/machines/{attempts-alone,compensating,fragments,kinds,step}.test.ts',
    ],
    without: ['test/chain/{any-definition,chain,wrong-use}.test.ts'],
    // a mutant that goes round for ever is found by small graphs as well, and at once
    slow: /of 10,000 chains/,
    least: 80,
  },
  analysis: {
    mutate: ['src/analysis/**/*.ts', '!src/analysis/slices.ts'],
    tests: ['test/analysis/**/*.test.ts'],
    // they load the engine anew for each mutant; what they say of single measures, others say of records made by hand
    without: [
      'test/analysis/{built,changes,compare,evaluate.property,health,hostile-journals}.test.ts',
      'test/analysis/{interactions,report-schema,slices,times}.test.ts',
    ],
    least: 80,
  },
  reflection: {
    mutate: ['src/reflection/**/*.ts'],
    tests: ['test/reflection/**/*.test.ts'],
    // they replay whole journals, and take seconds each
    without: [
      'test/reflection/{clean,detectors,replay,replay-steps,robust,suggest}.test.ts',
      'test/reflection/{trial,what-if,whole}.test.ts',
    ],
    least: 80,
  },
}
