// Compiles the recorder, and reads what it wrote: all that a job did to its files, in the order in which it took effect.

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('record.c', import.meta.url))
const compilers = ['cc', 'gcc', 'clang']

/** Why nothing can be recorded here; undefined where it can. */
export function noRecorder(): string | undefined {
  if (process.platform !== 'linux') return 'it takes Linux'
  return compilerHere() === undefined ? `it takes a C compiler: ${compilers.join(', ')}` : undefined
}

function compilerHere(): string | undefined {
  return compilers.find((name) => {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}

/**
 * Compiles it into `folder`. @returns the environment that records what a process does below `root` into `log`;
 * what it writes into `told` counts as told.
 */
export function compileRecorder(
  folder: string,
): (root: string, told: string, log: string) => Readonly<Record<string, string>> {
  const library = join(folder, 'record.so')
  execFileSync(compilerHere() ?? 'cc', [
    '-O2',
    '-Wall',
    '-shared',
    '-fPIC',
    '-o',
    library,
    source,
    '-ldl',
    '-lpthread',
  ])
  return (root, told, log) => ({ LD_PRELOAD: library, POWER_ROOT: root, POWER_TOLD: told, POWER_LOG: log })
}

const operations = [
  'none',
  'opened',
  'created',
  'emptied',
  'written',
  'cut',
  'sync-begun',
  'sync-ended',
  'removed',
  'renamed',
] as const

export interface Deed {
  readonly operation: (typeof operations)[number]
  /** Of one process, one opening of a file; 0 where the deed is about a path. */
  readonly handle: string
  readonly offset: number
  readonly bytes: Buffer
}

const headerSize = 24

/** Reads a log from its beginning. */
export function* deedsIn(log: string): Generator<Deed> {
  const descriptor = openSync(log, 'r')
  try {
    const header = Buffer.alloc(headerSize)
    while (readSync(descriptor, header, 0, headerSize, null) === headerSize) {
      const bytes = Buffer.alloc(header.readUInt32LE(12))
      readSync(descriptor, bytes, 0, bytes.length, null)
      yield {
        operation: operations[header.readUInt32LE(0)] ?? 'none',
        handle: `${header.readUInt32LE(4)}.${header.readUInt32LE(8)}`,
        offset: Number(header.readBigInt64LE(16)),
        bytes,
      }
    }
  } finally {
    closeSync(descriptor)
  }
}
