// One simulated execution of a chain: its entries in their order, each as long as it was recorded.

import type { EntryDefinition } from '../../chain/definition.ts'
import { type Actor, attempts } from './attempts.ts'
import { each } from './each.ts'
import { Recorded } from './recorded.ts'
import type { SimulatedRun } from './run.ts'
import { Scope } from './scope.ts'
import { trace } from './trace.ts'

type Done = (ok: boolean) => void

/** Where in a chain: its scope, and the rounds of the repeats around it. */
interface Place {
  readonly scope: Scope
  readonly round: string | undefined
  /** Whether its own record has anything that comes after. */
  readonly isPast: () => boolean
}

export class SimulatedChain implements Actor {
  readonly run: SimulatedRun
  readonly key: string
  readonly chain: string
  readonly recorded: Recorded
  readonly #done: (ok: boolean, ms: number) => void
  readonly #scope = new Scope()
  readonly #waits = new Map<string, number>()
  #other: Recorded | 'none' | undefined
  #worked = 0
  #startedAt = 0

  /** @param done told whether it succeeded, and how long it took (ms). */
  constructor(run: SimulatedRun, key: string, recorded: Recorded, done: (ok: boolean, ms: number) => void) {
    this.run = run
    this.key = key
    this.chain = recorded.record.chain
    this.recorded = recorded
    this.#done = done
  }

