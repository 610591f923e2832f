// What one chain of a run is at for telemetry: its steps and the attempts in flight, folded from its committed events.

import { ownerOf } from '../journal/rewound.ts'
import type { JournalEvent } from '../journal/event.ts'
import { type StepTimeline, applyCall, applyToStep, beginStep } from '../observe/step-timeline.ts'
import type { Attributes, Ending, Link, Stretch, StretchEnd } from './stretch.ts'

export type Of<T extends JournalEvent['type']> = JournalEvent & { readonly type: T }

/** Whose step waits for a chain that it called. */
export type Call = NonNullable<Of<'chain.started'>['call']>

/** Begins and ends the stretches of a run. */
export interface StretchMaker {
  begin(kind: Stretch['kind'], name: string, event: JournalEvent, more: Beginning): Stretch
  end(stretch: Stretch, end: StretchEnd): void
}

export interface Beginning extends Pick<Partial<Stretch>, 'chain' | 'step' | 'retried' | 'waited'> {
  /** What tells it from others that begin with the same event. Default its name. */
  readonly key?: string
  readonly parent?: Stretch | undefined
  readonly attributes?: Attributes
  readonly links?: readonly Link[]
}

interface StepTrack {
  readonly stretch: Stretch
  readonly timeline: StepTimeline
  /** Something was done for it; a decision alone, such as which way to go on, takes no time. */
  done: boolean
}

/** Most notes of one stretch. */
export const mostNotes = 32

export class ChainTrack {
  readonly stretch: Stretch
  readonly call: Call | undefined
  open = true
  readonly #maker: StretchMaker
  readonly #steps = new Map<string, StepTrack>()
  readonly #attempts = new Map<string, Stretch>()
  /** Steps and items whose last attempt was lost: the next one is no retry. */
  readonly #lost = new Set<string>()

  constructor(maker: StretchMaker, stretch: Stretch, call: Call | undefined) {
    this.#maker = maker
    this.stretch = stretch
    this.call = call
  }

  /** The stretch of an attempt in flight. */
  attempt(step: string, item: string | undefined, attempt: number): Stretch | undefined {
    return this.#attempts.get(attemptKey(step, item, attempt))
  }

