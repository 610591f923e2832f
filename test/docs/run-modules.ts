// Runs modules as Node runs a user's own, with `catenary` meaning this repository's sources.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface Ran {
  readonly name: string
  /** All that it printed. */
  readonly output: string
  readonly error: string | null
}

/** @param modules sources by file name. */
export function runModules(modules: Readonly<Record<string, string>>): readonly Ran[] {
  const place = mkdtempSync(join(tmpdir(), 'catenary-docs-'))
  try {
    symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'), 'junction')
    writeFileSync(join(place, 'package.json'), '{ "type": "module" }')
    const files = Object.entries(modules).map(([name, text]) => {
      writeFileSync(join(place, name), text)
      return join(place, name)
    })
    const runner = join(import.meta.dirname, 'fixtures/run.ts')
    const source = join(root, '.ci/source.ts')
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', source, runner, ...files], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    if (stdout === '') throw new Error(`the examples did not run:\n${stderr}`)
    return JSON.parse(stdout) as readonly Ran[]
  } finally {
    rmSync(place, { recursive: true })
  }
}
