// One typed line from beginning to end: decides which run it means, runs it in view, says how it ended.

import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createSupervisor, type RunResult, type Supervisor } from 'catenary'
import type { DocsApp } from './app.ts'
import { alert, report } from './chains.ts'
import { abandoned, type Decision, decide } from './generation.ts'
import type { Report } from './report/contents.ts'
import { plural } from './report/markup.ts'
import { type Survey, survey } from './survey.ts'
import type { Paint, Terminal } from './terminal/paint.ts'
import { row, summary } from './terminal/summary.ts'
import { createView, seconds } from './terminal/view.ts'
import { watch } from './watch.ts'
import { type DocsInput, forget, published, type Workspace, workspaceOf } from './workspace.ts'

export interface Session {
  readonly app: DocsApp
  readonly terminal: Terminal
  readonly paint: Paint
  /** Aborts when the user wants to stop. */
  readonly interrupted: AbortSignal
  /** How to ask for an answer, for people: `npm start -- --query`. */
  readonly ask: string
}

/** From top to bottom, as they are shown. */
const chains = ['discover', 'parse', 'licenses', 'index', 'verify', 'report', 'alert']
const redrawEvery = 80

/** Indexes everything that is not indexed yet. @returns the exit code. */
export async function indexAll(input: DocsInput, fresh: boolean, session: Session): Promise<number> {
  const begun = performance.now()
  const workspace = workspaceOf({ input, runId: 'none' })
  const found = await survey(workspace, session.app.files)
  const say = (line: string): void => void session.terminal.write(`${line}\n`)
  say(
    `${session.paint.bold('docs-search')}  ${plural(found.packages, 'package')} under ${nice(workspace.root)}`,
  )
  if (found.packages === 0) {
    say(
      session.paint.red('there is no package to index: run npm ci first, or name another folder with --root'),
    )
    return 1
  }
  await mkdir(workspace.dir, { recursive: true })
  const store = join(workspace.dir, 'app.db')
  await using supervisor = await createSupervisor({ chains: [report, alert], store, app: session.app })
  const decision = await decide(supervisor, workspace, { fingerprint: found.fingerprint, fresh })
  const id = decision.kind === 'up-to-date' ? undefined : decision.id
  for (const { run } of await abandoned(supervisor, id)) {
    say(`gave up ${run}, which was over other packages or is begun anew`)
    await (await supervisor.get(run))?.cancel('another run took its place')
  }
  say(greeting(decision))
  if (id !== undefined) {
    const result = await runInView({ supervisor, workspace, input, id, found }, session)
    if (result === undefined) {
      say('stopped; type the same line again to go on from here')
      return 130
    }
    if (result.status !== 'succeeded') {
      for (const line of failureLines(result, workspace, session.paint)) say(line)
      return 1
    }
    await forgetOldRuns(workspace, id)
  }
  const written = JSON.parse(await readFile(join(workspace.dir, published.json), 'utf8')) as Report
  for (const line of ['', ...summary(written, session.paint)]) say(line)
  say(row(session.paint, 'report', nice(join(workspace.dir, published.page))))
  say(row(session.paint, 'ask it', session.paint.cyan(`${session.ask} "abort signal"`)))
  say(row(session.paint, 'took', seconds(performance.now() - begun)))
  return 0
}

function greeting(decision: Decision): string {
  if (decision.kind === 'up-to-date')
    return 'all is up to date: nothing was installed or changed since (--fresh begins anew)'
  if (decision.kind === 'go-on') return `going on with ${decision.id} where it stopped`
  const why = {
    first: '',
    changed: ', because the packages have changed',
    fresh: ', as asked',
    failed: ', because the last run did not succeed',
    incomplete: ', because the index or the report is gone or was changed',
  }
  return `beginning ${decision.id}${why[decision.why]}`
}

interface Going {
  readonly supervisor: Supervisor
  readonly workspace: Workspace
  readonly input: DocsInput
  readonly id: string
  readonly found: Survey
}

/** Undefined where the user stopped it. */
async function runInView(
  { supervisor, workspace, input, id, found }: Going,
  { terminal, paint, interrupted }: Session,
): Promise<RunResult<unknown> | undefined> {
  const view = createView({ terminal, paint, chains, packages: found.packages, soon: later })
  const run = await supervisor.start(report, { ...input, root: workspace.root, dir: workspace.dir }, { id })
  const unwatch = await watch(run, join(workspace.dir, 'app.db'), (fact) => view.tell(fact))
  const stopped = new Promise<undefined>((resolve) => {
    if (interrupted.aborted) resolve(undefined)
    else interrupted.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  try {
    return await Promise.race([run.settled(), stopped])
  } finally {
    unwatch()
    view.close()
  }
}

function later(draw: () => void): () => void {
  const timer = setTimeout(draw, redrawEvery)
  return () => clearTimeout(timer)
}

function failureLines(
  result: Exclude<RunResult<unknown>, { status: 'succeeded' }>,
  { dir }: Workspace,
  paint: Paint,
): readonly string[] {
  const lines = result.failures.map(({ chain, step, failure, blocked }) => {
    const because = blocked.length === 0 ? '' : paint.dim(` (so nothing came of ${blocked.join(', ')})`)
    return `  ${paint.red(step === undefined ? chain : `${chain}, ${step}`)}: ${failure.message}${because}`
  })
  return [
    '',
    paint.red(`the run ${result.status === 'failed' ? 'failed' : 'was cancelled'}`),
    ...lines,
    `  what was published before is still there; ${nice(join(dir, published.alert))} says more`,
  ]
}

/** Their files served only to go on after a kill. */
async function forgetOldRuns({ dir }: Workspace, keep: string): Promise<void> {
  const runs = join(dir, 'runs')
  for (const name of await readdir(runs).catch(() => [])) if (name !== keep) await forget(join(runs, name))
}

/** A path as one would type it here. */
function nice(path: string): string {
  const near = relative(process.cwd(), path)
  return near === '' || near.startsWith('..') ? path : near
}
