// Works through the items of an `each`: starts as many as may be in flight, recovers those that fail.

import { type EachContext, placeOf } from '../../../machines/each.ts'
import type { ChainOutcome } from '../../definition/compiled-chain.ts'
import type { DecisionScope, EachSpec, StepOptionsSpec } from '../../definition/spec.ts'
import { type AttemptData, type Outcome, withItemFailure } from '../../execution/attempt.ts'
import type { Effect } from '../../execution/effect.ts'
import { recoverItem } from '../../execution/recovery.ts'
import type { OpenAttempt } from '../../journal/replay.ts'
import type { AttemptOwner, AttemptWork } from './attempt-owner.ts'
import { AttemptSlot } from './attempt-slot.ts'
import type { Caller, ChainParent } from './chain-parent.ts'
import { toPayload } from '../payloads.ts'

/** What the chain keeps for its parts. */
export interface Keeping {
  readonly timers: {
    schedule(id: string, due: number, item: string, fire: () => void): void
    unschedule(id: string): boolean
  }
  /** Aborted attempts whose functions have not ended. */
  readonly attempts: {
    keep(slot: AttemptSlot): void
    settled(slot: AttemptSlot): void
    readsOf(effect: Effect): readonly string[] | undefined
  }
  readonly restored: ReadonlyMap<string, OpenAttempt>
}

/** The items' places are in the effect's own actor; this moves them and runs their attempts. */
export class EachRunner implements AttemptOwner {
  readonly #parent: ChainParent
  readonly #chain: string
  /** The chain's id. */
  readonly #of: string
  readonly #effect: Effect
  readonly #spec: EachSpec
  readonly #keeping: Keeping
  readonly #slots = new Map<string, AttemptSlot>()
  readonly #calls = new Set<string>()
  readonly #backingOff = new Set<string>()
  /** Those that were queued when fewer came to be allowed: each comes forward again as another ends. */
  readonly #turnedAway = new Set<AttemptSlot>()
  #again: number[] = []
  #cursor = 0
  #worked = 0
  #over = false
  #begun = false

  constructor(
    parent: ChainParent,
    chain: { readonly key: string; readonly of: string },
    effect: Effect,
    keeping: Keeping,
  ) {
    if (effect.spec.kind !== 'each') throw new TypeError('not an each')
    this.#parent = parent
    this.#chain = chain.key
    this.#of = chain.of
    this.#effect = effect
    this.#spec = effect.spec.each
    this.#keeping = keeping
  }

  /** Items queued or in flight. */
  get busy(): number {
    return this.#slots.size
  }

  /** How long its items worked, as if all slots were full (ms). */
  get worked(): number {
    return this.#worked / this.#most()
  }

