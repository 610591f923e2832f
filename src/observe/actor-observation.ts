// What is told of an actor of this process: XState's inspection events reduced to plain data, without payloads.

import type { AnyActorRef, InspectionEvent } from 'xstate'

/** The chain of a run whose actor it is, or one of its actor's descendants. */
export interface ActorPlace {
  readonly run: string
  /** Its key in the run. */
  readonly chain: string
}

interface Observed {
  /** It was not journalled, and is not known after the process. */
  readonly volatile: true
  /** Ascending, from 1; where numbers are missing, observations were dropped. */
  readonly number: number
  /** When it was seen (ms since the epoch). */
  readonly at: number
}

interface OfActor extends Observed, Partial<ActorPlace> {
  /** Names the actor in this process; another has another by chance. */
  readonly actor: string
  /** Its id in its parent; the key of a chain, the id of a service. */
  readonly id: string
  readonly parent?: string
}

export type ActorObservation =
  /** It was made, or it was there when the first subscriber came. */
  | (OfActor & { readonly type: 'actor'; readonly state?: unknown; readonly status?: string })
  /** It was sent an event, by the actor `source` where that is known. */
  | (OfActor & { readonly type: 'event'; readonly event: string; readonly source?: string })
  /** It came to this state by the event: XState's state value, for a machine, and its status. */
  | (OfActor & {
      readonly type: 'snapshot' | 'microstep'
      readonly event: string
      readonly state?: unknown
      readonly status: string
    })
  /** So many observations before this one were dropped: whoever listens is too slow, or there are too many. */
  | (Observed & { readonly type: 'dropped'; readonly count: number })

/** Without its number and time. */
export type Sight = ActorObservation extends infer O
  ? O extends OfActor
    ? Omit<O, 'volatile' | 'number' | 'at'>
    : never
  : never

interface Actor {
  readonly sessionId: string
  readonly id: string
  readonly _parent?: { readonly sessionId: string } | undefined
}

function actorOf(ref: unknown, place: ActorPlace | undefined): Omit<OfActor, keyof Observed> {
  const { sessionId, id, _parent: parent } = ref as Actor
  return {
    actor: sessionId,
    id,
    ...(parent === undefined ? {} : { parent: parent.sessionId }),
    ...place,
  }
}

/** References only: nothing of a snapshot is walked through while an actor is at work. */
function standing(snapshot: unknown): { readonly state?: unknown; readonly status: string } {
  const { value, status } = (snapshot ?? {}) as { readonly value?: unknown; readonly status?: string }
  return { ...(value === undefined ? {} : { state: value }), status: status ?? 'active' }
}

type Told = Extract<
  InspectionEvent,
  { readonly type: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot' | '@xstate.microstep' }
>

/** Whether it is of a kind that is told. */
export function isTold(event: InspectionEvent): event is Told {
  switch (event.type) {
    case '@xstate.actor':
    case '@xstate.event':
    case '@xstate.snapshot':
    case '@xstate.microstep':
      return true
    default:
      return false
  }
}

/** What an inspection event says. */
export function sightOf(event: Told, place: ActorPlace | undefined): Sight {
  const of = actorOf(event.actorRef, place)
  switch (event.type) {
    case '@xstate.actor':
      return { type: 'actor', ...of }
    case '@xstate.event': {
      const source = (event.sourceRef as Actor | undefined)?.sessionId
      return { type: 'event', ...of, event: event.event.type, ...(source === undefined ? {} : { source }) }
    }
    case '@xstate.snapshot':
    case '@xstate.microstep': {
      const type = event.type === '@xstate.snapshot' ? 'snapshot' : 'microstep'
      return { type, ...of, event: event.event.type, ...standing(event.snapshot) }
    }
  }
}

const deepest = 8

/** An actor that is there, and those below it. */
export function* sightsOf(actor: AnyActorRef, place: ActorPlace | undefined, depth = 0): Generator<Sight> {
  const snapshot: unknown = actor.getSnapshot()
  yield { type: 'actor', ...actorOf(actor, place), ...standing(snapshot) }
  if (depth === deepest) return
  const { children = {} } = (snapshot ?? {}) as { readonly children?: Readonly<Record<string, AnyActorRef>> }
  for (const child of Object.values(children))
    if (child !== undefined) yield* sightsOf(child, place, depth + 1)
}
