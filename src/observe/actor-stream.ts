// The actors of a process as they move, for whoever watches: bounded and ordered, and nothing at all while nobody does.

import { Observable, Subject, share } from 'rxjs'
import type { AnyActorRef, InspectionEvent } from 'xstate'
import { createAllowance } from '../kernel/allowance.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { quiet } from '../kernel/clock-quiet.ts'
import {
  type ActorObservation,
  type ActorPlace,
  type Sight,
  isTold,
  sightOf,
  sightsOf,
} from './actor-observation.ts'
import { GuardedObservable, type Problem } from './guarded-observable.ts'
import type { Inspect } from './inspection.ts'

/** How actors are told of by `actors$`. */
export interface ActorsOptions {
  /** Observations that wait to be told; what comes beyond is dropped, and told as `dropped`. Default 10,000. */
  readonly most?: number
  /**
   * Observations a second, one second's worth of them at once; what comes beyond is counted, not looked at, and told as
   * `dropped`. Those that were there before the first subscriber are told besides. Default 5,000.
   */
  readonly rate?: number
  /** Changes what is told of an actor, or leaves it out by undefined. Asked once for all subscribers. Default as it is. */
  readonly redact?: (observation: ActorObservation) => ActorObservation | undefined
}

/** A root actor that is alive, and what it is of. */
export type Root = readonly [actor: AnyActorRef, place: ActorPlace | undefined]

export interface ActorStreamOptions extends ActorsOptions {
  readonly clock: Clock
  /** Those that were made while nobody watched. */
  readonly roots: () => Iterable<Root>
  readonly problem: Problem
}

/** So many are told before the host has a turn. */
const slice = 256
/** Milliseconds until the next look, where more came than is looked at in a second. */
const pause = 100

/** Whoever makes an actor asks for its inspector; while nobody watches, that is all that it costs. */
export interface ActorStream {
  /** The inspector of a root actor that is about to be made: `other` alone while nobody watches. */
  inspector(other: Inspect | undefined, run?: string, chain?: string): Inspect | undefined
  readonly actors$: Observable<ActorObservation>
  /** Nothing comes any more. */
  stop(): void
}

export function createActorStream(options: ActorStreamOptions): ActorStream {
  const { clock, roots, problem, most = 10_000, rate = 5_000, redact } = options
  const allowance = createAllowance(clock, rate)
  const timers = quiet(clock)
  const out = new Subject<ActorObservation>()
  /** To those that were there when somebody began to watch; the others end with their actors. */
  const attached: { unsubscribe(): void }[] = []
  let waiting: ActorObservation[] = []
  let wanted = false
  let scheduled = false
  let number = 0
  let dropped = 0
  let told = false
  /** Set while nothing is looked at as too much came. */
  let resume: Cancel | undefined

  const keep = (one: Sight): void => {
    number++
    waiting.push({ volatile: true, number, at: clock.now(), ...one })
    soon()
  }
  const tellDropped = (): void => {
    if (dropped === 0) return
    waiting.push({ volatile: true, type: 'dropped', count: dropped, number, at: clock.now() })
    dropped = 0
    soon()
  }
  const soon = (): void => {
    if (scheduled) return
    scheduled = true
    clock.soon(tell)
  }
  const drop = (): void => {
    number++
    dropped++
  }
  // called in the middle of transitions: it keeps references, and nothing that it does can throw
  const see = (event: InspectionEvent, place: ActorPlace | undefined): void => {
    if (!isTold(event)) return
    if (resume !== undefined || waiting.length >= most) return drop()
    // time is looked at once for all that is told together
    if (!scheduled) allowance.fill()
    if (allowance.left < 1) {
      resume = timers.at(timers.now() + pause, goOn)
      return drop()
    }
    const sight = sightOf(event, place)
    tellDropped()
    allowance.left--
    keep(sight)
  }
  const goOn = (): void => {
    resume = undefined
    allowance.fill()
    if (waiting.length < most) tellDropped()
  }
  const inspectorOf =
    (place: ActorPlace | undefined): Inspect =>
    (event: InspectionEvent) => {
      if (!wanted) return
      try {
        see(event, place)
      } catch {
        // an actor that cannot be read is not told of
      }
    }
  const redacted = (one: ActorObservation): ActorObservation | undefined => {
    if (redact === undefined || one.type === 'dropped') return one
    try {
      return redact(one)
    } catch (error) {
      if (!told) problem('redact of actors threw, and what it was to change is left out; told once', error)
      told = true
      return undefined
    }
  }
  const tell = (): void => {
    scheduled = false
    const now = waiting.splice(0, slice)
    for (const one of now) {
      const shown = redacted(one)
      if (shown !== undefined) out.next(shown)
    }
    if (waiting.length === 0 && resume === undefined) tellDropped()
    if (waiting.length > 0) soon()
  }
  const begin = (): void => {
    wanted = true
    for (const [actor, place] of roots()) {
      try {
        for (const sight of sightsOf(actor, place))
          if (waiting.length < most) keep(sight)
          else drop()
        attached.push(actor.system.inspect(inspectorOf(place)))
      } catch (error) {
        problem('an actor cannot be watched', error)
      }
    }
  }
  const end = (): void => {
    wanted = false
    for (const one of attached.splice(0)) one.unsubscribe()
    resume?.()
    resume = undefined
    waiting = []
    dropped = 0
  }

  const stream = new Observable<ActorObservation>((observer) => {
    const inner = out.subscribe(observer)
    if (!out.closed) begin()
    return () => {
      inner.unsubscribe()
      end()
    }
  }).pipe(share())
  return {
    inspector(other, run, chain) {
      if (!wanted) return other
      const own = inspectorOf(run === undefined || chain === undefined ? undefined : { run, chain })
      if (other === undefined) return own
      return (event) => {
        own(event)
        other(event)
      }
    },
    actors$: new GuardedObservable('actors$', stream, problem),
    stop() {
      end()
      out.complete()
    },
  }
}
