// One typed line from beginning to end: decides which run it means, runs it in view, says how it ended.

import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createSupervisor } from 'catenary'
import { createInspector } from 'catenary/inspector'
import type { DocsApp } from './app.ts'
import { alert, report } from './chains.ts'
import { abandoned, type Decision, decide } from './generation.ts'
import type { Report } from './report/contents.ts'
import { plural } from './report/markup.ts'
import { type End, runInView, type Showing } from './run-in-view.ts'
import { survey } from './survey.ts'
import { seconds } from './terminal/chain-line.ts'
import type { Paint } from './terminal/paint.ts'
import { row, summary } from './terminal/summary.ts'
import { type DocsInput, forget, published, type Workspace, workspaceOf } from './workspace.ts'

/** `interrupted` aborts when the user wants to stop. */
export interface Session extends Showing {
  readonly app: DocsApp
  /** How to ask for an answer, for people: `npm start -- --query`. */
  readonly ask: string
  /** Whether the inspector is kept open at the end, until the user wants to stop. Default false. */
  readonly stay?: boolean
}

/** Indexes everything that is not indexed yet. @returns the exit code. */
export async function indexAll(input: DocsInput, fresh: boolean, session: Session): Promise<number> {
  const begun = performance.now()
  const { paint } = session
  const say = (line: string): void => void session.terminal.write(`${line}\n`)
  const workspace = workspaceOf({ input, runId: 'none' })
  const { packages, fingerprint } = await survey(workspace, session.app.files)
  say(`${paint.bold('docs-search')}  ${plural(packages, 'package')} under ${nice(workspace.root)}`)
  if (packages === 0) {
    say(paint.red('there is no package to index: run npm ci first, or name another folder with --root'))
    return 1
  }
  await mkdir(workspace.dir, { recursive: true })
  const store = join(workspace.dir, 'app.db')
  await using supervisor = await createSupervisor({ chains: [report, alert], store, app: session.app })
  // on this machine only, and closed with the supervisor; a deployment has to ask for it
  const inspected = process.env['NODE_ENV'] !== 'production'
  await using inspector = inspected ? createInspector(supervisor) : undefined
  const address = (await inspector?.listen())?.url
  if (address !== undefined) say(`watch it at ${paint.cyan(address)}`)

  const perform = async (again: boolean): Promise<End | undefined> => {
    const decision = await decide(supervisor, workspace, { fingerprint, fresh: fresh && !again })
    const id = decision.kind === 'up-to-date' ? undefined : decision.id
    for (const { run } of await abandoned(supervisor, id)) {
      say(`gave up ${run}, which was over other packages or is begun anew`)
      await (await supervisor.get(run))?.cancel('another run took its place')
    }
    say(greeting(decision))
    if (id === undefined) return undefined
    const end = await runInView({ supervisor, workspace, input, id, packages }, session)
    if (end.kind === 'succeeded') await forgetOldRuns(workspace, id)
    return end
  }

  let end = await perform(false)
  if (end?.kind === 'parked') {
    say(paint.yellow(`it stands still: ${end.detail}`))
    end = await perform(true)
  }
  if (end?.kind === 'stopped') {
    say('stopped; type the same line again to go on from here')
    return 130
  }
  if (end?.kind === 'failed' || end?.kind === 'parked') {
    for (const line of failureLines(end, workspace, paint)) say(line)
    return 1
  }
  const written = JSON.parse(await readFile(join(workspace.dir, published.json), 'utf8')) as Report
  for (const line of ['', ...summary(written, paint)]) say(line)
  say(row(paint, 'report', nice(join(workspace.dir, published.page))))
  say(row(paint, 'ask it', paint.cyan(`${session.ask} "abort signal"`)))
  say(row(paint, 'look at it', `npm run catenary -- report --store ${nice(store)}`))
  say(row(paint, 'took', seconds(performance.now() - begun)))
  if (session.stay === true && address !== undefined) {
    say(`\nthe inspector stays open at ${paint.cyan(address)}; Ctrl-C ends it`)
    await ended(session.interrupted)
  }
  return 0
}

async function ended(signal: AbortSignal): Promise<void> {
  // nothing of the inspector keeps the process alive
  const alive = setInterval(() => {}, 60_000)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  clearInterval(alive)
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
    parked: ', because the last run cannot go on by itself',
    incomplete: ', because the index or the report is gone or was changed',
  }
  return `beginning ${decision.id}${why[decision.why]}`
}

function failureLines(
  end: Extract<End, { kind: 'failed' | 'parked' }>,
  { dir }: Workspace,
  paint: Paint,
): readonly string[] {
  const last = `  what was published before is still there; ${nice(join(dir, published.alert))} says more`
  if (end.kind === 'parked')
    return ['', paint.red(`the run stands still: ${end.detail}`), `  ${end.cure}`, last]
  const lines = end.failures.map(({ chain, step, failure, blocked }) => {
    const because = blocked.length === 0 ? '' : paint.dim(` (so nothing came of ${blocked.join(', ')})`)
    return `  ${paint.red(step === undefined ? chain : `${chain}, ${step}`)}: ${failure.message}${because}`
  })
  return ['', paint.red(`the run ${end.status === 'failed' ? 'failed' : 'was cancelled'}`), ...lines, last]
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
