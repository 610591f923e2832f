// Who listens to an engine, and who waits for it: told as things become durable, and all of them when it is over.

import { type Observable, Subject } from 'rxjs'
import type { JournalEvent } from '../journal/event.ts'
import type { RunState } from '../journal/run-state.ts'
import type { CatenaryError } from '../kernel/errors.ts'
import { inWords } from '../kernel/failure.ts'
import { GuardedObservable } from '../observe/guarded-observable.ts'
import type { LiveRun } from './runs/live-run.ts'
import type { Answer } from './runs/turns.ts'
import { createRunBell, type RunBell } from './runs/replies.ts'
import type { Logger, Progress } from './services.ts'
import { Waiters } from './waiters.ts'

export interface Listeners {
  readonly events$: Observable<JournalEvent>
  readonly progress$: Observable<Progress>
  readonly progress: Subject<Progress>
  /** Who waits for the end of a run. */
  readonly ends: Waiters<RunState>
  /** Who waits for a commit. */
  readonly commits: Waiters<void>
  readonly bell: RunBell
  /** Does `work` as a turn of the run; resolves once it is durable. */
  readonly commit: (run: LiveRun, work: () => void, answer?: Answer) => Promise<void>
  published(committed: readonly JournalEvent[]): void
  /** The end of a run is durable. */
  ended(state: RunState): void
  /** Nothing comes any more. */
  over(why: CatenaryError): void
}

export function createListeners(logger: Logger): Listeners {
  const events = new Subject<JournalEvent>()
  const progress = new Subject<Progress>()
  const ends = new Waiters<RunState>()
  const bell = createRunBell()
  const commits = new Waiters<void>()
  const guarded = <T>(name: string, from: Observable<T>): Observable<T> =>
    new GuardedObservable(name, from, (what, error) => logger.error({ error }, `${what}: ${inWords(error)}`))
  return {
    events$: guarded('events$', events),
    progress$: guarded('progress$', progress),
    progress,
    ends,
    commits,
    bell,
    commit: async (run, work, answer) =>
      commits.wait(run.runId, (resolve, reject) => {
        run.turn(() => {
          run.afterCommit({ committed: resolve, dropped: reject })
          work()
        }, answer)
      }),
    published(committed) {
      if (events.observed) for (const event of committed) events.next(event)
    },
    ended(state) {
      ends.tell(state.run, state)
      bell.ring(state.run)
    },
    over(why) {
      events.complete()
      progress.complete()
      ends.fail(why)
      bell.fail(why)
      commits.fail(why)
    },
  }
}
