// The real command, from its source, in a folder of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '../..')
const node = join(root, 'node_modules/.bin/node')
const command = join(root, 'src/cli.ts')

export const shop: string = join(import.meta.dirname, 'fixtures/shop.ts')

/** The path of a fixture. */
export function fixture(name: string): string {
  return join(import.meta.dirname, 'fixtures', name)
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  /** What it has written so far, on both streams. */
  text(): string
  /** Resolves once it has written something that matches. */
  says(pattern: RegExp): Promise<void>
}

export interface Place {
  /** The folder that the command runs in. */
  readonly folder: string
  /** Starts it; ended with the test, at the latest. */
  start(...line: readonly string[]): Running
  /** Runs it to its end. */
  run(...line: readonly string[]): Promise<Ended>
  /** The same with --json, parsed. */
  json(...line: readonly string[]): Promise<{ readonly code: number | null; readonly value: unknown }>
}

/** A new empty folder, removed with the test. */
export function place(env: Readonly<Record<string, string>> = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const start: Place['start'] = (...line) => {
    const { FORCE_COLOR: _, NO_COLOR: __, CATENARY_DEBUG: ___, ...inherited } = process.env
    const child = spawn(node, [command, ...line], {
      cwd: folder,
      env: { ...inherited, TZ: 'UTC', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const running = listen(child)
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await running.ended
    })
    return running
  }
  const run: Place['run'] = async (...line) => start(...line).ended
  return {
    folder,
    start,
    run,
    async json(...line) {
      const { code, out, err } = await run(...line, '--json')
      try {
        return { code, value: JSON.parse(out) as unknown }
      } catch {
        throw new Error(`not one JSON document: ${out}\n${err}`)
      }
    },
  }
}

function listen(child: ChildProcess): Running {
  let out = ''
  let err = ''
  let over = false
  const listeners = new Set<() => void>()
  const hear = (): void => {
    for (const listener of listeners) listener()
  }
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
    hear()
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
    hear()
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      over = true
      hear()
      resolve({ code, out, err })
    })
  })
  const text = (): string => out + err
  return {
    process: child,
    ended,
    text,
    says: async (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(text())) resolve()
          else if (over) reject(new Error(`it ended without saying ${String(pattern)}: ${text()}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
  }
}
