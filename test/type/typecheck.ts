// Runs the compiler over sources that a test wrote, as a user's own project that has the package installed.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface Diagnostic {
  readonly file: string
  readonly line: number
  readonly code: string
  /** With all that elaborates on it, each on a line of its own. */
  readonly message: string
}

export interface Checked {
  readonly diagnostics: readonly Diagnostic[]
  /** Milliseconds that checking took, parsing and binding not included. */
  readonly checkTime: number
  readonly instantiations: number
}

/** @param files sources by name. What they import as `catenary` is this repository's own sources. */
export function typecheck(files: Readonly<Record<string, string>>): Checked {
  const place = mkdtempSync(join(tmpdir(), 'catenary-types-'))
  try {
    symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'), 'junction')
    write(place, { ...files, 'package.json': '{ "type": "module" }' })
    write(place, { 'tsconfig.json': JSON.stringify(settings(Object.keys(files))) })
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const flags = ['-p', '.', '--pretty', 'false', '--extendedDiagnostics', '--singleThreaded']
    const { stdout } = spawnSync(process.execPath, [compiler, ...flags], { cwd: place, encoding: 'utf8' })
    return {
      diagnostics: diagnosticsIn(stdout),
      checkTime: Math.round(figure(stdout, 'Check time') * 1000),
      instantiations: figure(stdout, 'Instantiations'),
    }
  } finally {
    rmSync(place, { recursive: true })
  }
}

function settings(files: readonly string[]): object {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: '/',
      noUnusedLocals: false,
      noUnusedParameters: false,
      paths: {
        catenary: [join(root, 'src/index.ts')],
        'catenary/testing/fast-check': [join(root, 'src/fast-check.ts')],
        'catenary/*': [join(root, 'src/*.ts')],
      },
    },
    files: files.filter((file) => file.endsWith('.ts')),
    include: [],
  }
}

function write(place: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true })
    writeFileSync(join(place, name), text)
  }
}

function diagnosticsIn(output: string): readonly Diagnostic[] {
  const found: { file: string; line: number; code: string; message: string }[] = []
  for (const text of output.split('\n')) {
    const head = /^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$/.exec(text)
    const last = found.at(-1)
    if (head !== null) {
      const [, file = '', line = '', code = '', message = ''] = head
      found.push({ file, line: Number(line), code, message })
    } else if (text.startsWith('  ') && last !== undefined) last.message += `\n${text.trim()}`
  }
  return found
}

function figure(output: string, name: string): number {
  const text = new RegExp(String.raw`^${name}:\s+([\d.]+)`, 'm').exec(output)?.[1]
  if (text === undefined) throw new Error(`the compiler told no ${name}:\n${output}`)
  return Number(text)
}
