// A run in the hands of one that stands by: whoever executes now does what it asks, named so that it is done once.

import { type Observable, filter } from 'rxjs'
import type { JournalEvent } from '../../journal/event.ts'
import type { Clock } from '../../kernel/clock.ts'
import { newRunId } from '../../kernel/id.ts'
import type { AskOptions, Run } from '../runs/run.ts'
import type { Face } from './role.ts'

export interface Relay {
  readonly clock: Clock
  readonly events$: Observable<JournalEvent>
  /** Does it by whoever can; again, where that lost the store meanwhile. */
  withFace<T>(work: (by: Face) => Promise<T>): Promise<T>
}

export function createRelayedRun(id: string, relay: Relay): Run<never, { readonly type: string }> {
  const { clock, events$ } = relay
  const on = async <T>(work: (run: Run<never, { readonly type: string }>) => Promise<T>): Promise<T> =>
    relay.withFace(async (by) => work(by.runOf(id)))
  return {
    id,
    status: async () => on(async (run) => run.status()),
    result: async () => on(async (run) => run.result()),
    settled: async () => on(async (run) => run.settled()),
    events$: events$.pipe(filter(({ run }) => run === id)),
    async signal(name, payload, { id: signal = newRunId(clock) } = {}) {
      return on(async (run) => run.signal(name, payload, { id: signal }))
    },
    ask: async <T>(name: string, payload?: unknown, given: AskOptions = {}) => {
      const named = { ...given, id: given.id ?? newRunId(clock) }
      return on(async (run) => run.ask<T>(name, payload, named))
    },
    async send(event, given = {}) {
      const named = { ...given, id: given.id ?? newRunId(clock) }
      return on(async (run) => run.send(event, named))
    },
    pause: async () => on(async (run) => run.pause()),
    resume: async () => on(async (run) => run.resume()),
    cancel: async (reason) => on(async (run) => run.cancel(reason)),
    async fork({ at, id: as = newRunId(clock) }) {
      await on(async (run) => run.fork({ at, id: as }))
      return createRelayedRun(as, relay)
    },
    retry: async (given) => on(async (run) => run.retry(given)),
    explain: async () => on(async (run) => run.explain()),
    trace: async (given) => on(async (run) => run.trace(given)),
  }
}
