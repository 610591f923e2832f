// One trial that goes on: draws runs into pairs as they are accepted, and judges each pair as it ends.

import type { JournalEvent } from '../../journal/event.ts'
import type { PlanNode } from '../../journal/run-plan.ts'
import type { TrialArm } from '../../journal/watch-fact.ts'
import { type RunRecord, applyToRecord, beginRecord } from '../../observe/run-record.ts'
import type { TrialPlan, TrialRecord } from '../../reflection/standing.ts'
import {
  type TrialState,
  type TrialVerdict,
  addPair,
  beginTrial,
  trialRules,
} from '../../reflection/trial.ts'
import { type TrialOutcome, outcomeOf } from '../../reflection/trial-outcome.ts'
import { TrialBlocks } from '../../reflection/trial-blocks.ts'
import { type PairOutcome, TrialPairs } from '../../reflection/trial-pairs.ts'

/** Most runs that are measured at a time, and most combinations of targets that are paired apart. */
const mostRuns = 5_000
const mostKinds = 100

export class LiveTrial {
  readonly id: string
  readonly plan: TrialPlan
  state: TrialState
  /** What the pairs have come to, and nobody has acted upon. */
  verdict: TrialVerdict = { do: 'go-on' }
  readonly #pairs: TrialPairs | TrialBlocks
  readonly #runs = new Map<string, { readonly record: RunRecord; readonly arm: TrialArm }>()
  /** Runs that wait for the other one of their pair, by their targets. */
  readonly #halves = new Map<string, TrialArm>()
  #lastPair = 0

  constructor({ id }: Pick<TrialRecord, 'id'>, plan: TrialPlan) {
    this.id = id
    this.plan = plan
    this.state = beginTrial(plan.start)
    this.#pairs = plan.start.single ? new TrialPairs() : new TrialBlocks()
  }

  /** Of the runs that its place is in, so many take part. */
  get share(): number {
    return trialRules.shares[this.state.stage] ?? 1
  }

  get skipped(): number {
    return this.#pairs.skipped
  }

  /** Draws a run, by chance, where its place is in it. */
  draw(targets: readonly string[], nodes: readonly PlanNode[], random: () => number): TrialArm | undefined {
    if (!this.isIn(nodes) || random() >= this.share) return undefined
    const first = this.#halves.get(targets.join('\n'))
    const arm: TrialArm =
      first === undefined
        ? { trial: this.id, arm: random() < 0.5 ? 'control' : 'treated', pair: this.#lastPair + 1 }
        : { ...first, arm: first.arm === 'control' ? 'treated' : 'control' }
    this.#note(targets, arm)
    return arm
  }

  /** Takes the next committed event in. */
  see(event: JournalEvent): void {
    if (event.type === 'run.accepted') return this.#accepted(event)
    if (event.type === 'trial.switched') return this.#switched(event)
    const known = this.#runs.get(event.run)
    if (known === undefined) return
    const { record, arm } = known
    applyToRecord(record, event)
    if (event.type !== 'run.ended' && event.type !== 'run.parked') return
    this.#runs.delete(event.run)
    const { gain, place } = this.plan.suggestion
    this.#judge(arm, outcomeOf(record, gain, place.chain))
  }

  /** Whether the change is about a chain of the run. */
  isIn(nodes: readonly PlanNode[]): boolean {
    const { chain } = this.plan.suggestion.place
    return nodes.some((node) => node.chain === chain)
  }

  #switched({ id, arm, pair }: JournalEvent & { readonly type: 'trial.switched' }): void {
    if (id !== this.id || arm !== 'off' || !(this.#pairs instanceof TrialBlocks)) return
    this.#take(this.#pairs.over(pair))
  }

  #accepted(event: JournalEvent & { readonly type: 'run.accepted' }): void {
    const { arm, targets, run } = event
    if (arm === undefined || arm.trial !== this.id) return
    // one that was drawn here is known
    if (arm.pair > this.#lastPair) this.#note(targets, arm)
    else if (this.#halves.get(targets.join('\n'))?.pair === arm.pair) this.#close(targets, arm)
    this.#pairs.drawn(arm)
    this.#runs.set(run, { record: beginRecord(event), arm })
    const [oldest] = this.#runs
    if (this.#runs.size <= mostRuns || oldest === undefined) return
    this.#runs.delete(oldest[0])
    this.#judge(oldest[1].arm, undefined)
  }

  #note(targets: readonly string[], arm: TrialArm): void {
    const kind = targets.join('\n')
    if (arm.pair <= this.#lastPair) return void this.#halves.delete(kind)
    this.#lastPair = arm.pair
    this.#halves.set(kind, arm)
    const [oldest] = this.#halves.keys()
    if (this.#halves.size > mostKinds && oldest !== undefined) this.#halves.delete(oldest)
  }

  /** The other half of a pair that was drawn before a restart. */
  #close(targets: readonly string[], arm: TrialArm): void {
    const kind = targets.join('\n')
    if (this.#halves.get(kind)?.arm !== arm.arm) this.#halves.delete(kind)
  }

  #judge(arm: TrialArm, outcome: TrialOutcome | undefined): void {
    this.#take(this.#pairs.ended(arm, outcome))
  }

  #take(pairs: readonly PairOutcome[]): void {
    for (const { control, treated } of pairs) {
      if (this.verdict.do === 'end') return
      const next = addPair(this.state, control, treated)
      this.state = next.trial
      if (next.verdict.do !== 'go-on') this.verdict = next.verdict
    }
  }
}
