// Runs a chain in this process, which becomes the store's executor until the run has ended or is interrupted.

import { supervise } from '../engine/create-supervisor.ts'
import type { Supervisor } from '../engine/supervisor.ts'
import { readTimeline } from '../engine/runs/explain.ts'
import type { Run } from '../engine/runs/run.ts'
import type { Logger } from '../engine/services.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { Store } from '../journal/store.ts'
import type { RunTimeline } from '../observe/timeline.ts'
import { openSqliteReader } from '../sqlite/client.ts'
import { type Errand, remark, reportEnd } from './errand.ts'
import { exit } from './exit.ts'
import { refuseForeignRuns } from './foreign-runs.ts'
import { untilInterrupted } from './interrupts.ts'
import { jsonLine } from './json.ts'
import { executorStore, sameStore } from './open-store.ts'
import { unfinishedOf } from './same-line.ts'
import { type RunWatch, watchRun } from './watch-run.ts'

const drain = '5s'

export async function runHere(errand: Errand): Promise<number> {
  const { call, loaded, file, concurrency } = errand
  if (file !== ':memory:') await refuseForeignRuns(file, loaded.chains)
  const app = await loaded.app()
  const store = executorStore(file)
  let watch: RunWatch | undefined
  const say = (text: string): void => {
    if (call.json) return
    if (watch === undefined) call.terminal.err(`${text}\n`)
    else watch.tell(text)
  }
  const supervisor = await supervise(store, {
    chains: loaded.chains,
    // whoever asks for one run asks for no others
    schedules: false,
    app,
    logger: loggerTo(say),
    ...(concurrency === undefined ? {} : { concurrency }),
  })
  const interrupts = untilInterrupted()
  try {
    const run = await begin(errand, supervisor, store)
    watch = watchRun(call, store, run.id, call.json)
    supervisor.progress$.subscribe(({ place, fraction, note }) => {
      const percent = `${Math.round(fraction * 100)} %`
      watch?.progress.set(
        `${place.chain}/${place.step}`,
        note === undefined ? percent : `${percent}, ${note}`,
      )
    })
    // rejects where the store fails; a run that failed is an answer like another
    const broken = run.settled().then(async () => new Promise<never>(() => {}))
    const interrupted = interrupts.first.then(() => 'interrupted' as const)
    const end = await Promise.race([watch.done, interrupted, broken])
    if (end !== undefined && end !== 'interrupted') {
      await supervisor.stop({ drain })
      return reportEnd(errand, end)
    }
    watch.notice(`stopping: attempts in flight get ${drain} to end; Ctrl-C again exits at once`)
    await Promise.all([supervisor.stop({ drain }), watch.done.catch(() => undefined)])
    if (file === ':memory:') {
      remark(errand, 'stopped; the store was in memory, so the run is gone')
      return exit.interrupted
    }
    const after = await timelineIn(file, run.id)
    if (after.state.ended !== undefined) return reportEnd(errand, after)
    remark(errand, 'stopped; type the same line to go on')
    return exit.interrupted
  } finally {
    interrupts.off()
    watch?.stop()
    await supervisor.stop({ drain: 0 })
    await dispose(app)
  }
}

/** How the run stands after all was written. */
async function timelineIn(file: string, run: string): Promise<RunTimeline> {
  const reader = openSqliteReader(file)
  try {
    return await readTimeline(reader, run)
  } finally {
    await reader.close()
  }
}

async function begin(errand: Errand, supervisor: Supervisor, store: Store): Promise<Run> {
  const { chain, input, attributes, id, again } = errand
  const earlier = again ? await unfinishedOf(store, attributes) : undefined
  const known = earlier === undefined ? undefined : await supervisor.get(earlier.run)
  if (earlier !== undefined && known !== undefined) {
    const since = formatTime(earlier.acceptedAt, errand.call.clock.now())
    remark(errand, `going on with run ${earlier.run} of ${chain.id}, begun ${since} (--new begins another)`)
    if (earlier.status === 'paused')
      remark(
        errand,
        `it is paused: \`catenary resume ${earlier.run}${sameStore(errand.call)}\` lets it go on`,
      )
    return known
  }
  const run = await supervisor.start(chain, input as never, {
    attributes,
    ...(id === undefined ? {} : { id }),
  })
  remark(errand, `run ${run.id} of ${chain.id}`)
  return run
}

function loggerTo(say: (text: string) => void): Logger {
  const write =
    (level: string) =>
    (line: Readonly<Record<string, unknown>>, message: string): void => {
      const { chain, step, item, data } = line as {
        chain: string
        step: string
        item?: string
        data: unknown
      }
      const at = `${chain}/${step}${item === undefined ? '' : `[${item}]`}`
      say(`${level}${at}: ${message}${data === undefined ? '' : ` ${jsonLine(data).trimEnd()}`}`)
    }
  return { info: write(''), warn: write('warning: '), error: write('error: ') }
}

async function dispose(app: unknown): Promise<void> {
  if (typeof app !== 'object' || app === null) return
  if (Symbol.asyncDispose in app) await (app as AsyncDisposable)[Symbol.asyncDispose]()
  else if (Symbol.dispose in app) (app as Disposable)[Symbol.dispose]()
}
