// Has the engine do as a recorded run did where others had a hand in it: who waited, for what, until when; what chance drew.

import { decode } from '../../kernel/codec.ts'
import type { Gates } from '../../engine/gates.ts'
import type { Rehearsal } from '../../engine/rehearsal.ts'
import type { Trace } from '../../observe/trace.ts'
import type { AttemptId, JournalEvent } from '../../journal/event.ts'

type Way = JournalEvent & { readonly type: 'attempt.queued' | 'attempt.started' }
type Guards = ReturnType<Rehearsal['guards']>

/** What a replay is to bring again: not what only steps tell, nor what is told of other runs as well. */
export function isReplayed({ type }: Pick<JournalEvent, 'type'>): boolean {
  return type !== 'signal.answered' && !type.startsWith('breaker.')
}

/** One attempt on its way to its start, as it was recorded. */
interface Place {
  readonly way: Way[]
  next: number
  hedges: number
  waitsFor: string | undefined
  /** Whether it may take the next step of its way. */
  goes: boolean
  granted: (() => void) | undefined
}

export interface Rehearsed extends Rehearsal {
  /** Lets an attempt, or a chain, take its next step. @returns whether it waited for that. */
  go(event: JournalEvent): boolean
  /** Another process takes up what was going on, of which so many events are durable. */
  restarted(durable: number): void
  /** What comes from now on is as nobody recorded it. */
  over(): void
}

/** Names an attempt within its run. */
export function attemptKey({ chain, step, item, attempt }: AttemptId): string {
  return JSON.stringify([chain, step, item ?? null, attempt])
}

/** @param events those of the traced run that are to come again; all other runs go as they go. */
export function rehearse(
  { run, processes }: Pick<Trace, 'run' | 'processes'>,
  events: readonly JournalEvent[],
): Rehearsed {
  const places = new Map<string, Place>()
  const decisions = new Map<string, unknown[]>()
  const starts = new Map<string, number>()
  const lines = new Map<string, () => void>()
  const after = new Map<JournalEvent, JournalEvent>()
  let made = 0
  let restarts = 0
  let isOver = false

  const placeOf = (id: AttemptId): Place => {
    const key = attemptKey(id)
    let place = places.get(key)
    if (place === undefined) {
      place = { way: [], next: 0, hedges: 0, waitsFor: undefined, goes: false, granted: undefined }
      places.set(key, place)
    }
    return place
  }
  const decisionsOf = ({ chain, step, item }: Omit<AttemptId, 'attempt'>): unknown[] => {
    const key = JSON.stringify([chain, step, item ?? null])
    let all = decisions.get(key)
    if (all === undefined) decisions.set(key, (all = []))
    return all
  }
  for (const [index, event] of events.entries()) {
    const next = events[index + 1]
    if (next !== undefined) after.set(event, next)
    // a paused run holds its attempts back by itself
    if (event.type === 'attempt.queued' && event.waitsFor !== 'pause') placeOf(event).way.push(event)
    if (event.type === 'attempt.started') placeOf(event).way.push(event)
    if (event.type === 'attempt.hedged') placeOf(event).hedges++
    if (event.type === 'chain.started') starts.set(event.chain, index)
    if (event.type === 'decision.made')
      decisionsOf(event).push(event.payload === undefined ? undefined : decode(event.payload))
  }

  /** What ended the attempt in the turn of its start, without a call of its function. */
  const endAtOnce = (place: Place, type: JournalEvent['type']): JournalEvent | undefined => {
    const start = place.way[place.next]
    const end = start?.type === 'attempt.started' ? after.get(start) : undefined
    if (start === undefined || end?.type !== type || !('attempt' in end)) return undefined
    return attemptKey(end) === attemptKey(start) ? end : undefined
  }
  const guardsOf = (place: Place): Guards => ({
    refusal: () => undefined,
    get found() {
      if (place.waitsFor !== undefined) return undefined
      const end = endAtOnce(place, 'attempt.succeeded')
      if (end?.type !== 'attempt.succeeded' || end.memo === undefined) return undefined
      return { payload: end.payload, origin: end.memo }
    },
    tryPass() {
      if (place.waitsFor !== undefined && !place.goes) return place.waitsFor
      place.goes = false
      const next = place.way[place.next]
      place.waitsFor = next?.type === 'attempt.queued' ? next.waitsFor : undefined
      if (place.waitsFor !== undefined) place.next++
      return place.waitsFor
    },
    wait(granted) {
      place.granted = granted
    },
    expire() {},
    drop() {
      place.granted = undefined
    },
    yield() {
      place.granted = undefined
    },
    admit() {
      const end = endAtOnce(place, 'attempt.failed')
      place.next++
      if (end?.type !== 'attempt.failed' || end.took > 0) return undefined
      return ['refused', 'deadline'].includes(end.failure.kind) ? end.failure : undefined
    },
    hedge: () => place.hedges-- > 0,
    judge: () => undefined,
    recorded() {},
    reuse() {
      const { found } = this
      place.next++
      return found
    },
    release() {},
  })
  return {
    guards: (of, attempt) => guardsOf(of === run && !isOver ? placeOf(attempt) : emptyPlace()),
    decided(of, decision, value) {
      const [recorded] = of === run && !isOver ? decisionsOf(decision).splice(0, 1) : []
      if (decision.step.endsWith(':due') && typeof recorded === typeof value) return recorded as typeof value
      return isRetry(recorded) && isRetry(value) ? { ...value, due: recorded.due } : value
    },
    gates: (own): Gates => ({
      ...own,
      gate(chain, entrant, wish) {
        const { runId, node } = entrant
        const at = starts.get(node.key)
        if (isOver || chain.spec.concurrency === undefined || runId !== run || at === undefined)
          return void wish.start()
        // it stands in no line where its start is what comes next
        const { seq: startedAt = 0 } = events[at] ?? {}
        if (at <= made && startedAt < (processes[restarts]?.seq ?? Infinity)) return void wish.start()
        lines.set(node.key, () => void wish.start())
      },
    }),
    go(event) {
      if (event.type === 'chain.started') {
        const start = lines.get(event.chain)
        lines.delete(event.chain)
        start?.()
        return start !== undefined
      }
      if (event.type !== 'attempt.queued' && event.type !== 'attempt.started') return false
      const place = placeOf(event)
      const { granted } = place
      if (granted === undefined) return false
      place.granted = undefined
      place.goes = true
      granted()
      return true
    },
    told(of, fact) {
      if (of === run && isReplayed(fact)) made++
    },
    over() {
      isOver = true
      for (const place of places.values()) {
        place.way.length = place.next
        place.goes = true
        place.granted?.()
      }
      for (const start of lines.values()) start()
    },
    restarted(durable) {
      made = durable
      restarts++
      lines.clear()
      for (const place of places.values()) {
        place.granted = undefined
        place.goes = false
        // who waits for a slot again is not told again; all else is
        if (place.waitsFor !== 'slot' || place.way[place.next]?.type === 'attempt.queued')
          place.waitsFor = undefined
      }
    },
  }
}

function emptyPlace(): Place {
  return { way: [], next: 0, hedges: 0, waitsFor: undefined, goes: false, granted: undefined }
}

function isRetry(value: unknown): value is { readonly next: 'retry'; readonly due: number } {
  return typeof value === 'object' && value !== null && 'next' in value && value.next === 'retry'
}
