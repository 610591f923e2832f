// Vite serves the inspector and runs the tests; tests and examples see the sources under the package's name.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (entry: string): string => fileURLToPath(new URL(`src/${entry}.ts`, import.meta.url))

/** Tests that share a process keep no state outside of themselves; one that replaces a module needs its own. */
const inProcess = globSync(
  `test/{analysis,chain,conformance,definition,engine,execution,journal,kernel,machines,observe,property,reflection,statistics,supervision,telemetry,testing}/**/*.test.ts`,
).filter((file) => !/\bvi\.(?:mock|useFakeTimers|stub)/.test(readFileSync(file, 'utf8')))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^catenary\/testing\/fast-check$/, replacement: source('fast-check') },
      { find: /^catenary$/, replacement: source('index') },
      { find: /^catenary\/(testing|sqlite|inspector|telemetry|prometheus)$/, replacement: source('$1') },
    ],
  },
  test: {
    projects: [
      { extends: true, test: { name: 'shared', include: inProcess, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/fixtures/**', ...inProcess],
        },
      },
    ],
    reporters: ['./.ci/reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // a guard against hanging, not a measurement: machines are busy
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No test may lean on another: order is drawn anew each time; CATENARY_SEED=<n> draws the same again.
    sequence: {
      shuffle: { files: true, tests: true },
      seed: Number(process.env['CATENARY_SEED'] ?? Date.now()),
    },
  },
})