  /** Where it stands for a step, also one that nothing has told of yet. */
  step(id: string, event: JournalEvent): StepTrack {
    const name = ownerOf(id)
    let step = this.#steps.get(name)
    if (step === undefined) {
      const { stretch: parent } = this
      const stretch = this.#maker.begin('step', name, event, {
        key: `${this.stretch.key}/${name}`,
        parent,
        chain: parent.chain ?? parent.name,
        step: name,
      })
      step = { stretch, timeline: beginStep(name, event.at), done: false }
      this.#steps.set(name, step)
    }
    return step
  }

  /** @param copied it is what another run has done. */
  apply(event: Extract<JournalEvent, { readonly chain: string }>, copied: boolean): void {
    if (event.type === 'machine.advanced') {
      for (const item of event.dropped ?? []) this.#drop(item, event.at)
      return
    }
    if (!('step' in event) || event.type === 'chain.ended') return
    const step = this.step(event.step, event)
    step.done ||= !copied && isDone(event)
    applyToStep(step.timeline, event)
    if ('attempt' in event) this.#applyToAttempt(step.stretch, event)
  }

  /** A chain that one of its steps called has begun or ended. */
  called(call: Call, event: Of<'chain.started' | 'chain.ended'>, copied: boolean): void {
    const step = this.step(call.step, event)
    step.done ||= !copied
    applyCall(step.timeline, call.item, event)
  }

  end(at: number, how: Ending, event?: Of<'chain.ended'>): void {
    for (const attempt of this.#attempts.values()) this.#maker.end(attempt, { at, how: 'cancelled' })
    for (const [name, step] of this.#steps) {
      if (!step.done) continue
      const culprit = how === 'failed' && event?.step === name
      this.#endStep(step, at, how, culprit ? event.failure : undefined)
    }
    for (const kept of [this.#attempts, this.#steps, this.#lost]) kept.clear()
    this.open = false
    this.#maker.end(this.stretch, { at, how, failure: event?.failure })
  }

  #endStep({ stretch, timeline }: StepTrack, at: number, how: Ending, failure: StretchEnd['failure']): void {
    const { attributes } = stretch
    if (timeline.attempts > 0) attributes['catenary.step.attempts'] = timeline.attempts
    if (timeline.items !== undefined) attributes['catenary.step.items'] = timeline.items.total
    if (timeline.fallback) attributes['catenary.step.fallback'] = true
    if (timeline.memo !== undefined) attributes['catenary.memo.run'] = timeline.memo.run
    const outcome =
      failure === undefined ? (timeline.outcome ?? (how === 'succeeded' ? how : 'cancelled')) : 'failed'
    this.#maker.end(stretch, {
      at: timeline.endedAt ?? at,
      how: outcome,
      failure: outcome === 'failed' ? (timeline.failure ?? failure) : undefined,
    })
  }

  #applyToAttempt(step: Stretch, event: Extract<JournalEvent, { readonly attempt: number }>): void {
    const { at } = event
    const key = attemptKey(event.step, event.item, event.attempt)
    if (event.type === 'attempt.started') {
      this.#attempts.set(key, this.#begin(step, event))
      return
    }
    const attempt = this.#attempts.get(key)
    if (attempt === undefined || event.type === 'attempt.queued') return
    if (event.type === 'attempt.hedged') {
      if (attempt.notes.length < mostNotes) attempt.notes.push({ name: event.type, at })
      return
    }
    this.#attempts.delete(key)
    if (event.type === 'attempt.succeeded') {
      if (event.memo !== undefined) attempt.attributes['catenary.memo.run'] = event.memo.run
      this.#maker.end(attempt, { at, how: 'succeeded', took: event.took / 1000 })
    } else if (event.type === 'attempt.failed') {
      const how = event.failure.kind === 'cancelled' ? 'cancelled' : 'failed'
      this.#maker.end(attempt, { at, how, failure: event.failure, took: event.took / 1000 })
    } else if (event.type === 'attempt.lost') {
      this.#lost.add(attemptKey(event.step, event.item, 0))
      this.#maker.end(attempt, { at, how: 'lost' })
    } else this.#maker.end(attempt, { at, how: 'cancelled' })
  }

  #begin(step: Stretch, event: Of<'attempt.started'>): Stretch {
    const attributes: Attributes = {
      'catenary.attempt.number': event.attempt,
      'catenary.config.version': event.config,
    }
    if (event.item !== undefined) attributes['catenary.item'] = event.item
    const waited = (event.at - (event.queuedAt ?? event.at)) / 1000
    if (waited > 0) attributes['catenary.attempt.waited'] = waited
    const wasLost = this.#lost.delete(attemptKey(event.step, event.item, 0))
    return this.#maker.begin('attempt', event.step, event, {
      key: `${this.stretch.key}/${attemptKey(event.step, event.item, event.attempt)}`,
      parent: step,
      chain: step.chain ?? '',
      step: step.name,
      waited,
      retried: event.attempt > 1 && !wasLost,
      attributes,
    })
  }

  /** Its machine has gone on without the attempt. */
  #drop(item: string, at: number): void {
    for (const [key, attempt] of this.#attempts) {
      if (attempt.attributes['catenary.item'] !== item) continue
      this.#attempts.delete(key)
      this.#maker.end(attempt, { at, how: 'cancelled' })
    }
  }
}

/** Of what belongs to a step: tries, items, the end of a sleep, a signal; not which way it decided to go. */
function isDone(event: JournalEvent): boolean {
  if (event.type === 'decision.made') return /:(?:items|due)$/.test(event.step)
  return 'attempt' in event || event.type === 'timer.fired' || event.type === 'signal.consumed'
}

function attemptKey(step: string, item: string | undefined, attempt: number): string {
  return item === undefined ? `${step} ${attempt}` : `${step} ${attempt} ${item}`
}
