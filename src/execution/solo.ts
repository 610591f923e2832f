// Does a machine's effects in memory, for chains that run alone under plain XState: no journal, nothing durable.

import { type AnyActorRef, createActor } from 'xstate'
import type { ChainOutcome } from '../definition/compiled-chain.ts'
import { systemClock, type Cancel, type Clock } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import { type AttemptHost, type AttemptPlace, AttemptRun, type Outcome } from './attempt.ts'
import { decideNow } from './decide.ts'
import type { Effect, EffectHost } from './effect.ts'
import { recoverItem } from './recovery.ts'

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

/** The host of one machine that runs alone. */
export function createSoloHost(root: AnyActorRef): EffectHost {
  const clock = clockOf(root)
  const input = (root as unknown as { options: { input?: { app?: unknown } } }).options.input
  const host: AttemptHost = { clock, app: input?.app, progress: () => {}, log: () => {} }
  const live = new Map<string, () => void>()
  const startedAt = clock.now()

  const place = (step: string, item: string | undefined, attempt: number): AttemptPlace => ({
    runId: 'alone',
    chain: root.id,
    step,
    item,
    attempt,
    scheduledAt: startedAt,
  })

  const attempt = (effect: Effect): void => {
    if (effect.spec.kind !== 'attempt') return
    const running = new AttemptRun(
      effect.spec.body,
      effect.spec.options,
      place(effect.id, effect.input.item, effect.input.attempt ?? 1),
      effect.context(),
      host,
      {
        outcome: (outcome) => {
          if (!live.delete(effect.id)) return
          if (outcome.ok) effect.succeed(outcome.value)
          else effect.fail(outcome.failure)
        },
        settled: () => {},
      },
    )
    track(effect.id, () => running.abort('cancelled', 'the machine went on'))
    running.start()
  }

  const track = (id: string, stop: () => void): void => void live.set(id, stop)

  const each = (effect: Effect): void => {
    if (effect.spec.kind !== 'each') return
    const { each: spec } = effect.spec
    const stops = new Set<() => void>()
    const pump = (): void => {
      const items = effect.items()
      if (items === undefined || !live.has(effect.id)) return
      let free = spec.inFlight - items.status.filter((status) => status === 'running').length
      for (const [index, key] of items.keys.entries()) {
        if (free <= 0) break
        if (items.status[index] !== 'waiting') continue
        free--
        one(key, index, (items.tries[key] ?? 0) + 1)
      }
    }
    const one = (key: string, index: number, number: number): void => {
      effect.advance({ type: 'started', key, attempt: number })
      const scope = effect.context()
      const { items } = scope.held[effect.id] as { items: readonly unknown[] }
      const finish = (outcome: Outcome): void => {
        if (!live.has(effect.id)) return
        if (outcome.ok) effect.advance({ type: 'succeeded', key, output: outcome.value })
        else {
          effect.advance({ type: 'failed', key, failure: outcome.failure })
          const verdict = recoverItem(key, spec.options, effect.items(), clock)
          effect.advance({ type: 'recovered', key, verdict })
          if (verdict.next === 'retry') {
            const cancel: Cancel = clock.at(verdict.due ?? 0, () => {
              stops.delete(cancel)
              effect.advance({ type: 'due', key })
              pump()
            })
            stops.add(cancel)
          }
        }
        pump()
      }
      if (typeof spec.body !== 'function') {
        return finish({ ok: false, failure: failureOf(new Error('an each over a chain needs a supervisor')) })
      }
      const running = new AttemptRun(spec.body, spec.options, place(effect.id, key, number), scope, host, {
        outcome: (outcome) => {
          stops.delete(stop)
          finish(outcome)
        },
        settled: () => {},
      })
      const stop = (): void => running.abort('cancelled', 'the machine went on')
      stops.add(stop)
      running.start({ value: items[index] })
    }
    track(effect.id, () => {
      for (const stop of stops) stop()
    })
    // the items' actor takes events only once it has started
    queueMicrotask(pump)
  }

  const call = (effect: Effect): void => {
    if (effect.spec.kind !== 'call') return
    const given = effect.context().held[effect.id]
    const actor = createActor(effect.spec.machine(), { input: { input: given, app: host.app } })
    actor.subscribe({
      complete() {
        if (!live.delete(effect.id)) return
        const outcome = actor.getSnapshot().output as ChainOutcome
        if (outcome.status === 'succeeded') effect.succeed(outcome.output)
        else
          effect.fail(
            outcome.status === 'failed'
              ? outcome.failure
              : { kind: 'cancelled', message: 'the called chain was cancelled', retryable: false },
          )
      },
      error: (error) => live.delete(effect.id) && effect.fail(failureOf(error)),
    })
    track(effect.id, () => actor.stop())
    actor.start()
  }

  return {
    begin(effect) {
      switch (effect.spec.kind) {
        case 'attempt':
          return attempt(effect)
        case 'decision': {
          const decided = decideNow(effect.spec, { context: effect.context(), input: effect.input, clock })
          return decided.ok ? effect.succeed(decided.value) : effect.fail(decided.failure)
        }
        case 'timer': {
          const cancel = clock.at(
            effect.input.due ?? 0,
            () => live.delete(effect.id) && effect.succeed(undefined),
          )
          return track(effect.id, cancel)
        }
        case 'each':
          return each(effect)
        case 'call':
          return call(effect)
        case 'settling':
          return effect.succeed(undefined)
        case 'signal':
        case 'queue':
          return track(effect.id, () => {})
      }
    },
    abort(id) {
      const stop = live.get(id)
      live.delete(id)
      stop?.()
    },
  }
}
