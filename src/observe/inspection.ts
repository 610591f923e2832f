// Hands XState's inspection events to any inspector without letting it break, slow or reorder an actor.

import type { InspectionEvent, Observer } from 'xstate'
import type { Clock } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'

export type Inspect = (event: InspectionEvent) => void

/** An inspector as XState takes it: an observer is told by its `next`. */
export function inspectorOf(given: Inspect | Observer<InspectionEvent>): Inspect {
  return typeof given === 'function' ? given : (event) => given.next?.(event)
}

/** At most so many events wait for a slow inspector; what comes beyond is dropped and counted. */
const capacity = 10_000

/**
 * XState calls inspectors in the middle of a transition, where a throw wedges the actor's mailbox for good. This one
 * only keeps the event; the inspector gets it, in order, once the actors are at rest.
 *
 * @param problem told once for an inspector that throws, and once for one that is too slow.
 */
export function deferInspection(inspect: Inspect, clock: Clock, problem: (message: string) => void): Inspect {
  let waiting: InspectionEvent[] = []
  let scheduled = false
  const told = new Set<string>()

  const tell = (message: string): void => {
    if (told.has(message)) return
    told.add(message)
    try {
      problem(message)
    } catch {
      // whoever is told must not break an actor either
    }
  }
  const deliver = (): void => {
    scheduled = false
    const events = waiting
    waiting = []
    for (const event of events) {
      try {
        inspect(event)
      } catch (error) {
        const { name, message } = failureOf(error)
        tell(`the inspector threw: ${name === undefined ? '' : `${name}: `}${message}`)
      }
    }
  }

  return (event) => {
    if (waiting.length >= capacity) return tell('the inspector is too slow: events are dropped')
    waiting.push(event)
    if (scheduled) return
    scheduled = true
    clock.soon(deliver)
  }
}
