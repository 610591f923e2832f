// The trials of an engine: which go on, what their runs are drawn to, and what is done as their pairs decide.

import type { Fact, JournalEvent } from '../../journal/event.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { PlanNode } from '../../journal/run-plan.ts'
import type { StoreReader } from '../../journal/store.ts'
import type { TrialArm } from '../../journal/watch-fact.ts'
import type { Clock } from '../../kernel/clock.ts'
import { decode, encode } from '../../kernel/codec.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { inWords } from '../../kernel/failure.ts'
import { Standing, type TrialPlan, type TrialRecord } from '../../reflection/standing.ts'
import { gainOf } from '../../reflection/trial.ts'
import type { ConfigChange, ConfigOverlay } from '../../supervision/config.ts'
import { recipeOf, touchedBy, withoutVersion } from '../../supervision/config-patch.ts'
import type { JsonPatch } from '../../reflection/suggestion.ts'
import { LiveTrial } from './live-trial.ts'
import { Switchback } from './switchback.ts'

export interface TrialsHost {
  readonly clock: Clock
  readonly config: ConfigOverlay
  readonly store: Pick<StoreReader, 'journal'>
  /** Commits facts, and with them a change of the config. */
  readonly record: (facts: readonly Fact[], change?: () => ConfigChange | undefined) => Promise<void>
  readonly problem: (what: string, error: unknown) => void
}

const page = 250
const gone = 'what it was about is gone'
const changed = 'the config of what it tries was changed'

type Heard = 'started' | 'kept' | 'reverted'

interface Going {
  readonly trial: LiveTrial
  /** What the config may say of what is tried: not to be changed meanwhile by anybody else. */
  readonly bases: readonly string[]
  /** Of a change that holds for the whole process. */
  readonly blocks: Switchback | undefined
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
  /** Why those that have not ended do not go on. */
  readonly #lost = new Map<string, string>()
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
      if (!this.#going.has(record.id)) await this.stop(record.id, this.#lost.get(record.id) ?? gone)
  }

  /** What a run that is accepted now runs under, where it is drawn for a trial. */
  draw(targets: readonly string[], nodes: readonly PlanNode[]): TrialArm | undefined {
    if (this.#going.size === 0 || this.#stopped) return undefined
    for (const { trial, ready, ending, blocks } of this.#going.values()) {
      if (!ready || ending) continue
      const arm =
        blocks === undefined
          ? trial.draw(targets, nodes, () => this.#host.clock.random())
          : trial.isIn(nodes)
            ? blocks.arm
            : undefined
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
    // refused before anything is recorded
    const treated = this.#variantOf(plan)
    const { patch = [] } = plan.suggestion
    const base = touchedBy(this.#host.config.current, patch)
    if (touchedBy(treated, patch) === base)
      throw new CatenaryError(
        'SUGGESTION_REFUSED',
        'this suggestion was not applied: the config says so already, and there is nothing to try',
      )
    const payload = encode({ ...plan, base }, 'a suggestion')
    await this.#host.record([
      { type: 'trial.started', id, suggestion: plan.suggestion.id, share, by, payload },
    ])
  }

  async stop(id: string, why: string): Promise<void> {
    const going = this.#going.get(id)
    if (going?.ending === true) return
    if (going !== undefined) going.ending = true
    await this.#host.record([{ type: 'trial.ended', id, verdict: 'stopped', why }], this.#back(going))
  }

  /** How a trial stands. */
  progressOf(id: string): { readonly pairs: number; readonly gain: ReturnType<typeof gainOf> } | undefined {
    const trial = this.#going.get(id)?.trial
    return trial === undefined ? undefined : { pairs: trial.state.pairs, gain: gainOf(trial.state) }
  }

  /** Nothing can be recorded any more. */
  detach(): void {
    this.#stopped = true
    for (const { blocks } of this.#going.values()) blocks?.stop()
    this.#going.clear()
  }

  #hear(event: JournalEvent): void {
    if (event.type === 'config.changed') return this.#configured()
    if (!this.standing.apply(event)) return
    if (event.type === 'trial.started') {
      const record = this.standing.trials.get(event.id)
      const going = record && this.#take(record)
      this.#heard('started')
      if (going !== undefined) this.#begin(going)
      else this.#stopFor(event.id, this.#lost.get(event.id) ?? gone)
    }
    if (event.type === 'trial.ended') {
      this.#going.get(event.id)?.blocks?.stop()
      this.#going.delete(event.id)
      this.#lost.delete(event.id)
      this.#host.config.variant(event.id, undefined)
      this.#heard(event.verdict === 'kept' ? 'kept' : 'reverted')
    }
  }

  #take(record: TrialRecord): Going | undefined {
    const { plan, id, share, switched } = record
    if (plan === undefined) return undefined
    const { config } = this.#host
    const { patch = [] } = plan.suggestion
    const trial = new LiveTrial({ id }, plan)
    const blocks = plan.block === undefined ? undefined : this.#blocksOf(trial, patch, plan.block)
    if (switched !== undefined) blocks?.recall(switched)
    const bases = [touchedBy(config.current, patch)]
    try {
      // while it is made, it cannot be made once more
      if (switched?.arm === 'treated' && switched.payload !== undefined) {
        const inverse = decode(switched.payload) as readonly JsonPatch[]
        bases.push(touchedBy(config.preview(recipeOf(inverse, config.version)), patch))
      } else {
        const treated = this.#variantOf(plan)
        if (blocks === undefined) config.variant(id, treated)
        else bases.push(touchedBy(treated, patch))
      }
    } catch {
      // the code, or the config, has moved on
      return undefined
    }
    // a person's word since it began, which no process has acted upon
    if (plan.base !== undefined && !bases.includes(plan.base)) {
      config.variant(id, undefined)
      this.#lost.set(id, changed)
      return undefined
    }
    const going = { trial, bases, blocks, ready: false, ending: false, share }
    this.#going.set(id, going)
    return going
  }

  #blocksOf(trial: LiveTrial, patch: readonly JsonPatch[], block: number): Switchback {
    const { clock, config } = this.#host
    return new Switchback(
      {
        clock,
        config,
        record: (facts, change) => this.#record(facts, change),
        share: () => trial.share,
        isOurs: () => this.#isOurs(trial.id),
        failed: (error) => this.#stopFor(trial.id, `it cannot be switched any more: ${inWords(error)}`),
      },
      { trial: trial.id, patch, block },
    )
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
    this.#begin(going)
    this.#act(going)
  }

