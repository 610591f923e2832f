// Follows a run by its journal, whoever executes it, until it has ended, is parked, or nobody wants to know any more.

import { toEvent } from '../journal/encoding.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { StoreReader } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'
import { type RunTimeline, applyToTimeline, beginTimeline } from '../observe/timeline.ts'

export interface Follower {
  /** The run so far; undefined before its first event was read. */
  readonly timeline: RunTimeline | undefined
  /** Resolves where it has ended, was parked, or `stop` was called; rejects where the store fails. */
  readonly done: Promise<RunTimeline | undefined>
  stop(): void
}

/** Looks at the journal so often (ms). */
const pace = 60

/** @param heard called with what was read at once, all of it applied. */
export function followRun(
  reader: StoreReader,
  run: string,
  clock: Clock,
  heard: (events: readonly JournalEvent[], timeline: RunTimeline) => void,
): Follower {
  let timeline: RunTimeline | undefined
  let stopped = false
  let wake = (): void => {}

  const read = async (): Promise<void> => {
    const events = (await reader.rows(run, timeline?.state.lastSeq ?? 0)).map(toEvent)
    for (const event of events) {
      if (timeline !== undefined) applyToTimeline(timeline, event)
      else if (event.type === 'run.accepted') timeline = beginTimeline(event)
    }
    if (timeline !== undefined && events.length > 0) heard(events, timeline)
  }
  const follow = async (): Promise<RunTimeline | undefined> => {
    for (;;) {
      if (!stopped) await read()
      if (stopped || timeline?.state.ended !== undefined || timeline?.state.parked !== undefined)
        return timeline
      await new Promise<void>((resolve) => {
        const cancel = clock.at(clock.now() + pace, resolve)
        wake = () => {
          cancel()
          resolve()
        }
      })
    }
  }
  const done = follow()
  return {
    get timeline() {
      return timeline
    },
    done,
    stop() {
      stopped = true
      wake()
    },
  }
}
