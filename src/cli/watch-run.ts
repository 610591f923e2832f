// Shows a run while it goes: redrawn on a screen, line by line elsewhere; and tells what it waits for.

import type { JournalEvent } from '../journal/event.ts'
import type { StoreReader } from '../journal/store.ts'
import type { RunTimeline } from '../observe/timeline.ts'
import type { Call } from './command.ts'
import { eventLine } from './event-line.ts'
import { type Follower, followRun } from './follow.ts'
import { renderLive } from './live-view.ts'
import { sameStore } from './open-store.ts'
import { createScreen } from './screen.ts'

export interface RunWatch extends Pick<Follower, 'done'> {
  /** What an attempt says of itself, by `chain/step`. */
  readonly progress: Map<string, string>
  /** Shown from now on: what the command is about to do. */
  notice(text: string): void
  /** Writes a line above what is shown. */
  tell(text: string): void
  /** Shows nothing more. */
  stop(): void
}

/** Redraws so often while nothing happens, so that times go on (ms). */
const frame = 100
/** Lines that a pipe or a log should see; the rest is for `catenary tail`. */
const told: ReadonlySet<JournalEvent['type']> = new Set([
  'run.paused',
  'run.resumed',
  'run.cancel-requested',
  'run.parked',
  'chain.started',
  'chain.ended',
  'attempt.failed',
  'attempt.lost',
  'signal.consumed',
])

/** @param quiet shows nothing, and only follows. */
export function watchRun(call: Call, reader: StoreReader, run: string, quiet: boolean): RunWatch {
  const { terminal, clock } = call
  const live = terminal.live && !quiet
  const screen = createScreen((text) => terminal.steer(text))
  const progress = new Map<string, string>()
  const announced = new Set<string>()
  let notice: string | undefined
  let cancel = (): void => {}
  let over = false

  const draw = (timeline: RunTimeline | undefined): void => {
    if (!live || timeline === undefined || over) return
    const { columns, rows, paintErr: paint } = terminal
    const extra = notice === undefined ? {} : { notice }
    screen.draw(renderLive(timeline, { now: clock.now(), columns, rows, paint, progress, ...extra }))
  }
  const tell = (text: string): void => {
    if (live) screen.clear()
    terminal.err(`${text}\n`)
    draw(follower.timeline)
  }
  /** The journal does not say that a wait begins; the run's head does, once nothing else moves it. */
  const announceSignals = async (): Promise<void> => {
    const signals = (await reader.head(run))?.signals.split(',') ?? []
    for (const name of signals) {
      if (name === '' || announced.has(name) || over) continue
      announced.add(name)
      tell(`waits for the signal ${name}: catenary signal ${run} ${name} '<json>'${sameStore(call)}`)
    }
  }
  const follower = followRun(reader, run, clock, (events, timeline) => {
    if (quiet || over) return
    if (live) draw(timeline)
    else {
      for (const event of events) if (told.has(event.type)) terminal.err(`${eventLine(event, clock.now())}\n`)
    }
    announceSignals().catch(() => {})
  })
  const tick = (): void => {
    draw(follower.timeline)
    cancel = clock.at(clock.now() + frame, tick)
  }
  if (live) tick()
  const stop = (): void => {
    if (over) return
    over = true
    cancel()
    follower.stop()
  }
  return {
    done: follower.done.then(
      (timeline) => {
        draw(timeline)
        stop()
        return timeline
      },
      (error: unknown) => {
        stop()
        throw error
      },
    ),
    progress,
    tell,
    notice(text) {
      notice = text
      if (live) draw(follower.timeline)
      else terminal.err(`${text}\n`)
    },
    stop,
  }
}
