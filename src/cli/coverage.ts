// Reads what tests have left of what they visited: a file, or all files of a folder.

import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type CoverageFound, mergeCoverage, parseCoverage } from '../analysis/coverage.ts'
import { usageError } from './exit.ts'

export function readCoverage(path: string): CoverageFound {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined)
    throw usageError(`--coverage finds nothing at ${path}: have tests call writeCoverage()`)
  const files = stat.isDirectory()
    ? globSync('*.json', { cwd: path }).map((name) => join(path, name))
    : [path]
  if (files.length === 0)
    throw usageError(`--coverage finds no file in ${path}: have tests call writeCoverage()`)
  return mergeCoverage(
    files.map((file) => {
      const read = parseCoverage(textOf(file))
      if (read === undefined) throw usageError(`${file} is no coverage that tests have left: remove it`)
      return read
    }),
  )
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw usageError(
      `--coverage cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
