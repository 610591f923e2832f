// A throw-away copy of the sources, in which bugs may be planted; its packages are those of the checkout.

import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const parts = [
  'src',
  'machines',
  'test',
  'examples',
  '.ci',
  'package.json',
  'tsconfig.json',
  'vite.config.ts',
]

export interface Copy extends Disposable {
  readonly root: string
}

/** Copies the sources in `from` to a folder of their own, which is gone when the copy is disposed of. */
export function copySources(from: string): Copy {
  const root = mkdtempSync(join(tmpdir(), 'catenary-planted-'))
  for (const part of parts)
    cpSync(join(from, part), join(root, part), { recursive: true, filter: (path) => !isLocal(path) })
  symlinkSync(join(from, 'node_modules'), join(root, 'node_modules'))
  return {
    root,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

function isLocal(path: string): boolean {
  return /[/\\]node_modules(?:[/\\]|$)/.test(path)
}
