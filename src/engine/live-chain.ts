// One chain of a run, alive: its XState actor, and the effects that its machine asked for.

import { type AnyActorRef, createActor } from 'xstate'
import type { ChainInput, ChainOutcome, CompiledChain } from '../definition/compiled-chain.ts'
import { decideNow } from '../execution/decide.ts'
import { type Effect, type EffectHost, setHost } from '../execution/effect.ts'
import type { Fact } from '../journal/event.ts'
import type { ChainFold, OpenAttempt } from '../journal/replay.ts'
import type { Cancel } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import { type AttemptSlot, createAttemptSlot } from './attempt-slot.ts'
import { createEachRunner, type EachRunner } from './each-runner.ts'
import { toPayload } from './payloads.ts'
import type { Services } from './services.ts'

/** What a chain tells the run that it belongs to. */
export interface ChainParent {
  readonly runId: string
  readonly acceptedAt: number
  readonly priority: number
  readonly paused: boolean
  readonly services: Services
  /** Does `work` as one turn: what it records is committed together. */
  turn(work: () => void): void
  record(fact: Fact): void
  afterCommit(effect: () => void): void
  /** Called again at the end of the turn, before it is committed. */
  pump(work: () => void): void
  ended(key: string, outcome: ChainOutcome): void
  call(
    caller: { readonly chain: string; readonly step: string; readonly item?: string },
    of: string,
    input: unknown,
  ): void
  cancelCall(caller: { readonly chain: string; readonly step: string; readonly item?: string }): void
  /** Looks in the inbox for a signal that a step now waits for. */
  awaitSignal(key: string, step: string): void
}

export interface LiveChain {
  readonly key: string
  /** The version that its run is pinned to. */
  readonly version: string
  readonly actor: AnyActorRef
  /** Attempts queued or in flight. */
  readonly busy: number
  /** Attempts in flight. */
  readonly inFlight: number
  /** Absolute due times of its running timers (ms since the epoch). */
  dues(): Iterable<number>
  /** Names of the signals that it waits for. */
  readonly waiting: ReadonlySet<string>
  deliver(step: string, output: unknown): void
  /** The chain that a step called has ended. */
  callEnded(step: string, item: string | undefined, outcome: ChainOutcome): void
  start(): void
  cancel(): void
  /** Starts what a pause held back. */
  resume(): void
  /** Stops the actor without any trace, when the run leaves memory. */
  detach(): void
}

