// The trials of an engine: which go on, what their runs are drawn to, and what is done as their pairs decide.

import type { Fact, JournalEvent } from '../../journal/event.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { PlanNode } from '../../journal/run-plan.ts'
import type { StoreReader } from '../../journal/store.ts'
import type { TrialArm } from '../../journal/watch-fact.ts'
import type { Clock } from '../../kernel/clock.ts'
import { encode } from '../../kernel/codec.ts'
import { inWords } from '../../kernel/failure.ts'
import { Standing, type TrialPlan, type TrialRecord } from '../../reflection/standing.ts'
import { gainOf } from '../../reflection/trial.ts'
import type { ConfigChange, ConfigOverlay } from '../../supervision/config.ts'
import { recipeOf, touchedBy, withoutVersion } from '../../supervision/config-patch.ts'
import { LiveTrial } from './live-trial.ts'

export interface TrialsHost {
  readonly clock: Clock
  readonly config: ConfigOverlay
  readonly store: Pick<StoreReader, 'journal'>
  /** Commits facts, and with them a change of the config. */
  readonly record: (facts: readonly Fact[], change?: () => ConfigChange | undefined) => Promise<void>
  readonly problem: (what: string, error: unknown) => void
}

const page = 250

type Heard = 'started' | 'kept' | 'reverted'

interface Going {
  readonly trial: LiveTrial
  /** What the config says of what is tried: not to be changed meanwhile by anybody else. */
  readonly base: string
  /** All that was recorded of it is taken in. */
  ready: boolean
  /** An end of it is being recorded. */
  ending: boolean
  share: number
}

export class Trials {
  readonly standing = new Standing()
  readonly #host: TrialsHost
  readonly #going = new Map<string, Going>()
  #published = 0
  #stopped = false
  #heard: (what: Heard) => void = () => {}

  constructor(host: TrialsHost) {
    this.#host = host
  }

