// Reads what tests have left of what they visited: a file, or all files of a folder.

import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type CoverageFound, mergeCoverage, parseCoverage } from '../analysis/coverage.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { inWords } from '../kernel/failure.ts'

/** @param option names the path for people. */
export function readCoverage(path: string, option = '--coverage'): CoverageFound {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw unread(`${option} finds nothing at ${path}: have tests call writeCoverage()`)
  const files = stat.isDirectory()
    ? globSync('*.json', { cwd: path }).map((name) => join(path, name))
    : [path]
  if (files.length === 0) throw unread(`${option} finds no file in ${path}: have tests call writeCoverage()`)
  return mergeCoverage(
    files.map((file) => {
      const read = parseCoverage(textOf(file, option))
      if (read === undefined) throw unread(`${file} is no coverage that tests have left: remove it`)
      return read
    }),
  )
}

function textOf(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw unread(`${option} cannot read ${file}: ${inWords(error)}`)
  }
}

function unread(problem: string): CatenaryError {
  return new CatenaryError('BAD_OPTION', problem)
}
