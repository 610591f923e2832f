// Works through the items of an `each`: starts as many as may be in flight, recovers those that fail.

import type { ChainOutcome } from '../definition/compiled-chain.ts'
import type { Outcome } from '../execution/attempt.ts'
import type { Effect } from '../execution/effect.ts'
import { recoverItem } from '../execution/recovery.ts'
import type { OpenAttempt } from '../journal/replay.ts'
import { type AttemptSlot, createAttemptSlot } from './attempt-slot.ts'
import type { ChainParent } from './live-chain.ts'
import { toPayload } from './payloads.ts'

export interface EachRunner {
  /** Items queued or in flight, and aborted ones that have not ended. */
  readonly busy: number
  readonly inFlight: number
  /** Starts what may start; call it within a turn. */
  pump(): void
  callEnded(item: string, outcome: ChainOutcome): void
  resume(): void
  abort(): void
  detach(): void
}

interface Timers {
  schedule(id: string, due: number, item: string, fire: () => void): void
  unschedule(id: string): void
  readonly restored: ReadonlyMap<string, OpenAttempt>
}

/** @param effect the running `each`; its items' places are in its own actor, and this only moves them. */
export function createEachRunner(
  parent: ChainParent,
  chain: string,
  effect: Effect,
  timers: Timers,
): EachRunner {
  if (effect.spec.kind !== 'each') throw new TypeError('not an each')
  const { each } = effect.spec
  const { clock } = parent.services
  const slots = new Map<string, AttemptSlot>()
  const calls = new Set<string>()
  const backingOff = new Set<string>()
  const ending = new Set<AttemptSlot>()
  const round = effect.input.item
  let cursor = 0
  const again: number[] = []
  let over = false

  const itemOf = (key: string): string => (round === undefined ? key : `${round}/${key}`)
  const timerOf = (key: string): string => `${effect.id}:backoff/${itemOf(key)}`
  const bodyOf = each.body

  const pump = (): void => {
    const items = effect.items()
    if (items === undefined || over) return
    if (items.failed !== null && each.onFailure === 'fail') return
    while (slots.size + calls.size < each.inFlight) {
      const place = again.shift() ?? nextWaiting(items.status)
      if (place === undefined) return
      start(items.keys[place] as string, place, (items.tries[items.keys[place] as string] ?? 0) + 1)
    }
  }

  const nextWaiting = (status: readonly string[]): number | undefined => {
    while (cursor < status.length) {
      const place = cursor++
      if (status[place] === 'waiting') return place
    }
    return undefined
  }

  const start = (key: string, place: number, attempt: number): void => {
    const scope = effect.context()
    const { items } = scope.held[effect.id] as { readonly items: readonly unknown[] }
    const id = { chain, step: effect.id, item: itemOf(key), attempt }
    if (typeof bodyOf !== 'function') {
      calls.add(key)
      effect.advance({ type: 'started', key, attempt })
      return parent.call({ chain, step: effect.id, item: itemOf(key) }, bodyOf.id, items[place])
    }
    const slot: AttemptSlot = createAttemptSlot(parent, {
      id,
      work: { body: bodyOf, options: each.options, args: [items[place]] },
      requeued: timers.restored.get(`${effect.id}/${id.item}`)?.queued ?? false,
      data: () => effect.context(),
      queued: () => {},
      dequeued: () => {},
      outcome: (outcome) => {
        slots.delete(key)
        settle(key, place, outcome)
      },
      settled: () => ending.delete(slot),
      started: () => effect.advance({ type: 'started', key, attempt }),
    })
    slots.set(key, slot)
    slot.begin()
  }

  const settle = (key: string, place: number, outcome: Outcome): void => {
    if (outcome.ok) effect.advance({ type: 'succeeded', key, output: outcome.value })
    else {
      effect.advance({ type: 'failed', key, failure: outcome.failure })
      recover(key, place)
    }
    if (!over) parent.pump(pump)
  }

  const recover = (key: string, place: number): void => {
    const verdict = recoverItem(key, each.options, effect.items(), clock)
    const stored = toPayload(verdict, 'recovery', Infinity)
    parent.record({
      type: 'decision.made',
      chain,
      step: `${effect.id}:recovery`,
      item: itemOf(key),
      ...(stored.ok && stored.payload !== undefined ? { payload: stored.payload } : {}),
    })
    effect.advance({ type: 'recovered', key, verdict })
    if (verdict.next === 'retry') backOff(key, place, verdict.due ?? 0)
  }

  const backOff = (key: string, place: number, due: number): void => {
    backingOff.add(key)
    timers.schedule(timerOf(key), due, itemOf(key), () => {
      backingOff.delete(key)
      effect.advance({ type: 'due', key })
      again.push(place)
      parent.pump(pump)
    })
  }

  const restore = (): void => {
    const items = effect.items()
    if (items === undefined) return
    for (const [place, status] of items.status.entries()) {
      const key = items.keys[place] as string
      if (status === 'backing-off') backOff(key, place, items.due[key] ?? 0)
      if (status === 'recovering') recover(key, place)
      if (status === 'running' && typeof bodyOf !== 'function') calls.add(key)
    }
  }
  let restoredOnce = false

  const stop = (end: (slot: AttemptSlot) => void): void => {
    over = true
    for (const key of backingOff) timers.unschedule(timerOf(key))
    for (const slot of slots.values()) end(slot)
    slots.clear()
  }

  return {
    get busy() {
      return slots.size + ending.size
    },
    get inFlight() {
      let count = ending.size
      for (const slot of slots.values()) if (slot.inFlight) count++
      return count
    },
    pump() {
      if (!restoredOnce) {
        restoredOnce = true
        restore()
      }
      pump()
    },
    callEnded(item, outcome) {
      const key = item.slice(item.indexOf('/') + 1)
      const items = effect.items()
      const place = items?.keys.indexOf(key) ?? -1
      if (!calls.delete(key) || place === -1) return
      if (outcome.status === 'succeeded') settle(key, place, { ok: true, value: outcome.output })
      else
        settle(key, place, {
          ok: false,
          failure:
            outcome.status === 'failed'
              ? outcome.failure
              : { kind: 'cancelled', message: 'the called chain was cancelled', retryable: false },
        })
    },
    resume() {
      for (const slot of slots.values()) slot.resume()
    },
    abort() {
      stop((slot) => {
        if (slot.abort()) ending.add(slot)
      })
      for (const key of calls) parent.cancelCall({ chain, step: effect.id, item: itemOf(key) })
      calls.clear()
    },
    detach: () => stop((slot) => slot.detach()),
  }
}