  get #failed(): boolean {
    return this.#effect.items()?.failed !== null && this.#spec.onFailure === 'fail'
  }

  get inFlight(): number {
    let count = 0
    for (const slot of this.#slots.values()) if (slot.inFlight) count++
    return count
  }

  /** Starts what may start; call it within a turn. */
  pump(): void {
    if (this.#over) return
    if (!this.#begun) {
      this.#begun = true
      this.#restore()
      // an item that was found recovering may have been given up
      if (this.#failed) return this.abort()
    }
    const items = this.#effect.items()
    if (items === undefined || (items.failed !== null && items.onFailure === 'fail')) return
    for (const slot of this.#turnedAway) {
      if (this.inFlight >= this.#most()) return
      this.#turnedAway.delete(slot)
      slot.wait()
    }
    while (!this.#over && this.#slots.size + this.#calls.size < this.#most()) {
      const place = this.#next(items)
      if (place === undefined) return
      this.#start(items, place)
    }
  }

  callEnded(item: string, outcome: ChainOutcome): void {
    const key = this.#keyIn(item)
    if (!this.#calls.delete(key)) return
    if (outcome.status === 'succeeded') return this.#settle(key, { ok: true, value: outcome.output })
    const cancelled = {
      kind: 'cancelled',
      message: 'the called chain was cancelled',
      retryable: false,
    } as const
    this.#settle(key, { ok: false, failure: outcome.status === 'failed' ? outcome.failure : cancelled })
  }

  resume(): void {
    for (const slot of this.#slots.values()) slot.wait()
  }

  abort(): void {
    this.#stop()
    for (const slot of this.#slots.values()) if (slot.abort()) this.#keeping.attempts.keep(slot)
    this.#slots.clear()
    for (const key of this.#calls) this.#parent.cancelCall(this.#caller(key))
    this.#calls.clear()
  }

  detach(): void {
    this.#stop()
    for (const slot of this.#slots.values()) slot.detach()
  }

  // what its attempts report

  data({ id: { item = '' } }: AttemptSlot): AttemptData {
    const context = this.#effect.context()
    return withItemFailure(context, this.#effect.id, this.#effect.items()?.failures[this.#keyIn(item)])
  }

  scope(): DecisionScope {
    return this.#effect.context()
  }

  reads(): readonly string[] | undefined {
    return this.#keeping.attempts.readsOf(this.#effect)
  }

  queued(slot: AttemptSlot): void {
    slot.wait()
  }

  mayStart(slot: AttemptSlot): boolean {
    const most = this.#most()
    if (this.#slots.size <= most || this.inFlight < most) return true
    this.#turnedAway.add(slot)
    return false
  }

  started({ id: { item = '', attempt }, deadline }: AttemptSlot): void {
    this.#effect.advance({ type: 'started', key: this.#keyIn(item), attempt, deadline })
  }

  outcome(slot: AttemptSlot, outcome: Outcome): void {
    const { item = '' } = slot.id
    this.#worked += slot.took
    // what undoes it waits for its end
    if (slot.late && this.#spec.options.compensate !== undefined) this.#keeping.attempts.keep(slot)
    const key = this.#keyIn(item)
    this.#slots.delete(key)
    this.#turnedAway.delete(slot)
    this.#settle(key, outcome)
  }

  settled(slot: AttemptSlot): void {
    this.#keeping.attempts.settled(slot)
  }

  #start(items: EachContext, place: number): void {
    const key = items.keys[place] as string
    const attempt = (items.tries[key] ?? 0) + 1
    const value = (this.#effect.context().held[this.#effect.id] as { readonly items: readonly unknown[] })
      .items[place]
    const { body } = this.#spec
    const options = this.#options()
    if (typeof body !== 'function') {
      this.#calls.add(key)
      this.#effect.advance({ type: 'started', key, attempt })
      return this.#parent.call(this.#caller(key), { of: body.id, input: value, restored: false })
    }
    const { item } = this.#caller(key)
    const requeued = this.#keeping.restored.get(`${this.#effect.id}/${item}`)?.queued ?? false
    const id = { chain: this.#chain, step: this.#effect.id, item, attempt }
    const slot = new AttemptSlot(
      this.#parent,
      this,
      id,
      {
        body,
        options,
        ...this.#memo(options),
        item: { value },
        deadline: this.#deadlineOf(items, key, options),
      },
      { immediate: false, requeued, retry: (items.tries[key] ?? 0) > (items.lost[key] ?? 0) },
    )
    this.#slots.set(key, slot)
    slot.begin()
  }

  #settle(key: string, outcome: Outcome): void {
    if (this.#over) return
    if (outcome.ok) this.#effect.advance({ type: 'succeeded', key, output: outcome.value })
    else {
      this.#effect.advance({ type: 'failed', key, failure: outcome.failure })
      this.#recover(key)
    }
    // an actor that ends by itself is not stopped by its machine: what is still in flight is ours to abort
    if (this.#failed) return this.abort()
    this.#parent.pump(() => this.pump())
  }

  #recover(key: string): void {
    const { clock, rehearsal } = this.#parent.services
    const own = recoverItem(key, this.#options(), this.#effect.items(), clock)
    const { item } = this.#caller(key)
    const of = {
      chain: this.#chain,
      step: `${this.#effect.id}:recovery`,
      ...(item === undefined ? {} : { item }),
    }
    const verdict = rehearsal?.decided(this.#parent.runId, of, own) ?? own
    const stored = toPayload(verdict, Infinity, 'recovery')
    this.#parent.record({
      type: 'decision.made',
      ...of,
      ...(stored.ok && stored.payload !== undefined ? { payload: stored.payload } : {}),
    })
    this.#effect.advance({ type: 'recovered', key, verdict })
    if (verdict.next === 'retry') this.#backOff(key, verdict.due ?? 0)
  }

  #backOff(key: string, due: number): void {
    this.#backingOff.add(key)
    this.#keeping.timers.schedule(this.#timerOf(key), due, this.#caller(key).item, () => {
      this.#backingOff.delete(key)
      this.#effect.advance({ type: 'due', key })
      const items = this.#effect.items()
      const place = items === undefined ? undefined : placeOf(items, key)
      if (place !== undefined) this.#again.push(place)
      this.#parent.pump(() => this.pump())
    })
  }

  #restore(): void {
    const items = this.#effect.items()
    for (const [place, status] of (items?.status ?? []).entries()) {
      const key = items?.keys[place] as string
      if (status === 'backing-off') this.#backOff(key, items?.due[key] ?? 0)
      if (status === 'recovering') this.#recover(key)
      if (status === 'running' && typeof this.#spec.body !== 'function') this.#calls.add(key)
    }
  }

  /** An item whose backoff ended soon after a restart is found twice: as due again, and by the cursor. */
  #next(items: EachContext): number | undefined {
    const { keys, status } = items
    for (;;) {
      const place = this.#again.shift() ?? (this.#cursor < keys.length ? this.#cursor++ : undefined)
      if (place === undefined) return undefined
      if (status[place] === 'waiting' && !this.#slots.has(keys[place] as string)) return place
    }
  }

  #stop(): void {
    this.#over = true
    for (const key of this.#backingOff) this.#keeping.timers.unschedule(this.#timerOf(key))
  }

  #options(): StepOptionsSpec {
    const { services, arm } = this.#parent
    return services.config.tune(this.#of, this.#effect.id, this.#spec.options, arm)
  }

  /** Most items in flight now: more than before only once the next one has ended. */
  #most(): number {
    const { services, arm } = this.#parent
    return services.config.inFlight(this.#of, this.#effect.id, this.#spec.inFlight, arm)
  }

  /** Counted from when its first attempt came forward; known to the journal from its first start. */
  #deadlineOf(items: EachContext, key: string, { deadline }: StepOptionsSpec): number | undefined {
    if (deadline === undefined) return undefined
    return items.deadlines?.[key] ?? this.#parent.services.clock.now() + deadline
  }

  #memo({ memo }: StepOptionsSpec): Pick<AttemptWork, 'memo'> {
    const chain = memo === undefined ? undefined : this.#parent.services.chain(this.#of)
    if (chain === undefined) return {}
    return { memo: { chain, step: this.#effect.id, round: this.#effect.input.item } }
  }

  #timerOf(key: string): string {
    return `${this.#effect.id}:backoff/${this.#caller(key).item}`
  }

  /** The item's key without the rounds of the repeats around it. */
  #keyIn(item: string): string {
    const round = this.#effect.input.item
    return round === undefined ? item : item.slice(round.length + 1)
  }

  #caller(key: string): Caller & { readonly item: string } {
    const round = this.#effect.input.item
    return { chain: this.#chain, step: this.#effect.id, item: round === undefined ? key : `${round}/${key}` }
  }
}