/** The chain's actor, not started: anew with `input`, or where `fold` says it was. Start it within a turn. */
export function createLiveChain(
  parent: ChainParent,
  key: string,
  chain: CompiledChain,
  from: { readonly input: ChainInput } | { readonly fold: ChainFold },
): LiveChain {
  const { services } = parent
  const { clock } = services
  const slots = new Map<string, AttemptSlot>()
  const settling = new Set<AttemptSlot>()
  const timers = new Map<string, { readonly due: number; readonly cancel: Cancel }>()
  const calls = new Map<string, Effect>()
  const eaches = new Map<string, EachRunner>()
  const waiting = new Set<string>()
  const restored: ReadonlyMap<string, OpenAttempt> = 'fold' in from ? from.fold.open : new Map()
  const watchers: (() => void)[] = []
  let detached = false
  let restoring = 'fold' in from

  const actor: AnyActorRef = createActor(chain.machine, {
    id: key,
    ...('fold' in from
      ? { snapshot: chain.machine.getPersistedSnapshot(from.fold.snapshot) }
      : { input: from.input }),
    ...(services.inspect === undefined ? {} : { inspect: services.inspect }),
  } as never)

  const finish = (outcome: ChainOutcome): void => {
    if (!detached) parent.ended(key, outcome)
  }
  const schedule = (id: string, due: number, item: string | undefined, fire: () => void): void => {
    const cancel = clock.at(due, () => {
      if (!timers.delete(id) || detached) return
      parent.turn(() => {
        const step = item === undefined ? id : id.slice(0, id.indexOf('/'))
        parent.record({ type: 'timer.fired', chain: key, step, ...(item === undefined ? {} : { item }) })
        fire()
      })
    })
    timers.set(id, { due, cancel })
  }

  const attempt = (effect: Effect): void => {
    if (effect.spec.kind !== 'attempt') return
    const { item, attempt: number = 1 } = effect.input
    const slot = createAttemptSlot(parent, {
      id: { chain: key, step: effect.id, ...(item === undefined ? {} : { item }), attempt: number },
      work: effect.spec,
      immediate: effect.spec.substitute,
      requeued: restored.get(item === undefined ? effect.id : `${effect.id}/${item}`)?.queued ?? false,
      data: () => effect.context(),
      queued: () => actor.send({ type: 'attempt.queued', step: effect.id }),
      dequeued: () => actor.send({ type: 'attempt.started', step: effect.id }),
      outcome: (outcome) => {
        slots.delete(effect.id)
        if (outcome.ok) effect.succeed(outcome.value)
        else effect.fail(outcome.failure)
      },
      settled: () => {
        settling.delete(slot)
        for (const watch of watchers.splice(0)) watch()
      },
    })
    slots.set(effect.id, slot)
    slot.begin()
  }

  const decide = (effect: Effect): void => {
    if (effect.spec.kind !== 'decision') return
    const { item } = effect.input
    const named = { chain: key, step: effect.id, ...(item === undefined ? {} : { item }) }
    const decided = decideNow(effect.spec, { context: effect.context(), input: effect.input, clock })
    const stored = decided.ok
      ? toPayload(decided.value, `decision "${effect.id}" of chain "${key}"`, Infinity)
      : decided
    if (!stored.ok) {
      parent.record({ type: 'decision.failed', ...named, failure: stored.failure })
      return effect.fail(stored.failure)
    }
    parent.record({
      type: 'decision.made',
      ...named,
      ...(stored.payload === undefined ? {} : { payload: stored.payload }),
    })
    effect.succeed(stored.value)
  }

  // a failed parallel goes on when its aborted attempts have really ended, or after the grace
  const settle = (effect: Effect): void => {
    const id = effect.id
    const done = (): void => {
      if (!timers.has(id)) return
      timers.get(id)?.cancel()
      timers.delete(id)
      parent.turn(() => {
        parent.record({ type: 'settling.ended', chain: key, step: id })
        effect.succeed(undefined)
      })
    }
    const watch = (): void => {
      if (settling.size === 0) done()
      else watchers.push(watch)
    }
    const due = clock.now() + services.limits.abandonAfter
    timers.set(id, { due, cancel: clock.at(due, done) })
    parent.pump(watch)
  }

  const host: EffectHost = {
    begin(effect) {
      switch (effect.spec.kind) {
        case 'attempt':
          return attempt(effect)
        case 'decision':
          return decide(effect)
        case 'timer':
          return schedule(effect.id, effect.input.due ?? 0, undefined, () => effect.succeed(undefined))
        case 'settling':
          return settle(effect)
        case 'signal':
          waiting.add(effect.id)
          return parent.pump(() => parent.awaitSignal(key, effect.id))
        case 'call': {
          const { item } = effect.input
          calls.set(effect.id, effect)
          // a callee of a restored chain is restored by the run
          if (restoring) return
          return parent.call(
            { chain: key, step: effect.id, ...(item === undefined ? {} : { item }) },
            effect.spec.call.chain.id,
            effect.context().held[effect.id],
          )
        }
        case 'each': {
          const runner = createEachRunner(parent, key, effect, {
            schedule,
            unschedule: (id) => drop(id),
            restored,
          })
          eaches.set(effect.id, runner)
          return parent.pump(() => runner.pump())
        }
      }
    },
    abort(id) {
      if (detached) return
      const slot = slots.get(id)
      if (slot !== undefined) {
        slots.delete(id)
        if (slot.abort()) settling.add(slot)
      }
      drop(id)
      waiting.delete(id)
      eaches.get(id)?.abort()
      eaches.delete(id)
      const call = calls.get(id)
      if (call !== undefined) {
        calls.delete(id)
        const { item } = call.input
        parent.cancelCall({ chain: key, step: id, ...(item === undefined ? {} : { item }) })
      }
    },
  }
  const drop = (id: string): void => {
    timers.get(id)?.cancel()
    timers.delete(id)
  }

  setHost(actor.system, host)
  actor.subscribe({
    complete: () => {
      const snapshot = actor.getSnapshot() as { status: string; output?: ChainOutcome }
      if (snapshot.status === 'done' && snapshot.output !== undefined) finish(snapshot.output)
    },
    error: (error: unknown) => finish({ status: 'failed', step: '', failure: failureOf(error) }),
  })
  const live: LiveChain = {
    key,
    version: chain.version,
    actor,
    get busy() {
      let busy = slots.size + settling.size
      for (const each of eaches.values()) busy += each.busy
      return busy
    },
    get inFlight() {
      let count = settling.size
      for (const slot of slots.values()) if (slot.inFlight) count++
      for (const each of eaches.values()) count += each.inFlight
      return count
    },
    *dues() {
      for (const { due } of timers.values()) yield due
    },
    waiting,
    deliver: (step, output) => actor.send({ type: 'signal', step, output }),
    callEnded(step, item, outcome) {
      const each = eaches.get(step)
      if (each !== undefined && item !== undefined) return each.callEnded(item, outcome)
      const effect = calls.get(step)
      if (effect === undefined) return
      calls.delete(step)
      if (outcome.status === 'succeeded') effect.succeed(outcome.output)
      else
        effect.fail(
          outcome.status === 'failed'
            ? outcome.failure
            : {
                kind: 'cancelled',
                message: `the chain that step "${step}" called was cancelled`,
                retryable: false,
              },
        )
    },
    start() {
      actor.start()
      restoring = false
    },
    cancel: () => actor.send({ type: 'cancel' }),
    resume() {
      for (const slot of slots.values()) slot.resume()
      for (const each of eaches.values()) parent.pump(() => each.resume())
    },
    detach() {
      detached = true
      for (const { cancel } of timers.values()) cancel()
      for (const slot of slots.values()) slot.detach()
      for (const each of eaches.values()) each.detach()
      actor.stop()
    },
  }
  return live
}
