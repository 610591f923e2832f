// Keeps of the declarations what users can see: those that an entry of the package leads to, and the documentation of
// those that an entry names.
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importsOf } from './imports.ts'

/** A comment that stands on lines of its own, as the compiler writes them. */
const comments = /^[ \t]*(?:\/\*\*?(?:[^*]|\*(?!\/))*\*\/|\/\/(?!\/).*)[ \t]*\n/gm

/** @param entries declaration files, from `folder`. */
export function keepReachable(folder: string, entries: readonly string[]): void {
  const kept = new Set(entries)
  const named = new Set(entries)
  for (const file of kept)
    for (const { target } of importsOf(file, readFileSync(join(folder, file), 'utf8'))) {
      if (target === undefined) continue
      const declared = target.replace(/\.[jt]s$/, '.d.ts')
      kept.add(declared)
      if (entries.includes(file)) named.add(declared)
    }
  for (const one of globSync('**/*.d.ts', { cwd: folder })) {
    const file = one.replaceAll('\\', '/')
    const path = join(folder, file)
    if (!kept.has(file)) {
      rmSync(path)
      continue
    }
    const text = readFileSync(path, 'utf8')
    const plain = named.has(file) ? text : text.replace(comments, '')
    writeFileSync(
      path,
      plain.replace(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 4)),
    )
  }
}