  begin(): void {
    const { world } = this.run
    const { readyAt, startedAt, endedAt, memo, version } = this.recorded.record
    const from = readyAt ?? startedAt ?? 0
    if (memo)
      return this.#after((endedAt ?? from) - from, () => {
        this.#startedAt = world.agenda.now()
        this.#end(true)
      })
    this.#after((startedAt ?? from) - from, () => {
      this.#startedAt = world.agenda.now()
      const declared = world.declared.chain(this.chain)
      const known = declared !== undefined && declared.own !== true && declared.version === version
      const done: Done = (ok) => this.#finish(ok)
      const start: Place = { scope: this.#scope, round: undefined, isPast: () => false }
      if (known) this.#sequence(declared.entries, 0, start, done)
      else trace(this, this.recorded, this.#scope, done)
    })
  }

  worked(ms: number): void {
    this.#worked += ms
  }

  cut(): void {
    this.#scope.cut()
  }

  #after(ms: number, go: () => void): void {
    this.#scope.after(this.run.world.agenda, ms, () => this.run.turn(go))
  }

  #finish(ok: boolean): void {
    if (!ok) this.#scope.cut()
    const { record } = this.recorded
    // what follows the last of its work: settling and undoing where it failed
    const epilogue = (record.status === 'succeeded') === ok ? this.recorded.epilogue : 0
    new Scope().after(this.run.world.agenda, epilogue, () => this.run.turn(() => this.#end(ok)))
  }

  #end(ok: boolean): void {
    const { world } = this.run
    if (ok) world.durations.learn(this.chain, this.#worked)
    this.#done(ok, world.agenda.now() - this.#startedAt)
  }

  #sequence(entries: readonly EntryDefinition[], at: number, place: Place, done: Done): void {
    const entry = entries[at]
    if (place.scope.over) return
    if (entry === undefined) return done(true)
    const isPast = (): boolean =>
      place.isPast() || entries.slice(at + 1).some((one) => isKnown(one, this.recorded, place.round))
    const then: Done = (ok) => (ok ? this.#sequence(entries, at + 1, place, done) : done(false))
    this.#entry(entry, { ...place, isPast }, then)
  }

  #entry(entry: EntryDefinition, place: Place, done: Done): void {
    const { name } = entry
    switch (entry.kind) {
      case 'step': {
        const of = this.#source(place, (from) => from.attempts(name, place.round))
        return of === undefined ? done(true) : attempts(this, of, place.scope, done)
      }
      case 'each': {
        const from = this.#source(place, (one) => (one.has(name, place.round) ? one : undefined))
        return from === undefined
          ? done(true)
          : each(this, name, from, { ...place, call: (key, run) => this.#call(key, run, place) }, done)
      }
      case 'parallel':
        return this.#parallel(entry, place, done)
      case 'choose': {
        const taken = this.#source(place, (from) =>
          entry.branches?.find((branch) => branch.some((one) => isKnown(one, from, place.round))),
        )
        return taken === undefined ? done(true) : this.#sequence(taken, 0, place, done)
      }
      case 'repeat':
        return this.#repeat(entry, place, done)
      case 'call': {
        const called = this.recorded.called(name)
        const one = called.find(({ call }) => call?.item === place.round) ?? called[0]
        return one === undefined ? this.#wait(entry, place, done) : this.#call(one.key, done, place)
      }
      case 'wait':
      case 'sleep':
        return this.#wait(entry, place, done)
      case 'fail':
        return done(this.recorded.record.status === 'succeeded')
    }
  }

  #wait({ kind, name }: EntryDefinition, place: Place, done: Done): void {
    const found = this.#source(place, (from) => {
      const wait = from.nextWait(name, place.round, this.#waits)
      return wait && { ...wait, own: from.own }
    })
    if (found === undefined) return done(true)
    const { agenda } = this.run.world
    const { own, seq, from, to = from } = found
    const { status, step, waits } = this.recorded.record
    // the signal did not come in time
    const failed =
      own && status === 'failed' && step === name && waits.findLast((one) => one.step === name)?.seq === seq
    // a signal comes when it comes, whoever waits for it; another run's came at its own time of day
    const ms = kind === 'wait' && own && !failed ? to - agenda.now() : to - from
    const go = (): void => this.run.turn(() => done(!failed))
    place.scope.later(agenda, ms, go, own ? this.run.placeOfEnd(seq, to) : undefined)
  }

  /** From its own record; past where that ends, from that of a run which came so far. */
  #source<T>({ isPast }: Place, ask: (from: Recorded) => T | undefined): T | undefined {
    const own = ask(this.recorded)
    if (own !== undefined || this.recorded.record.status === 'succeeded' || isPast()) return own
    const donor = this.#donor()
    return donor && ask(donor)
  }

  /** One for all of the chain: what that run chose is what it did. */
  #donor(): Recorded | undefined {
    if (this.#other === undefined) {
      const record = this.run.world.draws.donor(this.chain, `${this.run.record.run}/${this.key}`)
      this.#other = record === undefined ? 'none' : new Recorded(record, undefined)
    }
    return this.#other === 'none' ? undefined : this.#other
  }

  #parallel(entry: EntryDefinition, place: Place, done: Done): void {
    const branches = entry.branches ?? []
    const cancels = entry.options?.['onFailure'] !== 'wait'
    let open = branches.length
    let failed = false
    const one: Done = (ok) => {
      open--
      if (!ok) failed = true
      // its failure ends the chain, which cuts the others off
      if (open === 0 || (!ok && cancels)) done(!failed)
    }
    if (open === 0) return done(true)
    for (const branch of branches) this.#sequence(branch, 0, place, one)
  }

  #repeat(entry: EntryDefinition, place: Place, done: Done): void {
    const inner = (entry.branches ?? []).flat()
    const names = (of: readonly EntryDefinition[]): readonly string[] =>
      of.flatMap((one) => [one.name, ...names((one.branches ?? []).flat())])
    const outer = place.round ?? ''
    const roundsIn = (from: Recorded | undefined): number => from?.rounds(names(inner), outer) ?? 0
    const whole = this.recorded.record.status === 'succeeded' || place.isPast()
    const rounds = Math.max(roundsIn(this.recorded), whole ? 0 : roundsIn(this.#donor()))
    const next = (round: number): void => {
      if (round > rounds) return done(true)
      const at = { ...place, round: `${outer}#${round}` }
      this.#sequence(inner, 0, at, (ok) => (ok ? next(round + 1) : done(false)))
    }
    next(1)
  }

  /** Runs what a step calls. */
  #call(key: string, done: Done, { scope }: Place): void {
    const record = this.run.record.chains.get(key)
    if (record === undefined) return done(true)
    const callee = new SimulatedChain(this.run, key, new Recorded(record, this.run.record), (ok) => {
      forget()
      done(ok)
    })
    const forget = scope.onCut(() => callee.cut())
    callee.begin()
  }
}

/** Whether a run came to it, or to anything within. */
function isKnown(entry: EntryDefinition, from: Recorded, round: string | undefined): boolean {
  if (from.has(entry.name, round)) return true
  return entry.branches?.flat().some((one) => isKnown(one, from, round)) === true
}
