// Makes measured values of what happens to runs, breakers and services.

import type { Watched } from '../engine/watcher.ts'
import type { JournalEvent } from '../journal/event.ts'
import { type Labels, type Reading, type Recorder, measures, otherName } from './measures.ts'
import type { Stretch, StretchEnd, StretchListener } from './stretch.ts'

/** Most keys of breakers whose state is known at once. */
const mostBreakers = 1_000

/** The labels of what has a name, which all supervisors share that one telemetry watches. */
export class Labelled {
  readonly #most: number
  readonly #chains = new Map<string, Labels>()
  readonly #others = new Map<string, Labels>()

  /** @param most of chains with a step, and as many of all else that has a name; what comes later is `_other`. */
  constructor(most: number) {
    this.#most = most
  }

  /** Of a stretch: its chain, and its step where it has one. */
  of({ chain = '', step }: Pick<Stretch, 'chain' | 'step'>): Labels {
    const make = (of: string, within: string | undefined): Labels => ({
      'catenary.chain.id': of,
      ...(within === undefined ? {} : { 'catenary.step.name': within }),
    })
    return this.#kept(this.#chains, `${chain}\n${step ?? ''}`, (other) =>
      make(other ?? chain, step === undefined ? undefined : (other ?? step)),
    )
  }

  /** Of what is no chain: the targets of a run, a breaker, a service. */
  named(label: keyof Labels, name: string): Labels {
    return this.#kept(this.#others, `${label}\n${name}`, (other = name) => ({ [label]: other }))
  }

  #kept(all: Map<string, Labels>, key: string, make: (other?: string) => Labels): Labels {
    const known = all.get(key)
    if (known !== undefined) return known
    if (all.size >= this.#most) return make(otherName)
    const labels = make()
    all.set(key, labels)
    return labels
  }
}

export class Counting implements StretchListener {
  readonly #to: Recorder
  readonly #labels: Labelled
  /** By key, as it was last told of. */
  readonly #breakers = new Map<string, 'open' | 'half_open' | 'closed'>()

  constructor(to: Recorder, labels: Labelled) {
    this.#to = to
    this.#labels = labels
  }

  began(stretch: Stretch): void {
    if (stretch.kind === 'run' && !stretch.retried)
      this.#to.add(measures.accepted, 1, this.#targetOf(stretch))
    if (stretch.kind !== 'attempt') return
    const labels = this.#labels.of(stretch)
    this.#to.record(measures.waits, stretch.waited, labels)
    if (stretch.retried) this.#to.add(measures.retries, 1, labels)
  }

  ended(stretch: Stretch, { at, how, failure, took }: StretchEnd): void {
    const duration = took ?? Math.max(0, at - stretch.at) / 1000
    if (stretch.kind === 'run') {
      this.#to.record(measures.runs, duration, { ...this.#targetOf(stretch), 'catenary.run.outcome': how })
      return
    }
    const labels = this.#labels.of(stretch)
    if (stretch.kind === 'chain')
      this.#to.record(measures.chains, duration, { ...labels, 'catenary.chain.outcome': how })
    else if (stretch.kind === 'attempt') {
      const wrong = how === 'failed' || how === 'lost'
      this.#to.record(measures.attempts, duration, {
        ...labels,
        'catenary.attempt.outcome': how,
        ...(wrong ? { 'error.type': failure?.kind ?? how } : {}),
      })
      // all that is noted of an attempt is that it was called once more
      if (stretch.notes.length > 0) this.#to.add(measures.hedges, stretch.notes.length, labels)
    }
  }

  /** What is measured of an event by itself. */
  told(event: JournalEvent): void {
    switch (event.type) {
      case 'run.parked':
        return this.#to.add(measures.parked, 1, { 'catenary.run.parked.reason': event.reason })
      case 'breaker.opened':
        this.#to.add(measures.opened, 1, this.#breakerOf(event.breaker))
        return this.#moved(event.breaker, 'open')
      case 'breaker.half-opened':
        return this.#moved(event.breaker, 'half_open')
      case 'breaker.closed':
        return this.#moved(event.breaker, 'closed')
      case 'service.started':
        return this.#to.add(measures.starts, 1, this.#serviceOf(event.service))
      case 'service.exited': {
        const labels = { ...this.#serviceOf(event.service), 'catenary.service.exit.reason': event.reason }
        return this.#to.add(measures.exits, 1, labels)
      }
      default:
    }
  }

  dropped(what: 'event' | 'span', count: number): void {
    this.#to.add(measures.dropped, count, { 'catenary.telemetry.item': what })
  }

  /** How it is now. */
  *readings(watched: Pick<Watched, 'healthz' | 'load'>): Generator<Reading> {
    const { inFlight, runs } = watched.load()
    yield { measure: measures.inFlight, value: inFlight, labels: {} }
    yield { measure: measures.live, value: runs, labels: {} }
    const { ok, services } = watched.healthz()
    yield { measure: measures.ok, value: ok ? 1 : 0, labels: {} }
    for (const node of services) {
      if (node.kind !== 'service') continue
      const value = node.state === 'ready' ? 1 : 0
      yield { measure: measures.ready, value, labels: this.#serviceOf(node.id) }
    }
    for (const [key, now] of this.#breakers)
      for (const state of ['open', 'half_open', 'closed']) {
        const labels = { ...this.#breakerOf(key), 'catenary.breaker.state': state }
        yield { measure: measures.breakers, value: state === now ? 1 : 0, labels }
      }
  }

  #moved(breaker: string, to: 'open' | 'half_open' | 'closed'): void {
    if (!this.#breakers.has(breaker) && this.#breakers.size >= mostBreakers) this.#forgetClosed()
    if (this.#breakers.has(breaker) || this.#breakers.size < mostBreakers) this.#breakers.set(breaker, to)
  }

  #forgetClosed(): void {
    for (const [key, state] of this.#breakers) if (state === 'closed') this.#breakers.delete(key)
  }

  #targetOf({ name }: Stretch): Labels {
    return this.#labels.named('catenary.run.target', name)
  }

  /** Its keys are data: only what stands before them is a name. */
  #breakerOf(breaker: string): Labels {
    return this.#labels.named('catenary.breaker.id', breaker.split('/', 1)[0] ?? breaker)
  }

  #serviceOf(service: string): Labels {
    return this.#labels.named('catenary.service.id', service)
  }
}
