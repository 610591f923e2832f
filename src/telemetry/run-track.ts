// What one run is at, as far as telemetry must know it: the stretches that are open, folded from its committed events.

import type { JournalEvent } from '../journal/event.ts'
import type { EdgeKind } from '../definition/spec.ts'
import { ownerOf } from '../journal/rewound.ts'
import { type StepTimeline, applyCall, applyToStep, beginStep } from '../observe/step-timeline.ts'
import type { Attributes, Ending, Link, Stretch, StretchEnd, StretchListener } from './stretch.ts'

type Of<T extends JournalEvent['type']> = JournalEvent & { readonly type: T }

interface ChainTrack {
  readonly stretch: Stretch
  readonly call: { readonly chain: string; readonly step: string; readonly item?: string } | undefined
  readonly steps: Map<string, { readonly stretch: Stretch; readonly timeline: StepTimeline }>
  readonly attempts: Map<string, Stretch>
  open: boolean
}

interface Planned {
  readonly chain: string
  readonly version: string
  readonly needs: readonly { readonly name: string; readonly key: string; readonly kind: EdgeKind }[]
}

/** Most notes of one stretch; a run that is paused for ever and ever costs no more. */
const mostNotes = 32

export class RunTrack {
  lastSeq = 0
  readonly #listener: StretchListener
  readonly #plan = new Map<string, Planned>()
  readonly #chains = new Map<string, ChainTrack>()
  readonly #id: string
  #root: Stretch
  #retries = 0
  #stretches = 0
  /** How many of the next events are the history of the run that it was forked from. */
  #copied: number
  #copying = false
  #quiet = false

