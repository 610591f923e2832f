// Vite serves the inspector and runs the tests; tests and examples see the sources under the package's name.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (entry: string): string => fileURLToPath(new URL(`src/${entry}.ts`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^catenary$/, replacement: source('index') },
      { find: /^catenary\/(testing|sqlite|inspector|telemetry|prometheus)$/, replacement: source('$1') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/fixtures/**'],
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
