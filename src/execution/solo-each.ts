// Works through the items of an `each` whose machine runs alone.

import { AttemptRun, type Outcome, withItemFailure } from './attempt.ts'
import type { Effect } from './effect.ts'
import { recoverItem } from './recovery.ts'
import type { Solo } from './solo.ts'

/** Starts what may be in flight at once, then the rest as they end. @returns stops all. */
export function runItems(effect: Effect, solo: Solo): () => void {
  const { spec } = effect
  if (spec.kind !== 'each') return () => {}
  const { each, machine } = spec
  const stops = new Map<string, () => void>()
  let over = false

  const pump = (): void => {
    const items = effect.items()
    if (items === undefined || over) return
    let free = each.inFlight - items.status.filter((status) => status === 'running').length
    for (const [place, key] of items.keys.entries()) {
      if (free <= 0 || over) return
      if (items.status[place] !== 'waiting') continue
      free--
      begin(key, place, (items.tries[key] ?? 0) + 1)
    }
  }

  const ofRound = (key: string): string =>
    effect.input.item === undefined ? key : `${effect.input.item}/${key}`

  const begin = (key: string, place: number, attempt: number): void => {
    const { deadline: limit } = each.options
    const deadline =
      limit === undefined ? undefined : (effect.items()?.deadlines?.[key] ?? solo.clock.now() + limit)
    effect.advance({ type: 'started', key, attempt, deadline })
    const scope = effect.context()
    const value = (scope.held[effect.id] as { readonly items: readonly unknown[] }).items[place]
    const ended = (outcome: Outcome): void => settle(key, outcome)
    if (typeof each.body !== 'function') {
      const its = { input: value, step: effect.id, item: ofRound(key) }
      if (machine !== undefined) stops.set(key, solo.call(machine(), its, ended))
      return
    }
    const at = { step: effect.id, item: ofRound(key), attempt }
    solo.saga.began(at, { value })
    const on = {
      outcome: (outcome: Outcome) => {
        solo.saga.ended(at, outcome)
        ended(outcome)
      },
      settled: () => {},
    }
    const data = withItemFailure(scope, effect.id, effect.items()?.failures[key])
    const run = new AttemptRun(
      each.body,
      each.options,
      { ...solo.place(effect.id, key, attempt), deadline },
      data,
      solo.host,
      on,
    )
    stops.set(key, () => run.abort('cancelled', 'the machine went on'))
    run.start({ value })
  }

  const settle = (key: string, outcome: Outcome): void => {
    stops.delete(key)
    if (over) return
    if (outcome.ok) effect.advance({ type: 'succeeded', key, output: outcome.value })
    else {
      effect.advance({ type: 'failed', key, failure: outcome.failure })
      const verdict = recoverItem(key, each.options, effect.items(), solo.clock)
      effect.advance({ type: 'recovered', key, verdict })
      if (verdict.next === 'retry') backOff(key, verdict.due ?? 0)
    }
    pump()
  }

  const backOff = (key: string, due: number): void => {
    const cancel = solo.clock.at(due, () => {
      stops.delete(key)
      effect.advance({ type: 'due', key })
      pump()
    })
    stops.set(key, cancel)
  }

  // the items' actor takes events only once it has started
  queueMicrotask(pump)
  return () => {
    over = true
    for (const stop of stops.values()) stop()
  }
}
