// A service in its group: its lives, one after the other.

import type { ProbeName } from '../../machines/supervision/service-machine.ts'
import type { ServiceSpec } from '../definition/service.ts'
import type { ServiceFact } from '../journal/service-fact.ts'
import { type Failure, failureOf, inWords } from '../kernel/failure.ts'
import { runProbe } from './probe.ts'
import { ServiceLife } from './service-life.ts'
import { ServiceStanding } from './service-standing.ts'
import type { ChildEvents, ChildNode, TreeParts } from './tree-parts.ts'

type Reason = Extract<ServiceFact, { type: 'service.exited' }>['reason']

/** A class, because thousands may be alive at once. */
export class ServiceNode implements ChildNode {
  readonly id: string
  readonly spec: ServiceSpec
  readonly standing: ServiceStanding
  /** How often it was started. */
  starts = 0
  readonly #input: unknown
  readonly #parts: TreeParts
  readonly #group: ChildEvents
  readonly #needs: readonly string[]
  #life: ServiceLife | undefined

  constructor(
    spec: ServiceSpec,
    { id, input }: { readonly id: string; readonly input: unknown },
    parts: TreeParts,
    group: ChildEvents,
  ) {
    this.spec = spec
    this.id = id
    this.#input = input
    this.#parts = parts
    this.#group = group
    this.#needs = spec.needs.map((need) => need.id)
    this.standing = new ServiceStanding(spec, id, parts)
  }

  start(number: number, restart: boolean): void {
    const { host, readiness } = this.#parts
    if (restart && this.standing.state !== 'backing-off')
      this.#tell({ type: 'service.restarting', service: this.id })
    this.starts++
    const life = new ServiceLife(number, this.starts, (error) =>
      host.log(this.id, 'error', `a listener of its signal threw: ${inWords(error)}`, { error }),
    )
    life.again = restart
    this.#life = life
    const waits = !readiness.all(this.#needs)
    this.standing.send({ type: 'start', life: number, waits })
    if (!waits) return this.#call(life, true)
    life.keep(
      readiness.when(this.#needs, () => {
        this.standing.send({ type: 'met' })
        this.#call(life, false)
      }),
    )
    this.#group.started(number)
  }

  stop(): void {
    const life = this.#life
    if (life === undefined) return
    life.asked = true
    life.release()
    this.standing.send({ type: 'stop' })
    if (!life.called) return this.#over(life, 'shutdown')
    life.abort(`service "${this.id}" is to stop`)
  }

  kill(): void {
    if (this.#life !== undefined) this.#over(this.#life, 'killed')
  }

  backOff(due: number): void {
    this.standing.send({ type: 'back-off', due })
    this.#tell({ type: 'service.restarting', service: this.id, due })
  }

  stayStopped(): void {
    this.standing.send({ type: 'stop' })
  }

  dispose(): void {
    this.standing.stop()
  }

  remove(): void {
    this.standing.stop()
  }

  /** @param first whether its group still waits to hear that it has started. */
  #call(life: ServiceLife, first: boolean): void {
    const { host } = this.#parts
    const context = life.contextOf(this.id, this.#input, host, () => {
      if (this.#life === life) this.standing.send({ type: 'said' })
    })
    this.#tell({ type: 'service.started', service: this.id, start: life.start })
    let returned: unknown
    // from here on it goes on until it says so: what it calls may ask it to stop before it has returned
    life.called = true
    try {
      returned = this.spec.body(context as never)
    } catch (error) {
      const failure = failureOf(error)
      if (!first) return this.#ended(life, failure)
      return this.#whenHeard(life, () =>
        life.asked ? this.#ended(life, failure) : this.#over(life, 'error', failure, true),
      )
    }
    // in a promise of our own, so that whatever was returned is caught
    new Promise((resolve) => resolve(returned)).then(
      () => this.#whenHeard(life, () => this.#ended(life, undefined)),
      (error: unknown) => {
        const failure = failureOf(error)
        this.#whenHeard(life, () => this.#ended(life, failure))
      },
    )
    if (first) this.#group.started(life.number)
    if (this.#life !== life || life.asked) return
    if (!life.takesReady) this.standing.send({ type: 'said' })
    if (this.standing.state === 'starting') this.#probe(life, 'startup')
    else this.#probeOn(life)
  }

  #probe(life: ServiceLife, probe: ProbeName): void {
    const spec = this.spec.probes[probe]
    if (spec === undefined) return
    const { host } = this.#parts
    const heard = (error: unknown): void =>
      host.log(this.id, 'error', `a listener of the signal of its ${probe} probe threw: ${inWords(error)}`, {
        error,
      })
    const cancel = runProbe(spec, { clock: host.clock, app: host.app, heard }, (failure) => {
      if (this.#life !== life || life.asked) return
      if (failure !== undefined || this.standing.state === 'ready') this.standing.failure = failure
      this.standing.send({ type: failure === undefined ? 'passed' : 'failed', probe })
      if (this.standing.state === 'failing') return this.#fail(life, probe, failure)
      if (probe !== 'startup' || this.standing.state === 'starting') return
      cancel()
      this.#probeOn(life)
    })
    life.keep(cancel)
  }

  #probeOn(life: ServiceLife): void {
    this.#probe(life, 'ready')
    this.#probe(life, 'alive')
  }

  /** A probe failed too often: the life gets its time to end, and then is given up. */
  #fail(life: ServiceLife, probe: ProbeName, failure: Failure | undefined): void {
    const { clock } = this.#parts.host
    const { shutdown } = this.spec
    const message = `its ${probe === 'alive' ? 'liveness' : 'startup'} probe failed too often: ${failure?.message ?? ''}`
    life.wrong = { kind: 'failed', message, retryable: true }
    life.release()
    life.abort(message)
    if (shutdown === 'brutal_kill') return this.#over(life, 'unhealthy', life.wrong)
    if (shutdown === 'infinity') return
    life.keep(clock.at(clock.now() + shutdown, () => this.#over(life, 'unhealthy', life.wrong)))
  }

  #whenHeard({ again }: ServiceLife, heard: () => void): void {
    if (again) this.#parts.host.clock.soon(heard)
    else heard()
  }

  /** Its function has really ended. */
  #ended(life: ServiceLife, failure: Failure | undefined): void {
    if (life.over) {
      const { id: service } = this
      const of = failure === undefined ? {} : { failure }
      const reason = failure === undefined ? 'normal' : 'error'
      if (life.called)
        this.#tell({ type: 'service.exited', service, start: life.start, reason, ...of, late: true })
      return
    }
    // an end after the abort is what was asked for, whatever it throws
    if (life.asked) return this.#over(life, 'shutdown')
    if (life.wrong !== undefined) return this.#over(life, 'unhealthy', life.wrong)
    this.#over(life, failure === undefined ? 'normal' : 'error', failure)
  }

  #over(life: ServiceLife, reason: Reason, failure?: Failure, unstarted = false): void {
    if (life.over) return
    life.end(`service "${this.id}" has ended`)
    this.#life = undefined
    const wrong = reason === 'error' || reason === 'unhealthy'
    if (wrong) this.standing.failure = failure
    this.standing.send({ type: 'ended', wrong })
    const of = failure === undefined ? {} : { failure }
    this.#tell({ type: 'service.exited', service: this.id, start: life.start, reason, ...of })
    if (unstarted) this.#group.startFailed(life.number, failure?.message ?? reason, failure)
    else this.#group.exited(life.number, reason)
  }

  #tell(fact: ServiceFact): void {
    this.#parts.host.tell(fact)
  }
}
