// A group in its group, or the root of all: its actor decides, and this does what it orders.

import { type Actor, createActor } from 'xstate'
import type { AdminAnswer, AdminCall } from '../../machines/supervision/admin.ts'
import { groupMachine } from '../../machines/supervision/group-machine.ts'
import type { ChildSpec } from '../../machines/supervision/spec.ts'
import type { SupervisionCommand, SupervisionEvent } from '../../machines/supervision/state.ts'
import { delayFor } from '../definition/backoff.ts'
import type { NodeSpec, ServiceGroupSpec } from '../definition/service.ts'
import type { Cancel } from '../kernel/clock.ts'
import { ServiceNode } from './service-node.ts'
import type { ChildEvents, ChildNode, TreeParts } from './tree-parts.ts'

type Ended = Extract<SupervisionCommand, { do: 'ended' }>

/** What a group tells whoever keeps it. */
export interface GroupEvents extends ChildEvents {
  /** It has ended by itself or was asked to: the one end of its life. */
  ended(end: Ended): void
}

/** A child that a call asks for: what it is, and the input of a dynamic one. */
export interface Wanted {
  readonly id: string
  readonly spec: NodeSpec
  readonly input: unknown
}

export class GroupNode implements ChildNode {
  readonly spec: ServiceGroupSpec
  /** By id; each has been started at least once in this life of the group. */
  readonly children = new Map<string, ServiceNode | GroupNode>()
  readonly #parts: TreeParts
  readonly #above: GroupEvents
  readonly #specs = new Map<string, Wanted>()
  readonly #timers = new Map<string, Cancel>()
  readonly #calls = new Map<string, (answer: AdminAnswer) => void>()
  readonly #heard: SupervisionEvent[] = []
  #actor: Actor<typeof groupMachine> | undefined
  #hearing = false
  #called = 0
  #life = 0

  constructor(spec: ServiceGroupSpec, parts: TreeParts, above: GroupEvents) {
    this.spec = spec
    this.#parts = parts
    this.#above = above
  }

  get actor(): Actor<typeof groupMachine> | undefined {
    return this.#actor
  }

