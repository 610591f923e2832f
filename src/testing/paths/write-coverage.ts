// Leaves what the tests of this process have visited where the analyzer reads it.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import type { ChainCoverage, CoverageFile } from '../../analysis/coverage.ts'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { newSecret } from '../../kernel/clock-secret.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { inWords } from '../../kernel/failure.ts'
import { shown } from '../../kernel/shown.ts'
import { atlasOf } from './coverage.ts'
import { label } from './machine-parts.ts'
import { covered } from './registry.ts'

/** Jest, and vitest's `vmThreads`, load modules anew for each test file, in one and the same thread. */
const instance = newSecret()

/**
 * Writes what the harnesses of this process have visited into a file of its own in `folder`: a second call writes the
 * same file anew; other processes write theirs beside it, as do other test files where the runner loads modules anew for
 * each. `catenary report --coverage FOLDER` reads them all. What a folder holds of earlier tests stays: empty it before.
 *
 * @param folder made where it is not there. Default `.catenary/coverage`.
 * @returns the file.
 * @throws CatenaryError BAD_OPTION where the file system refuses that
 * @example
 * ```ts
 * const greet = chain('greet').step('ask', () => 'who?')
 * const t = await harness(greet)
 * await (await t.attempt('ask')).succeed('Ada')
 * writeCoverage()
 * ```
 */
export function writeCoverage(folder = join('.catenary', 'coverage')): string {
  const chains = covered().map(({ compiled, transitions }) => coverageOf(compiled, transitions))
  const text = `${JSON.stringify({ schema: 1, chains } satisfies CoverageFile)}\n`
  try {
    mkdirSync(folder, { recursive: true })
    const file = join(folder, `${process.pid}-${threadId}-${instance}.json`)
    // readers see a whole file or none
    writeFileSync(`${file}.part`, text)
    renameSync(`${file}.part`, file)
    return file
  } catch (cause) {
    const message = `coverage cannot be written to ${shown(folder)} (${inWords(cause)}): give the path of a folder`
    throw new CatenaryError('BAD_OPTION', message, { cause })
  }
}

function coverageOf(compiled: CompiledChain, visited: ReadonlySet<string>): ChainCoverage {
  const { transitions, ways } = atlasOf(compiled)
  return {
    chain: compiled.spec.id,
    version: compiled.version,
    transitions: transitions.map((one) => {
      const { id, step, recovery } = one
      const by = ways.get(id)?.happens
      return {
        id,
        label: label(one),
        step,
        recovery,
        visited: visited.has(id),
        ...(by === undefined ? {} : { by }),
      }
    }),
  }
}
