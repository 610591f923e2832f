// One chain of a run, alive: its XState actor, and the effects that its machine asked for.

import { type AnyActorRef, createActor } from 'xstate'
import { undoing, undoOf } from '../../../machines/compensating.ts'
import type { ChainInput, ChainOutcome, Compensated, CompiledChain } from '../../definition/compiled-chain.ts'
import { type Effect, type EffectHost, setHost } from '../../execution/effect.ts'
import type { ChainFold, OpenAttempt } from '../../journal/replay.ts'
import { Started } from '../../journal/started.ts'
import type { Failure } from '../../kernel/failure.ts'
import { LazyMap } from '../../kernel/lazy-map.ts'
import { answerCall, answerUndone, callerOf, callerUndone } from './chain-calls.ts'
import { type ChainParent, hear, type LiveChain } from './chain-parent.ts'
import { ChainTimers } from './chain-timers.ts'
import { cutShort, resolveStuck, undoKept } from './cut-short.ts'
import { decideEffect } from './decide-effect.ts'
import { EachRunner } from './each-runner.ts'
import { Eaches } from './eaches.ts'
import { createLiveGuest } from '../guests/live-guest.ts'
import type { Stored } from '../payloads.ts'
import { replyTo } from './reply-to.ts'
import { StepAttempts } from './step-attempts.ts'

/** What a chain starts from: its input, or where it was. */
type From = { readonly input: ChainInput } | { readonly fold: ChainFold }

const nothingOpen: ReadonlyMap<string, OpenAttempt> = new Map()

/** The chain's actor, not started: anew with `input`, or where `fold` says it was. Start it within a turn. */
export function createLiveChain(
  parent: ChainParent,
  key: string,
  chain: CompiledChain,
  from: From,
): LiveChain {
  if (chain.spec.guest !== undefined) return createLiveGuest(parent, key, chain, from)
  return new StatechartChain(parent, key, chain, from)
}

/** A class, because thousands are alive at once. */
class StatechartChain implements LiveChain, EffectHost {
  readonly key: string
  readonly version: string
  readonly actor: AnyActorRef
  readonly waiting = new Set<string>()
  readonly #parent: ChainParent
  readonly #attempts: StepAttempts
  readonly #timers: ChainTimers
  /** Decisions to be made and calls to be answered. */
  readonly #asked = new LazyMap<string, Effect>()
  #eaches: Eaches | undefined
  readonly #restored: ReadonlyMap<string, OpenAttempt>
  /** The chain's id. */
  readonly #of: string
  /** Whether it is handed what others returned. */
  readonly #needy: boolean
  readonly started: Started | undefined
  #detached = false
  #restoring: boolean

