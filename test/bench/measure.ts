// One case of a row in a process of its own, with a fresh heap: measures it and tells its parent.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Line } from './line.ts'
import type { Case, Row, Terms } from './row.ts'
import { rows } from './rows.ts'

/** What a case came to. */
export type Outcome = { readonly lines: readonly Line[] } | { readonly problem: string }

export interface Asked extends Terms {
  readonly row: string
  readonly case: string
}

/** Measures a case in a process of its own. */
export async function measureApart(
  row: Row,
  one: Case,
  options: {
    readonly terms: Omit<Terms, 'folder'>
    readonly folder: string
    readonly profiles: string | undefined
  },
): Promise<Outcome> {
  const folder = join(options.folder, `${row.name}-${Date.now()}`)
  mkdirSync(folder, { recursive: true })
  const asked: Asked = { ...options.terms, folder, row: row.name, case: one.name }
  const profile = options.profiles === undefined ? [] : profiling(options.profiles, row, one)
  const child = fork(import.meta.filename, [JSON.stringify(asked)], {
    execArgv: [...(one.flags ?? []), ...profile],
    env: { ...process.env, ...one.env },
  })
  try {
    const told = once(child, 'message')
    const ended = once(child, 'exit')
    const message = await Promise.race([told, ended.then(([code]) => ({ died: code as number | null }))])
    const outcome =
      'died' in message ? { problem: `its process died (${message.died})` } : (message[0] as Outcome)
    await ended
    return outcome
  } finally {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

function profiling(folder: string, row: Row, one: Case): readonly string[] {
  const name = `${row.name}-${one.name.replaceAll(/[^a-z0-9]+/gi, '-')}.cpuprofile`
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}`]
}

async function measure(asked: Asked): Promise<Outcome> {
  const row = rows.find(({ name }) => name === asked.row)
  const one = row?.cases(asked.size).find(({ name }) => name === asked.case)
  if (one === undefined) return { problem: `there is no case "${asked.case}" in row "${asked.row}"` }
  try {
    return { lines: await one.measure(asked) }
  } catch (error) {
    return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

const [given] = process.argv.slice(2)
if (process.argv[1] === import.meta.filename && given !== undefined) {
  const outcome = await measure(JSON.parse(given) as Asked)
  // what a case leaves running dies with its process
  process.send?.(outcome, () => process.exit())
}