  #begin(going: Going): void {
    going.ready = true
    if (!going.ending && going.trial.verdict.do !== 'end') going.blocks?.start()
  }

  /** What takes a change back that holds for the whole process, where it is made and still can be. */
  #back(going: Going | undefined): (() => ConfigChange | undefined) | undefined {
    const back = going?.blocks?.back()
    return (
      back &&
      (() => {
        try {
          return back()
        } catch (error) {
          this.#host.problem('could not take back what it tried, as it was changed meanwhile', error)
          return undefined
        }
      })
    )
  }

  #act(going: Going): void {
    const { trial } = going
    if (going.ending) return
    if (trial.verdict.do === 'end') {
      if (!this.#isOurs(trial.id)) return
      going.ending = true
      return this.#end(going, trial.verdict)
    }
    if (trial.share <= going.share) return
    going.share = trial.share
    this.#record([{ type: 'trial.widened', id: trial.id, share: trial.share }])
  }

  #end(
    going: Going,
    { verdict, why }: { readonly verdict: 'kept' | 'reverted'; readonly why: string },
  ): void {
    const { config } = this.#host
    const { trial } = going
    const { suggestion } = trial.plan
    const back = this.#back(going)
    const { pairs } = trial.state
    const payload = encode({ pairs, skipped: trial.skipped, gain: gainOf(trial.state) }, 'a trial')
    const ended = { type: 'trial.ended', id: trial.id, payload } as const
    if (verdict === 'reverted') return this.#record([{ ...ended, verdict, why }], back)
    // where it is made at this moment, it stays
    if (back !== undefined) return this.#record([{ ...ended, verdict, why }])
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
    for (const { trial, ending, blocks } of this.#going.values()) {
      if (!ending && this.#isOurs(trial.id) && !this.#isRenewed(trial, blocks))
        this.#stopFor(trial.id, changed)
    }
  }

  /** Whether nobody else has changed what is tried; else its end is on its way, also where that is not durable yet. */
  #isOurs(id: string): boolean {
    const going = this.#going.get(id)
    if (going === undefined || going.ending) return false
    const { patch = [] } = going.trial.plan.suggestion
    if (going.bases.includes(touchedBy(this.#host.config.current, patch))) return true
    this.#stopFor(id, changed)
    return false
  }

  #stopFor(id: string, why: string): void {
    this.stop(id, why).catch((error: unknown) => this.#host.problem('could not end a trial', error))
  }

  /** Of single runs, the treated differ from the config as it is now in nothing but what is tried. */
  #isRenewed(trial: LiveTrial, blocks: Switchback | undefined): boolean {
    try {
      if (blocks === undefined) this.#host.config.variant(trial.id, this.#variantOf(trial.plan))
      return true
    } catch {
      return false
    }
  }

  #record(facts: readonly Fact[], change?: () => ConfigChange | undefined): void {
    this.#host
      .record(facts, change)
      .catch((error: unknown) => this.#host.problem('could not record what came of a trial', error))
  }
}
