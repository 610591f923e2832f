// Does a machine's effects in memory, for chains that run alone under plain XState: no journal, nothing durable, and
// nothing shared: no slots, limiters, breakers or retry budget.

import { type AnyActorRef, type AnyMachineSnapshot, type AnyStateMachine, createActor } from 'xstate'
import type { ChainInput, ChainOutcome } from '../definition/compiled-chain.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import { type AttemptHost, type AttemptPlace, AttemptRun, type Outcome } from './attempt.ts'
import { decideNow } from './decide.ts'
import { compensationWork } from './compensation.ts'
import type { Effect, EffectHost } from './effect.ts'
import { keptOutputs, SoloSaga } from './solo-saga.ts'
import { runItems } from './solo-each.ts'
import { transactAlone } from './transact.ts'

/** What the effects of a machine that runs alone share. */
export interface Solo {
  readonly clock: Clock
  readonly host: AttemptHost
  place(step: string, item: string | undefined, attempt: number): AttemptPlace
  /** Runs another chain's machine. @returns stops it. */
  call(
    machine: AnyStateMachine,
    given: { readonly input: unknown; readonly step: string; readonly item: string | undefined },
    ended: (outcome: Outcome) => void,
  ): () => void
  /** What has begun, so that it can be undone. */
  readonly saga: SoloSaga
}

interface XStateClock {
  setTimeout(fire: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
  now?(): number
}

/** The clock that `createActor` was given, as ours, so that XState's SimulatedClock moves a chain. */
function clockOf(actor: AnyActorRef): Clock {
  const given = (actor as unknown as { clock: XStateClock }).clock
  const now = (): number => given.now?.() ?? systemClock.now()
  return {
    ...systemClock,
    now,
    at(due, fire) {
      const timer = given.setTimeout(fire, Math.max(0, due - now()))
      return () => given.clearTimeout(timer)
    },
  }
}

const nothing = (): void => {}

/** The host of one machine that runs alone. */
export function createSoloHost(root: AnyActorRef): EffectHost {
  const clock = clockOf(root)
  const { input } = (root as unknown as { options: { input?: Pick<ChainInput, 'app' | 'db'> } }).options
  const host: AttemptHost = { clock, app: input?.app, progress: nothing, log: nothing }
  const scheduledAt = clock.now()
  /** What stops each effect in progress. */
  const live = new Map<string, () => void>()

  const saga = new SoloSaga()
  const solo: Solo = {
    clock,
    host,
    place: (step, item, attempt) => ({ runId: 'alone', chain: root.id, step, item, attempt, scheduledAt }),
    saga,
    call(machine, { input: its, step, item }, ended) {
      const actor = createActor(machine, {
        input: {
          input: its,
          app: host.app,
          called: true,
          ...(input?.db === undefined ? {} : { db: input.db }),
        },
      })
      const call = saga.call(actor, { step, item }, (outcome) => ended(outcomeOf(outcome)))
      actor.subscribe({
        next: (snapshot: AnyMachineSnapshot) => call.moved(snapshot),
        complete: () => call.ended(actor.getSnapshot().output as ChainOutcome),
        error: (error: unknown) => ended({ ok: false, failure: failureOf(error) }),
      })
      actor.start()
      return () => call.stop()
    },
  }

  const finish = (effect: Effect, outcome: Outcome): void => {
    if (!live.delete(effect.id)) return
    if (outcome.ok) effect.succeed(outcome.value)
    else effect.fail(outcome.failure)
  }
  /** Takes what stops the effect; it may have ended before there was anything to stop. */
  const track = (id: string, begin: () => () => void): void => {
    live.set(id, nothing)
    const stop = begin()
    if (live.has(id)) live.set(id, stop)
  }

  const begin = (effect: Effect): (() => void) => {
    const { id, spec, input: given } = effect
    switch (spec.kind) {
      case 'compensation': {
        const place = solo.place(id, given.item, given.attempt ?? 1)
        const { body, item } = compensationWork(effect, saga)
        const on = { outcome: (outcome: Outcome) => finish(effect, outcome), settled: nothing }
        const run = new AttemptRun(body, spec.options, place, effect.context(), host, on)
        run.start(item)
        return () => run.abort('cancelled', 'the machine went on')
      }
      case 'undo-call':
        saga.undo(spec.step, given.item, () => finish(effect, { ok: true, value: undefined }))
        return nothing
      case 'attempt': {
        const at = { step: id, item: given.item, attempt: given.attempt ?? 1 }
        const { deadline } = spec.options
        const place = {
          ...solo.place(id, given.item, at.attempt),
          ...(deadline === undefined ? {} : { deadline: effect.context().due[`${id}:deadline`] }),
        }
        saga.began(at)
        const on = {
          outcome: (outcome: Outcome) => {
            saga.ended(at, outcome)
            finish(effect, outcome)
          },
          settled: nothing,
        }
        if (spec.transact === true) {
          on.outcome(transactAlone({ ...spec, place, data: effect.context(), host }, input?.db))
          return nothing
        }
        const run = new AttemptRun(spec.body, spec.options, place, effect.context(), host, on)
        run.start()
        return () => run.abort('cancelled', 'the machine went on')
      }
      case 'decision': {
        finish(
          effect,
          decideNow(spec, { context: effect.context(), input: given, clock, started: saga.started }),
        )
        return nothing
      }
      case 'timer':
        return clock.at(given.due ?? 0, () => finish(effect, { ok: true, value: undefined }))
      case 'each':
        return runItems(effect, solo)
      case 'call':
        return solo.call(
          spec.machine(),
          { input: effect.context().held[id], step: id, item: given.item },
          (outcome) => finish(effect, outcome),
        )
      case 'settling':
        finish(effect, { ok: true, value: undefined })
        return nothing
      // a signal comes as an event to the machine itself, as `retry` and `give-up` do; nothing waits for slots
      case 'signal':
      case 'queue':
      case 'stuck':
        return nothing
      case 'kept':
        keptOutputs.set(root, spec.output(effect.context()))
        return nothing
    }
  }

  return {
    begin: (effect) => track(effect.id, () => begin(effect)),
    abort(id) {
      const stop = live.get(id)
      live.delete(id)
      stop?.()
    },
  }
}

function outcomeOf(outcome: ChainOutcome): Outcome {
  if (outcome.status === 'succeeded') return { ok: true, value: outcome.output }
  const cancelled: Failure = {
    kind: 'cancelled',
    message: 'the called chain was cancelled',
    retryable: false,
  }
  return { ok: false, failure: outcome.status === 'failed' ? outcome.failure : cancelled }
}
