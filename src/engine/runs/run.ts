// A run in its caller's hands: its end, its state, its events, and the commands it takes.

import { type Observable, filter } from 'rxjs'
import { decode } from '../../kernel/codec.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { newRunId } from '../../kernel/id.ts'
import type { Clock } from '../../kernel/clock.ts'
import { type Duration, toMs } from '../../kernel/duration.ts'
import type { JournalEvent, Payload } from '../../journal/event.ts'
import type { RunStatus, StoreReader } from '../../journal/store.ts'
import { traceRun, type TraceOptions } from '../../observe/trace-run.ts'
import type { Trace } from '../../observe/trace.ts'
import { foldRun } from './activate.ts'
import { type Explanation, awaitedOf, explain, readTimeline } from './explain.ts'
import type { Engine } from '../engine.ts'
import type { LiveRun } from './live-run.ts'
import { refuseBadEvent, refuseBadName, refuseBadReason } from '../given-texts.ts'
import { guestTarget } from '../guests/guest-target.ts'
import { refuseMomentless, refuseParked } from '../refusals.ts'
import type { ForkAt } from '../rewind/plan-fork.ts'
import type { RetryFrom } from '../rewind/retry-from.ts'
import { outputOrThrow, type RunResult, resultOf } from './run-result.ts'
import { lookForReply, wasReceived, whenReplied } from './replies.ts'
import { checkSignal } from './signals.ts'
import { encodeGiven } from '../payloads.ts'

export interface AskOptions {
  /** Names the signal: the same id is delivered once, and has one reply. Default a new one. */
  readonly id?: string
  /** How long to wait for the reply; then REPLY_LATE. Default without limit, until the run ends. */
  readonly timeout?: Duration
}

/** One requested execution of a chain and of what it needs. */
export interface Run<R = unknown, E extends { readonly type: string } = never> {
  /** Given at its start, or drawn; unique in the store. */
  readonly id: string
  /** How it stands by what is durable. Rejects with RUN_UNKNOWN where the store has no such run. */
  status(): Promise<RunStatus>
  /**
   * The output once the run has ended; rejects with `RunFailed` where it did not succeed, and with RUN_PARKED where
   * it stands still until a person acts.
   */
  result(): Promise<R>
  /** How it ended, as data; also that it is parked. */
  settled(): Promise<RunResult<R>>
  /** Its committed events from now on. */
  readonly events$: Observable<JournalEvent>
  /**
   * Delivers a signal, durably, before or after a step waits for it; resolves once it is durable.
   * The same `id` is delivered once.
   */
  signal(name: string, payload?: unknown, options?: { readonly id?: string }): Promise<void>
  /**
   * Delivers a signal and resolves with what the step that takes it replies: see `reply` of `.wait()`. The reply is as
   * durable as the signal: asking again with the same `id`, also after a restart and from another process, delivers
   * nothing and gives the same reply. Rejects with REPLY_ABSENT where none will come, and REPLY_FAILED where the step
   * could not reply.
   *
   * @example
   * ```ts
   * const order = chain<{ price: number }>('order').wait('discount', z.number(), {
   *   reply: ({ input, signal }) => input.price * (1 - signal),
   * })
   * const supervisor = await createSupervisor({ chains: [order] })
   * const run = await supervisor.start(order, { price: 80 })
   * console.log(await run.ask('discount', 0.25, { id: 'from-ada' })) // 60
   * console.log(await run.ask('discount', 0.25, { id: 'from-ada' })) // 60
   * await supervisor.stop()
   * ```
   */
  ask<T = unknown>(name: string, payload?: unknown, options?: AskOptions): Promise<T>
  /**
   * Sends an event to a chain that is a user's own machine; resolves once it and all that it changed are durable.
   * Before the machine has begun, the event waits for it.
   *
   * @param options.id the same id is delivered once. Default: every call delivers.
   * @param options.to the chain, where the run has several machines. Default the one that it was asked for.
   */
  send(event: E, options?: { readonly id?: string; readonly to?: string }): Promise<void>
  /** Attempts in flight end, none starts; waits keep their deadlines. */
  pause(): Promise<void>
  /** Lets a paused run go on. Rejects with RUN_PARKED where it is parked, which a retry ends. */
  resume(): Promise<void>
  /** Aborts what is in flight, lets chains undo what they did, and ends the run as cancelled. `reason` is for people. */
  cancel(reason?: string): Promise<void>
  /**
   * Lets a run that has failed, was cancelled or is a dead letter go on, under the same id: chains that did not
   * succeed go on at what failed in them, those that come after them begin anew, all that was committed is kept.
   * Resolves once that is durable.
   *
   * @param options.from a step to go back to instead, also in a run that has succeeded; what came after it is done
   * again. Steps keep their idempotency keys.
   * @throws `RUN_NOT_RETRYABLE` where it has not ended, or has succeeded and `from` is not given; `STEP_UNKNOWN`
   */
  retry(options?: { readonly from?: RetryFrom }): Promise<void>
  /**
   * Begins another run with this one's history up to a moment, and goes on from there: what was under way then begins
   * again. It has an id, and so idempotency keys, of its own. Resolves once that is durable; this run stays as it is.
   *
   * @param options.at a `seq` of its journal, a time, or the step before which to part.
   * @param options.id the new run's id: the same id gives the same run. Default a new one.
   * @throws `BAD_OPTION`, `STEP_UNKNOWN`; `RUN_NOT_RETRYABLE` where nothing was left to do by then
   */
  fork(options: { readonly at: ForkAt; readonly id?: string }): Promise<Run<R, E>>
  /** Why it stands where it stands: a sentence for people, and the causes as data. */
  explain(): Promise<Explanation>
  /**
   * All that is recorded of it, and of the chains that it needed or called, as data that
   * `harness.fromTrace` of `catenary/testing` replays; secrets are left out.
   */
  trace(options?: TraceOptions): Promise<Trace>
}

