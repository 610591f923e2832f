// A run in the hands of a client: what it asks goes through the inbox, what it wants to know is read from the store.

import type { ForkAt } from '../rewind/plan-fork.ts'
import { type Observable, filter } from 'rxjs'
import type { JournalEvent, Payload } from '../../journal/event.ts'
import type { StoreClient } from '../../journal/store.ts'
import type { Clock } from '../../kernel/clock.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { toMs } from '../../kernel/duration.ts'
import { newRunId } from '../../kernel/id.ts'
import { traceRun } from '../../observe/trace-run.ts'
import { foldRun } from '../runs/activate.ts'
import type { ClientCommand } from './command.ts'
import { refuseBadEvent, refuseBadName, refuseBadReason } from '../given-texts.ts'
import { awaitedOf, explain, readTimeline } from '../runs/explain.ts'
import { encodeGiven } from '../payloads.ts'
import { refuseMomentless } from '../refusals.ts'
import type { Poll } from './poll.ts'
import { lookForReply, replyLate } from '../runs/replies.ts'
import type { AskOptions, Run } from '../runs/run.ts'
import { isEnd, outputOrThrow, type RunResult, resultOf } from '../runs/run-result.ts'

/** What a client's runs share. */
export interface ClientDesk {
  readonly store: StoreClient
  readonly clock: Clock
  readonly poll: Poll
  readonly maxPayload: number
  readonly events$: Observable<JournalEvent>
  /** Resolves once an executor has carried it out. */
  tell(command: ClientCommand): Promise<{ readonly run: string }>
}

export function createClientRun<R>(id: string, desk: ClientDesk): Run<R, { readonly type: string }> {
  const { store, clock, poll, maxPayload } = desk
  const tell = async (command: ClientCommand): Promise<unknown> => desk.tell(command)
  const settled = async (): Promise<RunResult<R>> => {
    await poll.until(async () => {
      const head = await store.head(id)
      if (head === undefined) throw unknown(id)
      return isEnd(head.status) ? true : undefined
    })
    const { state } = await foldRun(store, id, () => undefined)
    return resultOf<R>(state)
  }
  return {
    id,
    async status() {
      const head = await store.head(id)
      if (head === undefined) throw unknown(id)
      return head.status
    },
    settled,
    result: async () => outputOrThrow(id, await settled()),
    events$: desk.events$.pipe(filter(({ run }) => run === id)),
    async signal(name, payload, given = {}) {
      refuseBadName(name, 'the name of a signal')
      if (given.id !== undefined) refuseBadName(given.id, 'the id of a signal')
      const encoded = encodeGiven(payload, `payload of signal "${name}"`, maxPayload)
      await tell({
        do: 'signal',
        run: id,
        name,
        id: given.id ?? newRunId(clock),
        ...(encoded === undefined ? {} : { payload: encoded }),
      })
    },
    async ask<T>(name: string, payload?: unknown, given: AskOptions = {}) {
      const { id: signal = newRunId(clock), timeout } = given
      refuseBadName(name, 'the name of a signal')
      refuseBadName(signal, 'the id of a signal')
      const within = timeout === undefined ? undefined : toMs(timeout, 'timeout')
      const encoded = encodeGiven(payload, `payload of signal "${name}"`, maxPayload)
      await tell({
        do: 'signal',
        run: id,
        name,
        id: signal,
        asks: true,
        ...(encoded === undefined ? {} : { payload: encoded }),
      })
      const giveUp =
        within === undefined ? undefined : { within, because: () => replyLate(id, signal, within) }
      return (await poll.until(lookForReply(store, id, signal), giveUp)).value as T
    },
    async send(event, given = {}) {
      refuseBadEvent(event)
      if (given.id !== undefined) refuseBadName(given.id, 'the id of an event')
      await tell({
        do: 'send',
        run: id,
        event: encodeGiven(event, `event "${event.type}"`, maxPayload) as Payload,
        id: given.id ?? newRunId(clock),
        ...(given.to === undefined ? {} : { to: given.to }),
      })
    },
    pause: async () => void (await tell({ do: 'pause', run: id })),
    resume: async () => void (await tell({ do: 'resume', run: id })),
    async cancel(reason) {
      refuseBadReason(reason)
      await tell({ do: 'cancel', run: id, ...(reason === undefined ? {} : { reason }) })
    },
    async retry({ from } = {}) {
      const at = typeof from === 'string' ? { step: from } : (from ?? {})
      await tell({ do: 'retry', run: id, ...at })
    },
    async fork(given) {
      refuseMomentless(given)
      const { at, id: as = newRunId(clock) } = given
      await tell({ do: 'fork', run: id, as, ...momentOf(at) })
      return createClientRun<R>(as, desk)
    },
    trace: async (given) => traceRun(store, id, given),
    async explain() {
      const head = await store.head(id)
      return explain(await readTimeline(store, id), awaitedOf(head ?? { signals: '' }), clock.now())
    },
  }
}

function momentOf(at: ForkAt): { seq?: number; time?: number; chain?: string; step?: string } {
  if (typeof at === 'number') return { seq: at }
  if (at instanceof Date) return { time: at.getTime() }
  return typeof at === 'string' ? { step: at } : at
}

function unknown(id: string): CatenaryError {
  return new CatenaryError('RUN_UNKNOWN', `there is no run ${id} in this store`)
}
