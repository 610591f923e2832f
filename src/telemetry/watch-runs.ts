// Follows the runs of one supervisor for those who listen, none of whom can harm another, let alone the supervisor.

import type { Watched, Watching } from '../engine/watcher.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { Counting } from './counting.ts'
import { RunTracks } from './run-tracks.ts'
import type { Spans } from './spans.ts'
import type { StretchListener } from './stretch.ts'

export interface Listening {
  readonly counting: Counting | undefined
  readonly spans: Spans | undefined
  /** Most runs that are followed at once. */
  readonly maxRuns: number
  /** Called in the end. */
  readonly detach: () => void
}

export interface WatchedRuns extends Watching {
  readonly tracks: RunTracks
}

export function watchRuns(
  { history, problem }: Pick<Watched, 'history' | 'problem'>,
  { counting, spans, maxRuns, detach }: Listening,
): WatchedRuns {
  const failed = (one: object, error: unknown): void =>
    problem(`could not record a ${one === spans ? 'span' : 'metric'}`, error)
  const all = [spans, counting].filter((one) => one !== undefined)
  const listener: StretchListener = {
    began(stretch) {
      for (const one of all)
        try {
          one.began(stretch)
        } catch (error) {
          failed(one, error)
        }
    },
    ended(stretch, end) {
      for (const one of all)
        try {
          one.ended(stretch, end)
        } catch (error) {
          failed(one, error)
        }
    },
  }
  const count = (act: (to: Counting) => void): void => {
    if (counting === undefined) return
    try {
      act(counting)
    } catch (error) {
      failed(counting, error)
    }
  }
  const tracks = new RunTracks({
    listener,
    history,
    problem,
    mostRuns: maxRuns,
    dropped: (events) => count((to) => to.dropped('event', events)),
  })
  return {
    tracks,
    told(events: readonly JournalEvent[]) {
      tracks.told(events)
      count((to) => {
        for (const event of events) to.told(event)
      })
    },
    lacks: (run) => !tracks.has(run),
    recalled: (events) => tracks.recalled(events),
    detach() {
      tracks.clear()
      detach()
    },
  }
}
