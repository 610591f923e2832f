// What one run is at, as far as telemetry must know it: the stretches that are open, folded from its committed events.

import type { JournalEvent } from '../journal/event.ts'
import type { PlanNode } from '../journal/run-plan.ts'
import {
  type Beginning,
  type Call,
  ChainTrack,
  type Of,
  type StretchMaker,
  mostNotes,
} from './chain-track.ts'
import { otherName } from './measures.ts'
import type { Attributes, Link, Stretch, StretchEnd, StretchListener } from './stretch.ts'

/** Most called chains of one run whose names are kept after their end. */
const mostCalled = 1_000

const noLinks: readonly Link[] = []

export class RunTrack implements StretchMaker {
  lastSeq: number
  /** It has ended, and nothing but a retry lets it go on. */
  over = false
  readonly #listener: StretchListener
  readonly #plan = new Map<string, PlanNode>()
  /** The ids of chains that were called and have ended: they may come back to undo what they did. */
  readonly #called = new Map<string, string>()
  /** Those that are over stay for as long as others may be linked to them. */
  readonly #chains = new Map<string, ChainTrack>()
  readonly #id: string
  #root: Stretch
  #retries = 0
  #stretches = 0
  /** How many of the next events are the history of the run that it was forked from. */
  #copied: number
  #copying = false
  #quiet: boolean

  /** @param quiet it was told of before, by this process or an earlier one. */
  constructor(event: Of<'run.accepted'>, listener: StretchListener, quiet = false) {
    const { run, at, seq, plan, targets, origin, tick, arm } = event
    this.#listener = listener
    this.#quiet = quiet
    this.#id = `${run}@${at}`
    this.#copied = origin?.copied ?? 0
    for (const node of plan) this.#plan.set(node.key, node)
    const attributes: Attributes = {
      'catenary.run.id': run,
      'catenary.run.targets': targets,
      'catenary.run.priority': event.priority,
    }
    if (origin !== undefined) attributes['catenary.run.origin'] = origin.run
    if (tick !== undefined) attributes['catenary.run.scheduled_at'] = new Date(tick.scheduledAt).toISOString()
    if (arm !== undefined) {
      attributes['catenary.trial.id'] = arm.trial
      attributes['catenary.trial.arm'] = arm.arm
    }
    this.#root = this.begin('run', targets.join(','), event, { attributes })
    this.lastSeq = seq
  }