  constructor(event: Of<'run.accepted'>, listener: StretchListener, quiet = false) {
    this.#quiet = quiet
    this.#listener = listener
    this.#id = `${event.run}@${event.at}`
    this.#copied = event.origin?.copied ?? 0
    for (const { key, chain, version, needs } of event.plan) this.#plan.set(key, { chain, version, needs })
    const { origin, tick } = event
    this.#root = this.#begin('run', event.targets.join(','), event, {
      attributes: {
        'catenary.run.id': event.run,
        'catenary.run.targets': event.targets,
        'catenary.run.priority': event.priority,
        ...(origin === undefined ? {} : { 'catenary.run.origin': origin.run }),
        ...(tick === undefined
          ? {}
          : { 'catenary.run.scheduled_at': new Date(tick.scheduledAt).toISOString() }),
      },
    })
    this.lastSeq = event.seq
  }

  /** Applies the next event. @param quiet it was told of before, by this process or an earlier one. */
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
    return this.#chains.get(chain)?.attempts.get(attemptKey(step, item, attempt))
  }

  #applyToRun(event: JournalEvent): void {
    switch (event.type) {
      case 'run.ended': {
        const [first] = event.failures
        for (const [key, chain] of this.#chains) if (chain.open) this.#endChain(key, event.at, event.status)
        this.#end(this.#root, { at: event.at, how: event.status, failure: first?.failure })
        return
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

  /** What goes on after an end is told of as a run of its own, beside the first in the same trace. */
  #retry(event: Of<'run.retried'>): void {
    const before = this.#root
    this.#retries++
    this.#root = this.#begin('run', before.name, event, {
      attributes: { ...before.attributes, 'catenary.run.retries': this.#retries },
      links: [{ to: before, attributes: {} }],
    })
    for (const { chain, to } of event.back) {
      const known = this.#chains.get(chain)
      this.#chains.delete(chain)
      if (to > 0) this.#open(chain, event, known?.call)
    }
  }

  #applyToChain(event: Extract<JournalEvent, { readonly chain: string }>): void {
    const { chain: key } = event
    if (event.type === 'chain.started') {
      const opened = this.#open(key, event, event.call, event)
      this.#called(opened, event)
      return
    }
    if (event.type === 'chain.ended') {
      const chain = this.#chains.get(key) ?? this.#open(key, event, undefined)
      if (event.memo !== undefined) chain.stretch.attributes['catenary.memo.run'] = event.memo.run
      this.#endChain(key, event.at, event.status, event)
      this.#called(chain, event)
      return
    }
    if (!('step' in event)) return
    const chain = this.#chains.get(key) ?? this.#open(key, event, undefined)
    const owner = ownerOf(event.step)
    let step = chain.steps.get(owner)
    if (step === undefined) {
      const names = { chain: chain.stretch.chain ?? key, step: owner }
      const stretch = this.#begin('step', owner, event, { parent: chain.stretch, names })
      step = { stretch, timeline: beginStep(owner, event.at) }
      chain.steps.set(owner, step)
    }
    applyToStep(step.timeline, event)
    if ('attempt' in event) this.#applyToAttempt(chain, step.stretch, event)
  }

  #applyToAttempt(chain: ChainTrack, step: Stretch, event: Extract<JournalEvent, { attempt: number }>): void {
    const key = attemptKey(event.step, event.item, event.attempt)
    if (event.type === 'attempt.started') {
      const attributes: Attributes = {
        'catenary.attempt.number': event.attempt,
        'catenary.attempt.queued': (event.at - (event.queuedAt ?? event.at)) / 1000,
        'catenary.config.version': event.config,
      }
      if (event.item !== undefined) attributes['catenary.item'] = event.item
      const { chain: of = '', step: name = '' } = step
      const names = { chain: of, step: name }
      chain.attempts.set(key, this.#begin('attempt', event.step, event, { parent: step, names, attributes }))
      return
    }
    const attempt = chain.attempts.get(key)
    if (attempt === undefined) return
    if (event.type === 'attempt.hedged') {
      if (attempt.notes.length < mostNotes) attempt.notes.push({ name: event.type, at: event.at })
      return
    }
    const { at } = event
    if (event.type === 'attempt.succeeded') {
      if (event.memo !== undefined) attempt.attributes['catenary.memo.run'] = event.memo.run
      this.#end(attempt, { at, how: 'succeeded' })
    } else if (event.type === 'attempt.failed') {
      const how = event.failure.kind === 'cancelled' ? 'cancelled' : 'failed'
      this.#end(attempt, { at, how, failure: event.failure })
    } else if (event.type === 'attempt.lost') this.#end(attempt, { at, how: 'lost' })
    else return
    chain.attempts.delete(key)
  }

  /** A chain that another called begins and ends with a step of that one. */
  #called(chain: ChainTrack, event: Of<'chain.started' | 'chain.ended'>): void {
    const { call } = chain
    if (call === undefined) return
    const caller = this.#chains.get(call.chain)?.steps.get(ownerOf(call.step))
    if (caller !== undefined) applyCall(caller.timeline, call.item, event)
  }

  #open(
    key: string,
    event: JournalEvent,
    call: ChainTrack['call'],
    started?: Of<'chain.started'>,
  ): ChainTrack {
    const planned = this.#plan.get(key)
    const id = planned?.chain ?? started?.of ?? /^[\w-]+/.exec(key)?.[0] ?? key
    const version = planned?.version ?? started?.version
    const attributes: Attributes = version === undefined ? {} : { 'catenary.chain.version': version }
    if (key !== id) attributes['catenary.chain.key'] = key
    const links = (planned?.needs ?? []).flatMap((edge): readonly Link[] => {
      const to = this.#chains.get(edge.key)?.stretch
      // what was copied is told of by the run that it is from
      if (to === undefined || to.copied === true) return []
      return [{ to, attributes: { 'catenary.edge.name': edge.name, 'catenary.edge.kind': edge.kind } }]
    })
    const parent = call === undefined ? undefined : this.#stepOf(call, event)
    const stretch = this.#begin('chain', id, event, { parent, key, names: { chain: id }, attributes, links })
    const chain: ChainTrack = { stretch, call, steps: new Map(), attempts: new Map(), open: true }
    this.#chains.set(key, chain)
    return chain
  }

  /** The step that calls a chain: nothing else tells that it has begun. */
  #stepOf(
    { chain: key, step: id }: { readonly chain: string; readonly step: string },
    event: JournalEvent,
  ): Stretch {
    const chain = this.#chains.get(key)
    if (chain === undefined) return this.#root
    const owner = ownerOf(id)
    const known = chain.steps.get(owner)
    if (known !== undefined) return known.stretch
    const names = { chain: chain.stretch.chain ?? key, step: owner }
    const stretch = this.#begin('step', owner, event, { parent: chain.stretch, names })
    chain.steps.set(owner, { stretch, timeline: beginStep(owner, event.at) })
    return stretch
  }

  #endChain(key: string, at: number, how: Ending, event?: Of<'chain.ended'>): void {
    const chain = this.#chains.get(key)
    if (chain === undefined) return
    for (const attempt of chain.attempts.values()) this.#end(attempt, { at, how: 'cancelled' })
    chain.attempts.clear()
    for (const [name, { stretch, timeline }] of chain.steps) {
      const culprit = event?.step === name && how === 'failed'
      const outcome = culprit ? 'failed' : (timeline.outcome ?? (how === 'succeeded' ? how : 'cancelled'))
      if (timeline.attempts > 0) stretch.attributes['catenary.step.attempts'] = timeline.attempts
      if (timeline.items !== undefined) stretch.attributes['catenary.step.items'] = timeline.items.total
      if (timeline.fallback) stretch.attributes['catenary.step.fallback'] = true
      if (timeline.memo !== undefined) stretch.attributes['catenary.memo.run'] = timeline.memo.run
      const failure = outcome === 'failed' ? (timeline.failure ?? event?.failure) : undefined
      this.#end(stretch, { at: timeline.endedAt ?? at, how: outcome, failure })
    }
    chain.steps.clear()
    chain.open = false
    this.#end(chain.stretch, { at, how, failure: event?.failure })
    // nothing links to a called chain
    if (!this.#plan.has(key)) this.#chains.delete(key)
  }

  #begin(
    kind: Stretch['kind'],
    name: string,
    event: JournalEvent,
    more: {
      readonly key?: string
      readonly parent?: Stretch | undefined
      readonly names?: { readonly chain: string; readonly step?: string }
      readonly attributes?: Attributes
      readonly links?: readonly Link[]
    },
  ): Stretch {
    const stretch: Stretch = {
      kind,
      name,
      key: `${kind} ${event.seq} ${more.key ?? name}`,
      run: this.#id,
      parent: kind === 'run' ? undefined : (more.parent ?? this.#root),
      at: event.at,
      ...more.names,
      nth: ++this.#stretches,
      ...(this.#copying ? { copied: true } : {}),
      attributes: more.attributes ?? {},
      links: more.links ?? [],
      notes: [],
    }
    if (!this.#quiet) this.#listener.began(stretch)
    return stretch
  }

  #end(stretch: Stretch, end: StretchEnd): void {
    if (!this.#quiet) this.#listener.ended(stretch, end)
  }
}

function attemptKey(step: string, item: string | undefined, attempt: number): string {
  return item === undefined ? `${step} ${attempt}` : `${step} ${attempt} ${item}`
}
