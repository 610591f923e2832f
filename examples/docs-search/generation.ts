// Which run a typed line means: the unfinished one, a new one, or none because all is up to date.

import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListedRun, RunStatus, Supervisor } from 'catenary'
import { hashOf, published, type Reference, type Workspace } from './workspace.ts'

export type Decision =
  | { readonly kind: 'up-to-date' }
  | { readonly kind: 'go-on'; readonly id: string }
  | {
      readonly kind: 'begin'
      readonly id: string
      readonly why: 'first' | 'changed' | 'fresh' | 'failed' | 'parked' | 'incomplete'
    }

const prefix = 'docs-'
const going: ReadonlySet<RunStatus> = new Set<RunStatus>(['running', 'waiting', 'paused'])
const failed: ReadonlySet<RunStatus> = new Set<RunStatus>(['failed', 'cancelled'])

/**
 * The same packages always mean the same run, `docs-<fingerprint>-1`, so that a line typed again after a kill goes
 * on with it. Once it has ended, the next run over the same packages has the next number.
 */
export async function decide(
  supervisor: Pick<Supervisor, 'list' | 'get'>,
  workspace: Workspace,
  { fingerprint, fresh }: { readonly fingerprint: string; readonly fresh: boolean },
): Promise<Decision> {
  const heads = await supervisor.list({ chain: 'report', limit: 1000 })
  const own = heads.filter(({ run }) => run.startsWith(`${prefix}${fingerprint}-`))
  const last = own.toSorted((a, b) => numberOf(b) - numberOf(a))[0]
  const next = `${prefix}${fingerprint}-${last === undefined ? 1 : numberOf(last) + 1}`
  if (last === undefined) return { kind: 'begin', id: next, why: heads.length === 0 ? 'first' : 'changed' }
  if (fresh) return { kind: 'begin', id: next, why: 'fresh' }
  if (going.has(last.status)) return { kind: 'go-on', id: last.run }
  if (failed.has(last.status)) return { kind: 'begin', id: next, why: 'failed' }
  // it stands still until a person acts: doing these few seconds of work again is the cheaper cure
  if (last.status !== 'succeeded') return { kind: 'begin', id: next, why: 'parked' }
  const run = await supervisor.get(last.run)
  const output = (await run?.result()) as { readonly json: Reference } | undefined
  return output !== undefined && (await isPublished(workspace, output.json))
    ? { kind: 'up-to-date' }
    : { kind: 'begin', id: next, why: 'incomplete' }
}

/** Unfinished runs other than `keep`: over packages that have changed since, or given up for a fresh one. */
export async function abandoned(
  supervisor: Pick<Supervisor, 'list'>,
  keep: string | undefined,
): Promise<readonly ListedRun[]> {
  const heads = await supervisor.list({ chain: 'report', limit: 1000 })
  return heads.filter(({ run, status }) => run !== keep && going.has(status))
}

function numberOf({ run }: ListedRun): number {
  return Number(run.slice(run.lastIndexOf('-') + 1))
}

/** Whether report and index are still there, and are the ones of that run. */
async function isPublished({ dir }: Workspace, json: Reference): Promise<boolean> {
  try {
    await access(join(dir, published.page))
    await access(join(dir, published.index))
    return hashOf(await readFile(join(dir, published.json), 'utf8')) === json.hash
  } catch {
    return false
  }
}