  /** Applies the next event. @param quiet as above. */
  apply(event: JournalEvent, quiet = false): void {
    if (event.seq <= this.lastSeq) return
    this.lastSeq = event.seq
    this.#copying = this.#copied > 0
    this.#quiet = quiet || this.#copying
    if (this.#copying) this.#copied--
    if ('chain' in event) this.#applyToChain(event)
    else this.#applyToRun(event)
  }

  /** The stretch of an attempt in flight. */
  attempt(chain: string, step: string, item: string | undefined, attempt: number): Stretch | undefined {
    return this.#chains.get(chain)?.attempt(step, item, attempt)
  }

  #applyToRun(event: JournalEvent): void {
    switch (event.type) {
      case 'run.ended': {
        for (const chain of this.#chains.values()) if (chain.open) chain.end(event.at, 'cancelled')
        this.over = true
        const [first] = event.failures
        return this.end(this.#root, { at: event.at, how: event.status, failure: first?.failure })
      }
      case 'run.retried':
        return this.#retry(event)
      case 'run.parked':
        return this.#note(event, { 'catenary.run.parked.reason': event.reason })
      case 'signal.received':
        return this.#note(event, { 'catenary.signal.name': event.name })
      case 'run.paused':
      case 'run.resumed':
      case 'run.unparked':
      case 'run.cancel-requested':
        return this.#note(event)
      default:
    }
  }

  #note({ type, at }: JournalEvent, attributes?: Attributes): void {
    const { notes } = this.#root
    if (notes.length < mostNotes)
      notes.push({ name: type, at, ...(attributes === undefined ? {} : { attributes }) })
  }

  /** What goes on after an end is a second stretch of the run, beside the first. */
  #retry(event: Of<'run.retried'>): void {
    const before = this.#root
    // a run that was parked has not ended: it just goes on
    if (this.over) {
      this.over = false
      this.#retries++
      this.#root = this.begin('run', before.name, event, {
        retried: true,
        attributes: { ...before.attributes, 'catenary.run.retries': this.#retries },
        links: before.copied ? [] : [{ to: before, attributes: {} }],
      })
    } else this.#note(event)
    for (const { chain: key, to } of event.back) {
      const known = this.#chains.get(key)
      if (known?.open === true) known.end(event.at, 'cancelled')
      this.#chains.delete(key)
      if (to > 0) this.#open(key, event, known?.call)
    }
  }

  #applyToChain(event: Extract<JournalEvent, { readonly chain: string }>): void {
    const { chain: key } = event
    if (event.type === 'chain.queued') return
    if (event.type === 'chain.started') {
      this.#open(key, event, event.call, event)
      if (event.call !== undefined)
        this.#chains.get(event.call.chain)?.called(event.call, event, this.#copying)
      return
    }
    const chain = this.#chains.get(key) ?? this.#open(key, event, undefined)
    if (event.type === 'chain.ended') this.#endChain(key, chain, event)
    else if (event.type === 'chain.undone' && !this.#plan.has(key)) this.#closeCalled(key, chain, event.at)
    else chain.apply(event, this.#copying)
  }

  #endChain(key: string, chain: ChainTrack, event: Of<'chain.ended'>): void {
    if (event.memo !== undefined) chain.stretch.attributes['catenary.memo.run'] = event.memo.run
    const { call } = chain
    chain.end(event.at, event.status, event)
    if (call !== undefined) this.#chains.get(call.chain)?.called(call, event, this.#copying)
    // nothing links to a called chain
    if (this.#plan.has(key)) return
    this.#chains.delete(key)
    if (this.#called.size < mostCalled) this.#called.set(key, chain.stretch.name)
  }

  /** What a called chain did after its end was to undo itself. */
  #closeCalled(key: string, chain: ChainTrack, at: number): void {
    chain.end(at, 'succeeded')
    this.#chains.delete(key)
  }

  #open(key: string, event: JournalEvent, call: Call | undefined, started?: Of<'chain.started'>): ChainTrack {
    const planned = this.#plan.get(key)
    const id = planned?.chain ?? started?.of ?? this.#called.get(key) ?? otherName
    const version = planned?.version ?? started?.version
    const attributes: Attributes = version === undefined ? {} : { 'catenary.chain.version': version }
    if (key !== id) attributes['catenary.chain.key'] = key
    const links = (planned?.needs ?? []).flatMap((edge): readonly Link[] => {
      const to = this.#chains.get(edge.key)?.stretch
      // what was copied is told of by the run that it is from
      if (to === undefined || to.copied) return []
      return [{ to, attributes: { 'catenary.edge.name': edge.name, 'catenary.edge.kind': edge.kind } }]
    })
    const parent =
      call === undefined ? undefined : this.#chains.get(call.chain)?.step(call.step, event).stretch
    const stretch = this.begin('chain', id, event, { key, parent, chain: id, attributes, links })
    const chain = new ChainTrack(this, stretch, call)
    this.#chains.set(key, chain)
    return chain
  }

  begin(kind: Stretch['kind'], name: string, event: JournalEvent, more: Beginning): Stretch {
    const stretch: Stretch = {
      kind,
      name,
      key: `${kind} ${event.seq} ${more.key ?? name}`,
      run: this.#id,
      parent: kind === 'run' ? undefined : (more.parent ?? this.#root),
      at: event.at,
      chain: more.chain,
      step: more.step,
      nth: ++this.#stretches,
      copied: this.#copying,
      retried: more.retried ?? false,
      waited: more.waited ?? 0,
      attributes: more.attributes ?? {},
      links: more.links ?? noLinks,
      notes: [],
      held: undefined,
    }
    if (!this.#quiet) this.#listener.began(stretch)
    return stretch
  }

  end(stretch: Stretch, end: StretchEnd): void {
    if (!this.#quiet) this.#listener.ended(stretch, end)
  }
}
