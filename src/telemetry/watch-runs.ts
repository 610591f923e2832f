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
  const all = [spans, counting].filter((one) => one !== undefined)
  const safely = (what: string, act: () => void): void => {
    try {
      act()
    } catch (error) {
      problem(`could not record ${what}`, error)
    }
  }
  const listener: StretchListener = {
    began(stretch) {
      for (const one of all) safely(one === spans ? 'a span' : 'a metric', () => one.began(stretch))
    },
    ended(stretch, end) {
      for (const one of all) safely(one === spans ? 'a span' : 'a metric', () => one.ended(stretch, end))
    },
  }
  const tracks = new RunTracks({
    listener,
    history,
    problem,
    mostRuns: maxRuns,
    dropped: (events) => safely('a metric', () => counting?.dropped('event', events)),
  })
  return {
    tracks,
    told(events: readonly JournalEvent[]) {
      tracks.told(events)
      if (counting !== undefined)
        safely('a metric', () => {
          for (const event of events) counting.told(event)
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
