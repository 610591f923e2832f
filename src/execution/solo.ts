// Does a machine's effects in memory, for chains that run alone under plain XState: no journal, nothing durable.

import { type AnyActorRef, type AnyStateMachine, createActor } from 'xstate'
import type { ChainOutcome } from '../definition/compiled-chain.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { type Failure, failureOf } from '../kernel/failure.ts'
import { type AttemptHost, type AttemptPlace, AttemptRun, type Outcome } from './attempt.ts'
import { decideNow } from './decide.ts'
import type { Effect, EffectHost } from './effect.ts'
import { runItems } from './solo-each.ts'

/** What the effects of a machine that runs alone share. */
export interface Solo {
  readonly clock: Clock
  readonly host: AttemptHost
  place(step: string, item: string | undefined, attempt: number): AttemptPlace
  /** Runs another chain's machine. @returns stops it. */
  call(machine: AnyStateMachine, input: unknown, ended: (outcome: Outcome) => void): () => void
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
  const { input } = (root as unknown as { options: { input?: { app?: unknown } } }).options
  const host: AttemptHost = { clock, app: input?.app, progress: nothing, log: nothing }
  const scheduledAt = clock.now()
  /** What stops each effect in progress. */
  const live = new Map<string, () => void>()

  const solo: Solo = {
    clock,
    host,
    place: (step, item, attempt) => ({ runId: 'alone', chain: root.id, step, item, attempt, scheduledAt }),
    call(machine, given, ended) {
      const actor = createActor(machine, { input: { input: given, app: host.app } })
      actor.subscribe({
        complete: () => ended(outcomeOf(actor.getSnapshot().output as ChainOutcome)),
        error: (error: unknown) => ended({ ok: false, failure: failureOf(error) }),
      })
      actor.start()
      return () => actor.stop()
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
      case 'attempt': {
        const place = solo.place(id, given.item, given.attempt ?? 1)
        const on = { outcome: (outcome: Outcome) => finish(effect, outcome), settled: nothing }
        const run = new AttemptRun(spec.body, spec.options, place, effect.context(), host, on)
        run.start()
        return () => run.abort('cancelled', 'the machine went on')
      }
      case 'decision': {
        finish(effect, decideNow(spec, { context: effect.context(), input: given, clock }))
        return nothing
      }
      case 'timer':
        return clock.at(given.due ?? 0, () => finish(effect, { ok: true, value: undefined }))
      case 'each':
        return runItems(effect, solo)
      case 'call':
        return solo.call(spec.machine(), effect.context().held[id], (outcome) => finish(effect, outcome))
      case 'settling':
        finish(effect, { ok: true, value: undefined })
        return nothing
      // a signal comes as an event to the machine itself; nothing waits for slots
      case 'signal':
      case 'queue':
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
