// `catenary status`: how one run stands, chain by chain; without a run, how the whole store does.

import { causesOf } from '../engine/runs/causes.ts'
import { awaitedOf, readTimeline } from '../engine/runs/explain.ts'
import { readStatus, type ServiceStatus, statusNote } from '../engine/service-status.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { RunStatus } from '../journal/store.ts'
import { type ExecutorState, executorOf } from '../sqlite/executor-of.ts'
import type { Call, Command } from './command.ts'
import { exit } from './exit.ts'
import { findRun } from './find-run.ts'
import { jsonText } from './json.ts'
import { existing, storeFile, storeOption, withReader } from './open-store.ts'
import { runJson } from './run-json.ts'
import { reportRun, waitsIn } from './run-report.ts'
import { paintStatus, unended } from './show.ts'
import { serviceLines } from './service-lines.ts'
import { isOrphaned, noExecutor } from './why.ts'

export const status: Command = {
  name: 'status',
  says: 'show how a run stands, or the whole store',
  words: ['[run]'],
  options: storeOption,
  run: async (call) => (call.word(0) === undefined ? ofStore(call) : ofRun(call, call.must(0))),
}

async function ofRun(call: Call, given: string): Promise<number> {
  const { head, timeline } = await withReader(call, async (reader) => {
    const found = await findRun(reader, given)
    return { head: found, timeline: await readTimeline(reader, found.run) }
  })
  const now = call.clock.now()
  const { terminal } = call
  const waits = waitsIn(causesOf(timeline, awaitedOf(head)))
  if (call.json) {
    terminal.out(jsonText({ ...runJson(timeline, head.status, now), waits }))
    return exit.ok
  }
  const { paint, columns } = terminal
  terminal.out(reportRun(timeline, { status: head.status, now, columns, paint, waits }))
  if (isOrphaned(call, head)) terminal.out(`\n${noExecutor}\n`)
  return exit.ok
}

async function ofStore(call: Call): Promise<number> {
  const file = existing(storeFile(call))
  const executor = executorOf(file)
  const { counts, waiting, nextDue, services } = await withReader(call, async (reader) => ({
    counts: await reader.counts(),
    waiting: (await reader.inbox(mostCounted + 1)).length,
    nextDue: await reader.nextDue(),
    services: readStatus(await reader.note(statusNote)),
  }))
  call.terminal.out(
    call.json
      ? jsonText({
          store: file,
          executor,
          runs: counts,
          inbox: waiting,
          nextDue: nextDue ?? null,
          services: services ?? null,
        })
      : storeText(call, { executor, counts, waiting, nextDue, services }),
  )
  return exit.ok
}

/** Each entry is read to be counted. */
const mostCounted = 1_000

/** How many commands lie in the inbox. */
export function inboxText(waiting: number): string {
  if (waiting > mostCounted) return `more than ${mostCounted} commands wait`
  return waiting === 1 ? '1 command waits' : `${waiting} commands wait`
}

interface StoreState {
  readonly executor: ExecutorState
  readonly counts: Readonly<Partial<Record<RunStatus, number>>>
  readonly waiting: number
  readonly nextDue: number | undefined
  readonly services: ServiceStatus | undefined
}

function storeText(call: Call, { executor, counts, waiting, nextDue, services }: StoreState): string {
  const { paint } = call.terminal
  const by = executor.last === undefined ? '' : ` (last taken by ${executor.last})`
  const lines = [executor.alive ? `executed by a live process${by}` : `not executed by any process${by}`]
  const found = Object.entries(counts)
  if (found.length === 0) lines.push('no runs yet: start one with `catenary run <module>`')
  for (const [name, count] of found) lines.push(`${String(count).padStart(8)} ${paintStatus(paint, name)}`)
  if (services !== undefined) lines.push(...serviceLines(services, call.clock.now(), executor.alive))
  if (waiting > 0) lines.push(`${inboxText(waiting)} in the inbox: \`catenary inbox\` says why`)
  if (nextDue !== undefined) lines.push(`the next run wakes at ${formatTime(nextDue, call.clock.now())}`)
  if (!executor.alive && found.some(([name]) => unended.includes(name as RunStatus))) lines.push(noExecutor)
  return `${lines.join('\n')}\n`
}
