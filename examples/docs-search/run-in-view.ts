// Starts a run, or goes on with it, in view of the user; ends when the run does, stands still, or is stopped.

import { join } from 'node:path'
import type { RunResult, Supervisor } from 'catenary'
import { report } from './chains.ts'
import { countLine } from './counted.ts'
import type { Paint, Terminal } from './terminal/paint.ts'
import { createView } from './terminal/view.ts'
import { watch } from './watch.ts'
import type { DocsInput, Workspace } from './workspace.ts'

export type End =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly status: string; readonly failures: Failures }
  /** It was parked: it stands still until somebody acts. */
  | { readonly kind: 'parked'; readonly detail: string; readonly cure: string }
  /** The user wants to stop. */
  | { readonly kind: 'stopped' }

type Failures = Extract<RunResult<unknown>, { readonly failures: unknown }>['failures']

export interface Going {
  readonly supervisor: Supervisor
  readonly workspace: Workspace
  readonly input: DocsInput
  readonly id: string
  readonly packages: number
}

export interface Showing {
  readonly terminal: Terminal
  readonly paint: Paint
  readonly interrupted: AbortSignal
}

/** From top to bottom, as they are shown. */
const chains = ['discover', 'parse', 'licenses', 'index', 'verify', 'report', 'alert']
const redrawEvery = 80

export async function runInView(going: Going, { terminal, paint, interrupted }: Showing): Promise<End> {
  const { supervisor, workspace, input, id, packages } = going
  const view = createView({ terminal, paint, chains, packages, soon: later })
  const run = await supervisor.start(report, { ...input, root: workspace.root, dir: workspace.dir }, { id })
  countLine(`accepted ${run.id}`)
  const stopped = Promise.withResolvers<End>()
  const stop = (): void => stopped.resolve({ kind: 'stopped' })
  if (interrupted.aborted) stop()
  interrupted.addEventListener('abort', stop)
  const unwatch = await watch(run, join(workspace.dir, 'app.db'), (fact) => view.tell(fact))
  try {
    return await Promise.race([stopped.promise, run.settled().then(endOf)])
  } finally {
    interrupted.removeEventListener('abort', stop)
    unwatch()
    view.close()
  }
}

function endOf(result: RunResult<unknown>): End {
  if (result.status === 'succeeded') return { kind: 'succeeded' }
  if ('failures' in result) return { kind: 'failed', status: result.status, failures: result.failures }
  return { kind: 'parked', detail: result.detail, cure: result.cure }
}

function later(draw: () => void): () => void {
  const timer = setTimeout(draw, redrawEvery)
  return () => clearTimeout(timer)
}