  start(life: number): void {
    this.#clear()
    this.#life = life
    const { children, strategy } = this.spec
    const fixed = strategy === 'simple_one_for_one' ? [] : children
    for (const spec of fixed) this.#specs.set(spec.id, { id: spec.id, spec, input: undefined })
    const { inspect } = this.#parts.host
    this.#actor = createActor(groupMachine, {
      id: this.spec.id === '' ? 'services' : this.spec.id,
      input: { ...this.spec, children: fixed.map((spec) => childSpec(spec, spec.id)) },
      ...(inspect === undefined ? {} : { inspect }),
    })
    this.#actor.subscribe({ error: () => {} })
    this.#actor.start()
    this.#hear({ type: 'start', at: this.#now() })
  }

  stop(): void {
    this.#hear({ type: 'stop', at: this.#now() })
  }

  kill(): void {
    if (this.#actor === undefined || this.#isOver()) return
    const { children } = this
    this.#actor.stop()
    this.#actor = undefined
    for (const child of [...children.values()].reverse()) child.kill()
    this.#rest()
    this.#above.exited(this.#life, 'killed')
  }

  dispose(): void {
    this.#rest()
    this.#actor?.stop()
  }

  remove(): void {
    this.dispose()
  }

  // its group waits for it; it does not run meanwhile
  backOff(): void {}
  stayStopped(): void {}

  /** Answers as OTP does; `noproc` where the group does not run. */
  async ask(ask: AdminCall, wanted?: Wanted): Promise<AdminAnswer> {
    if (this.#actor === undefined || this.#isOver()) return { ok: false, error: 'noproc' }
    const isNew = wanted !== undefined && !this.#specs.has(wanted.id)
    if (isNew) this.#specs.set(wanted.id, wanted)
    const answer = await new Promise<AdminAnswer>((resolve) => {
      const call = String(++this.#called)
      this.#calls.set(call, resolve)
      this.#hear({ type: 'admin', at: this.#now(), call, ask })
    })
    if (!answer.ok && isNew) this.#specs.delete(wanted.id)
    return answer
  }

  #hear(event: SupervisionEvent): void {
    this.#heard.push(event)
    if (this.#hearing) return
    this.#hearing = true
    for (let next = this.#heard.shift(); next !== undefined; next = this.#heard.shift()) {
      const actor = this.#actor
      if (actor === undefined || this.#isOver()) continue
      actor.send(next)
      for (const order of actor.getSnapshot().context.orders) this.#obey(order)
    }
    this.#hearing = false
  }

  #obey(order: SupervisionCommand): void {
    const { clock } = this.#parts.host
    switch (order.do) {
      case 'start':
        return this.#node(order.child)?.start(order.life, order.why === 'restart')
      case 'shutdown': {
        const { child, life, until } = order
        if (until !== null)
          this.#arm(child, until, () => this.#hear({ type: 'deadline', child, life, at: this.#now() }))
        return this.children.get(child)?.stop()
      }
      case 'kill':
        return this.children.get(order.child)?.kill()
      case 'back-off': {
        const { child, failures } = order
        const due = clock.now() + this.#delay(child, failures)
        this.#arm(child, due, () => this.#hear({ type: 'due', child, at: this.#now() }))
        return this.children.get(child)?.backOff(due)
      }
      case 'forget-back-off':
        this.#disarm(order.child)
        return this.children.get(order.child)?.stayStopped()
      case 'removed':
        this.#disarm(order.child)
        this.children.get(order.child)?.remove()
        this.children.delete(order.child)
        this.#specs.delete(order.child)
        return
      case 'reply': {
        const { call, answer } = order
        const resolve = this.#calls.get(call)
        this.#calls.delete(call)
        return resolve?.(answer)
      }
      case 'up':
        return this.#above.started(this.#life)
      case 'ended':
        return this.#end(order)
    }
  }

  #end(end: Ended): void {
    const started = end.cause !== 'start_failed'
    this.#rest()
    this.#above.ended(end)
    if (started) this.#above.exited(this.#life, 'shutdown')
    else
      this.#above.startFailed(this.#life, `child "${end.failedStart?.child ?? ''}" did not start`, undefined)
  }

  #node(id: string): ServiceNode | GroupNode | undefined {
    const known = this.children.get(id)
    const wanted = this.#specs.get(id)
    if (known !== undefined || wanted === undefined) return known
    const { spec } = wanted
    const heard = this.#eventsOf(id)
    const made =
      spec.kind === 'service'
        ? new ServiceNode(spec, wanted, this.#parts, heard)
        : new GroupNode(spec, this.#parts, { ...heard, ended: (end) => this.#escalate(spec.id, end) })
    this.children.set(id, made)
    return made
  }

  #eventsOf(child: string): ChildEvents {
    return {
      started: (life) => this.#hear({ type: 'started', child, life, at: this.#now() }),
      startFailed: (life, reason) =>
        this.#hear({ type: 'start-failed', child, life, reason, at: this.#now() }),
      exited: (life, reason) => {
        this.#disarm(child)
        this.#hear({ type: 'exited', child, life, reason, at: this.#now() })
      },
    }
  }

  #escalate(group: string, { cause, failedStart }: Ended): void {
    if (cause === 'stop') return
    const of = failedStart === undefined ? {} : { child: failedStart.child }
    this.#parts.host.tell({ type: 'group.escalated', group, cause, ...of })
  }

  #delay(child: string, failures: number): number {
    const spec = this.#specs.get(child)?.spec
    const backoff = spec?.kind === 'service' ? spec.backoff : undefined
    return backoff === undefined ? 0 : delayFor(backoff, failures, this.#parts.host.clock.random())
  }

  #arm(child: string, due: number, fire: () => void): void {
    this.#disarm(child)
    const cancel = this.#parts.host.clock.at(due, () => {
      this.#timers.delete(child)
      fire()
    })
    this.#timers.set(child, cancel)
  }

  #disarm(child: string): void {
    this.#timers.get(child)?.()
    this.#timers.delete(child)
  }

  #clear(): void {
    this.#rest()
    this.children.clear()
    this.#specs.clear()
  }

  /** Its life is over: nothing is left of it but how its children stand. */
  #rest(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    for (const child of this.children.values()) child.dispose()
    for (const resolve of this.#calls.values()) resolve({ ok: false, error: 'noproc' })
    this.#calls.clear()
  }

  #isOver(): boolean {
    return this.#actor?.getSnapshot().status === 'done'
  }

  #now(): number {
    return this.#parts.host.clock.now()
  }
}

/** A node as the reducer knows it. */
export function childSpec(spec: NodeSpec, id: string): ChildSpec {
  const { restart, shutdown, significant } = spec
  const backoff = spec.kind === 'service' ? spec.backoff : undefined
  return {
    id,
    restart,
    shutdown,
    significant,
    kind: spec.kind === 'service' ? 'worker' : 'supervisor',
    ...(backoff === undefined
      ? {}
      : { backoff: { resetAfter: (Number(backoff.initial) + Number(backoff.max)) / 2 } }),
  }
}
