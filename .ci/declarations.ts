// Deletes the declarations that no entry of the package leads to: nobody can import them.
import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { importsOf } from './imports.ts'

/** @param entries declaration files, from `folder`. */
export function keepReachable(folder: string, entries: readonly string[]): void {
  const kept = new Set(entries)
  for (const file of kept)
    for (const { target } of importsOf(file, readFileSync(join(folder, file), 'utf8')))
      if (target !== undefined) kept.add(target.replace(/\.[jt]s$/, '.d.ts'))
  for (const file of globSync('**/*.d.ts', { cwd: folder }))
    if (!kept.has(file.replaceAll('\\', '/'))) rmSync(join(folder, file))
}