  constructor(parent: ChainParent, key: string, chain: CompiledChain, from: From) {
    this.#parent = parent
    this.key = key
    this.version = chain.version
    this.#of = chain.spec.id
    this.#needy = chain.spec.needs.length + chain.spec.follows.length > 0
    this.#restoring = 'fold' in from
    this.#restored = 'fold' in from ? from.fold.open : nothingOpen
    this.started =
      'fold' in from
        ? from.fold.started
        : chain.undoable === undefined
          ? undefined
          : new Started(chain.undoable)
    this.#timers = new ChainTimers(parent, key)
    const { services, runId } = parent
    const inspect = services.actors.inspector(services.inspect, runId, key)
    this.actor = createActor(chain.machine, {
      id: key,
      ...('fold' in from
        ? { snapshot: chain.machine.getPersistedSnapshot(from.fold.snapshot) }
        : { input: from.input }),
      ...(inspect === undefined ? {} : { inspect }),
    })
    this.#attempts = new StepAttempts(parent, key, chain, this.#restored, this.actor.send)
    setHost(this.actor.system, this)
    this.actor.subscribe({
      complete: () => hear(parent, () => this.#completed()),
      // no author code runs in this machine: what it threw is no failure of a step
      error: (error: unknown) => parent.crash(error),
    })
  }

  start(): void {
    this.actor.start()
    this.#restoring = false
  }

  get busy(): number {
    return this.#attempts.busy + (this.#eaches?.busy ?? 0)
  }

  get worked(): number {
    return this.#attempts.worked + (this.#eaches?.worked ?? 0)
  }

  get inFlight(): number {
    return this.#attempts.inFlight + (this.#eaches?.inFlight ?? 0)
  }

  persisted(): unknown {
    return this.actor.getPersistedSnapshot()
  }

  dues(): Iterable<number> {
    return this.#timers.dues()
  }

  // what the machine asks for

  begin(effect: Effect): void {
    const { id, spec, input } = effect
    switch (spec.kind) {
      case 'attempt':
        return this.#attempts.begin(effect)
      case 'queue':
        return this.#attempts.queue(effect)
      case 'compensation':
        return this.#attempts.compensate(effect, this.started as Started)
      case 'undo-call':
        this.#asked.set(id, effect)
        return this.#parent.pump(() => {
          if (this.#asked.get(id) === effect && this.#parent.undoCall(callerUndone(this.key, effect)))
            this.#callUndone(effect)
        })
      case 'kept': {
        // a restored one has mostly said so before it left memory; a fork may have been cut right before that
        const output = spec.output(effect.context())
        return this.#parent.pump(() => this.#parent.kept(this.key, { status: 'succeeded', output }))
      }
      case 'stuck': {
        // a restored one is parked already, unless somebody unparked it without a decision
        if (this.#restoring && this.#parent.parked) return undefined
        const context = effect.context()
        const undo = undoing(context)
        const failure = undo === undefined ? undefined : context.failures[undoOf(undo.step)]
        return this.#parent.pump(() => this.#parent.stuck(this.key, undo, failure))
      }
      case 'decision':
        // recorded when the machine receives it: after all that begins in the same transition
        this.#asked.set(id, effect)
        return this.#parent.pump(() => {
          if (this.#asked.get(id) !== effect) return
          this.#asked.delete(id)
          const { key, started } = this
          decideEffect(this.#parent, { key, of: this.#of, needy: this.#needy, started }, effect)
        })
      case 'timer':
        return this.#timers.schedule(id, input.due ?? 0, undefined, () => effect.succeed(undefined))
      case 'settling':
        return this.#settle(effect)
      case 'signal':
        this.waiting.add(id)
        if (spec.reply !== undefined) this.#asked.set(id, effect)
        return this.#parent.pump(() => this.#parent.awaitSignal(this.key, id))
      case 'call':
        this.#asked.set(id, effect)
        return this.#parent.call(callerOf(this.key, effect), {
          of: spec.call.chain.id,
          input: effect.context().held[id],
          restored: this.#restoring,
        })
      case 'each': {
        const of = { key: this.key, of: this.#of }
        const runner = new EachRunner(this.#parent, of, effect, {
          timers: this.#timers,
          attempts: this.#attempts,
          restored: this.#restored,
        })
        this.#eaches ??= new Eaches()
        this.#eaches.add(id, runner)
        return this.#parent.pump(() => runner.pump())
      }
    }
  }

  abort(id: string): void {
    if (this.#detached) return
    this.#attempts.abort(id)
    this.#timers.unschedule(id)
    if (this.waiting.delete(id)) this.#parent.waitsChanged()
    this.#eaches?.abort(id)
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (asked?.spec.kind === 'call') this.#parent.cancelCall(callerOf(this.key, asked))
  }

  // a failed parallel goes on when its aborted attempts have really ended, or after the grace
  #settle(effect: Effect): void {
    const { id } = effect
    const ended = (): void => {
      this.#parent.record({ type: 'settling.ended', chain: this.key, step: id })
      effect.succeed(undefined)
    }
    const { clock, limits } = this.#parent.services
    this.#timers.arm(id, clock.now() + limits.abandonAfter, ended)
    this.#parent.pump(() =>
      this.#attempts.whenSettled(() => {
        if (this.#timers.unschedule(id)) this.#parent.turn(ended)
      }),
    )
  }

  crashed(error: unknown): void {
    this.#parent.crash(error)
  }

  // what its run tells it

  reply(step: string, signal: unknown): Stored | undefined {
    return replyTo(this.#asked.get(step), signal, this.#parent.services)
  }

  deliver(step: string, output: unknown): void {
    this.actor.send({ type: 'signal', step, output })
  }

  callEnded(step: string, item: string | undefined, outcome: ChainOutcome): void {
    const undo = this.#asked.get(undoOf(step))
    if (undo !== undefined && undo.input.item === item) return this.#callUndone(undo)
    const each = this.#eaches?.get(step)
    if (each !== undefined && item !== undefined) return each.callEnded(item, outcome)
    const effect = this.#asked.get(step)
    if (effect === undefined) return undefined
    this.#asked.delete(step)
    answerCall(effect, outcome)
  }

  cancel(failure?: Failure): void {
    cutShort(this.#parent, this, failure)
  }

  undo(): void {
    undoKept(this.#parent, this)
  }

  resolve(how: 'retry' | 'give-up'): boolean {
    return resolveStuck(this.#parent, this, how)
  }

  resume(): void {
    this.#attempts.resume()
    this.#eaches?.resume()
  }

  detach(): void {
    this.#detached = true
    this.#timers.stop()
    this.#attempts.detach()
    this.#eaches?.detach()
    this.actor.stop()
  }

  #callUndone(effect: Effect): void {
    this.#asked.delete(effect.id)
    answerUndone(this.#parent, this.key, effect)
  }

  #completed(): void {
    const snapshot = this.actor.getSnapshot() as {
      readonly status: string
      readonly output?: ChainOutcome | ({ readonly status: 'undone' } & Compensated)
    }
    if (snapshot.status !== 'done' || snapshot.output === undefined) return
    if (this.#detached) return
    const { output } = snapshot
    if (output.status === 'undone') this.#parent.undone(this.key, output)
    else this.#parent.ended(this.key, output)
  }
}