  /** Tells of trials that begin and end, and of those that were recalled. */
  listen(heard: (what: Heard) => void): void {
    this.#heard = heard
    for (const _ of this.#going) heard('started')
  }

  /** Takes in what was recorded before, with the config as it was then changed: before any run goes on. */
  recall(events: readonly JournalEvent[]): void {
    for (const event of events) this.standing.apply(event)
    for (const record of this.standing.live()) this.#take(record)
  }

  /** Takes in the runs of trials that were recalled, from the journal. */
  async resume(): Promise<void> {
    for (const going of Array.from(this.#going.values())) {
      const record = this.standing.trials.get(going.trial.id)
      if (!going.ready && record !== undefined) await this.#catchUp(going, record.seq)
    }
    for (const record of this.standing.live())
      if (!this.#going.has(record.id)) await this.stop(record.id, 'what it was about is gone')
  }

  /** What a run that is accepted now runs under, where it is drawn for a trial. */
  draw(targets: readonly string[], nodes: readonly PlanNode[]): TrialArm | undefined {
    if (this.#going.size === 0 || this.#stopped) return undefined
    for (const { trial, ready, ending } of this.#going.values()) {
      const arm = ready && !ending ? trial.draw(targets, nodes, () => this.#host.clock.random()) : undefined
      if (arm !== undefined) return arm
    }
    return undefined
  }

  /** What was committed. */
  see(events: readonly JournalEvent[]): void {
    this.#published = events.at(-1)?.seq ?? this.#published
    for (const event of events) {
      if (event.run === '') this.#hear(event)
      for (const going of this.#going.values()) if (going.ready) going.trial.see(event)
    }
    for (const going of this.#going.values()) if (going.ready) this.#act(going)
  }

  /** Begins a trial; resolves with its id once that is durable. */
  async start(id: string, plan: TrialPlan, by: 'auto' | 'person'): Promise<void> {
    const { share } = new LiveTrial({ id }, plan)
    const payload = encode(plan, 'a suggestion')
    // refused before anything is recorded
    this.#variantOf(plan)
    await this.#host.record([
      { type: 'trial.started', id, suggestion: plan.suggestion.id, share, by, payload },
    ])
  }

  async stop(id: string, why: string): Promise<void> {
    const going = this.#going.get(id)
    if (going?.ending === true) return
    if (going !== undefined) going.ending = true
    await this.#host.record([{ type: 'trial.ended', id, verdict: 'stopped', why }])
  }

  /** How a trial stands. */
  progressOf(id: string): { readonly pairs: number; readonly gain: ReturnType<typeof gainOf> } | undefined {
    const trial = this.#going.get(id)?.trial
    return trial === undefined ? undefined : { pairs: trial.state.pairs, gain: gainOf(trial.state) }
  }

  /** Nothing can be recorded any more. */
  detach(): void {
    this.#stopped = true
    this.#going.clear()
  }

  #hear(event: JournalEvent): void {
    if (event.type === 'config.changed') return this.#configured()
    if (!this.standing.apply(event)) return
    if (event.type === 'trial.started') {
      const record = this.standing.trials.get(event.id)
      const going = record === undefined ? undefined : this.#take(record)
      if (going !== undefined) going.ready = true
      this.#heard('started')
    }
    if (event.type === 'trial.ended') {
      this.#going.delete(event.id)
      this.#host.config.variant(event.id, undefined)
      this.#heard(event.verdict === 'kept' ? 'kept' : 'reverted')
    }
  }

  #take(record: TrialRecord): Going | undefined {
    const { plan, id, share } = record
    if (plan === undefined) return undefined
    try {
      this.#host.config.variant(id, this.#variantOf(plan))
    } catch {
      // the code has moved on
      return undefined
    }
    const base = touchedBy(this.#host.config.current, plan.suggestion.patch ?? [])
    const going = { trial: new LiveTrial({ id }, plan), base, ready: false, ending: false, share }
    this.#going.set(id, going)
    return going
  }

  #variantOf({ suggestion: { patch = [] } }: TrialPlan): ReturnType<ConfigOverlay['preview']> {
    const { config } = this.#host
    return config.preview(recipeOf(withoutVersion(patch), config.version))
  }

  /** Until nothing is in the journal that it has not seen, at a moment at which nothing can come between. */
  async #catchUp(going: Going, from: number): Promise<void> {
    const { store, clock } = this.#host
    let last = from
    for (;;) {
      const rows = await store.journal({ after: last, limit: page })
      if (this.#stopped || !this.#going.has(going.trial.id)) return
      for (const row of rows) going.trial.see(toEvent(row))
      last = rows.at(-1)?.seq ?? last
      if (rows.length < page && last >= this.#published) break
      await new Promise<void>((resolve) => clock.soon(resolve))
    }
    going.ready = true
    this.#act(going)
  }

  #act(going: Going): void {
    const { trial } = going
    if (going.ending) return
    if (trial.verdict.do === 'end') {
      going.ending = true
      return this.#end(going, trial.verdict)
    }
    if (trial.share <= going.share) return
    going.share = trial.share
    this.#record([{ type: 'trial.widened', id: trial.id, share: trial.share }])
  }

  #end(
    { trial }: Going,
    { verdict, why }: { readonly verdict: 'kept' | 'reverted'; readonly why: string },
  ): void {
    const { config } = this.#host
    const { suggestion } = trial.plan
    const { pairs } = trial.state
    const payload = encode({ pairs, skipped: trial.skipped, gain: gainOf(trial.state) }, 'a trial')
    const ended = { type: 'trial.ended', id: trial.id, payload } as const
    if (verdict === 'reverted') return this.#record([{ ...ended, verdict, why }])
    const recipe = recipeOf(withoutVersion(suggestion.patch ?? []), config.version)
    try {
      config.preview(recipe)
    } catch (error) {
      return this.#record([{ ...ended, verdict: 'stopped', why: `it cannot be kept: ${inWords(error)}` }])
    }
    return this.#record([{ ...ended, verdict, why }], () => config.change(recipe))
  }

  /** Where others change what is tried, it is no longer what was begun. */
  #configured(): void {
    const { config } = this.#host
    for (const { trial, base, ending } of this.#going.values()) {
      const { patch = [] } = trial.plan.suggestion
      if (ending) continue
      if (touchedBy(config.current, patch) === base) config.variant(trial.id, this.#variantOf(trial.plan))
      else
        this.stop(trial.id, 'the config of what it tries was changed').catch((error: unknown) =>
          this.#host.problem('could not end a trial', error),
        )
    }
  }

  #record(facts: readonly Fact[], change?: () => ConfigChange | undefined): void {
    this.#host
      .record(facts, change)
      .catch((error: unknown) => this.#host.problem('could not record what came of a trial', error))
  }
}