export function createRun<R>(
  id: string,
  engine: Engine,
  store: StoreReader,
  options: { readonly maxPayload: number; readonly clock: Clock },
): Run<R, { readonly type: string }> {
  const command = async (
    what: string,
    act: (live: NonNullable<Awaited<ReturnType<Engine['reach']>>>) => void,
  ): Promise<void> => {
    let live = await reach(what)
    // others had their turn since it was reached
    while (engine.live.get(id) !== live || live.state.ended !== undefined) live = await reach(what)
    const reached = live
    await engine.commit(reached, () => act(reached))
  }
  const reach = async (what: string): Promise<LiveRun> => {
    let live = await engine.reach(id)
    // it may have left memory again before we came to it
    while (live !== undefined && engine.live.get(id) !== live) live = await engine.reach(id)
    if (live !== undefined && live.state.ended === undefined) return live
    // an end that is only in memory is told to nobody
    if (live !== undefined) await engine.whenEnded(id)
    throw new CatenaryError(
      'RUN_ENDED',
      `run ${id} has ended: it takes no ${what} any more; start another under another id`,
    )
  }
  /** A run that waits for its old machine goes on as soon as somebody asks for it where that is back. */
  const reviveParked = async (): Promise<void> => {
    if (engine.live.has(id)) return
    if ((await store.head(id))?.status === 'needs-migration') await engine.reach(id)
  }
  const settled = async (): Promise<RunResult<R>> => {
    const waiting = engine.whenEnded(id)
    // whoever reads the store first must not leave this one unheard
    waiting.catch(() => {})
    await reviveParked()
    const alive = engine.live.get(id)?.state
    // what is in memory may be ahead of what is durable: an end there is told once its commit arrives
    if (alive === undefined || alive.ended !== undefined || alive.parked !== undefined) {
      const { state } = await foldRun(store, id, () => undefined)
      if (state.ended !== undefined || state.parked !== undefined) engine.tellEnded(state)
    }
    return resultOf(await waiting)
  }
  const deliver = async (
    name: string,
    payload: unknown,
    signal: string | undefined,
    asks: boolean,
  ): Promise<void> => {
    refuseBadName(name, 'the name of a signal')
    if (signal !== undefined) refuseBadName(signal, 'the id of a signal')
    try {
      const { state, services } = await reach('signal')
      const checked = await checkSignal(state, services, { name, payload, asks })
      const encoded = encodeGiven(checked, `payload of signal "${name}"`, options.maxPayload)
      await command('signal', (live) => live.signal(name, signal ?? newRunId(options.clock), encoded))
    } catch (error) {
      const late = CatenaryError.is(error) && error.code === 'RUN_ENDED' && signal !== undefined
      // what was delivered stays delivered
      if (!late || !(await wasReceived(store, id, signal))) throw error
    }
  }
  return {
    id,
    async status() {
      const head = await store.head(id)
      if (head === undefined) throw new CatenaryError('RUN_UNKNOWN', `there is no run ${id} in this store`)
      return head.status
    },
    settled,
    result: async () => outputOrThrow(id, await settled()),
    events$: engine.events$.pipe(filter((event) => event.run === id)),
    signal: async (name, payload, given = {}) => deliver(name, payload, given.id, false),
    async ask<T>(name: string, payload?: unknown, given: AskOptions = {}) {
      const { clock } = options
      const { id: signal = newRunId(clock), timeout } = given
      const within = timeout === undefined ? undefined : toMs(timeout, 'timeout')
      await deliver(name, payload, signal, true)
      const look = lookForReply(store, id, signal)
      return (await whenReplied(engine.bell, { run: id, id: signal, clock, within }, look)).value as T
    },
    async send(event, { id: eventId, to } = {}) {
      refuseBadEvent(event)
      if (eventId !== undefined) refuseBadName(eventId, 'the id of an event')
      await command('event', (live) => {
        const payload = encodeGiven(event, `event "${event.type}"`, options.maxPayload) as Payload
        live.send(guestTarget(live, to), decode(payload) as typeof event, payload, eventId)
      })
    },
    pause: async () => command('pause', (live) => live.pause()),
    async resume() {
      refuseParked((await reach('resume')).state)
      await command('resume', (live) => live.resume())
    },
    async cancel(reason) {
      refuseBadReason(reason)
      if (!(await engine.cancelDead(id, reason))) await command('cancel', (live) => live.cancel(reason))
    },
    retry: async ({ from } = {}) => engine.retry(id, from),
    fork: async (given) => {
      refuseMomentless(given)
      return createRun<R>(await engine.fork(id, given), engine, store, options)
    },
    trace: async (given) => traceRun(store, id, given),
    async explain() {
      const live = engine.live.get(id)
      // memory only says whose signal it is, and where it is ahead of what is durable not even that
      const named = awaitedOf((await store.head(id)) ?? { signals: '' })
      const chains = live?.durable === true ? [...live.chains] : []
      const known = chains.flatMap(([chain, { waiting }]) => [...waiting].map((step) => ({ chain, step })))
      const steps = new Set(named.map(({ step }) => step))
      const awaited = [...steps].flatMap((step) => {
        const of = (one: { readonly step: string }): boolean => one.step === step
        return known.some(of) ? known.filter(of) : named.filter(of)
      })
      const timeline = await readTimeline(store, id)
      const inLine = engine.live.has(id) ? (chain: string) => engine.inLine(id, chain) : undefined
      return explain(timeline, awaited, options.clock.now(), inLine)
    },
  }
}
