// The items of an `each` in a simulation: so many at once, those that back off aside, as the engine has it.

import { type Actor, attempt } from './attempts.ts'
import type { Recorded } from './recorded.ts'
import type { Scope } from './scope.ts'

interface Surroundings {
  readonly scope: Scope
  readonly round: string | undefined
  /** Runs the chain that an item calls. */
  readonly call: (key: string, done: (ok: boolean) => void) => void
}

interface Item {
  readonly item: string
  readonly number: number
}

export function each(
  actor: Actor,
  step: string,
  recorded: Recorded,
  { scope: outer, round, call }: Surroundings,
  done: (ok: boolean) => void,
): void {
  const { world } = actor.run
  const limit =
    world.tuning(actor.chain, step).inFlight ?? world.declared.step(actor.chain, step)?.inFlight ?? Infinity
  const called = recorded
    .called(step)
    .filter((one) => round === undefined || one.call?.item?.startsWith(`${round}/`))
  const items = called.length > 0 ? called.map(({ key }) => key) : recorded.items(step, round)
  // where a failed item did not fail its chain, the step collects
  const collects = recorded.record.status === 'succeeded'
  const scope = outer.inner()
  const again: Item[] = []
  let cursor = 0
  let busy = 0
  let open = items.length
  let over = false

  const settled = (ok: boolean): void => {
    open--
    if (over) return
    if (!ok && !collects) {
      over = true
      scope.cut()
      return done(false)
    }
    if (open === 0) {
      over = true
      return done(true)
    }
    pump()
  }
  const begin = ({ item, number }: Item): void => {
    busy++
    if (called.length > 0)
      return call(item, (ok) => {
        busy--
        settled(ok)
      })
    const of = recorded.attempts(step, item)
    if (of === undefined) {
      busy--
      return settled(true)
    }
    attempt(actor, of, number, scope, (verdict) => {
      busy--
      if (verdict.next !== 'retry') return settled(verdict.next === 'done')
      const due = (): void => {
        again.push({ item, number: number + 1 })
        actor.run.turn(pump)
      }
      scope.later(world.agenda, verdict.after, due, of.main[number]?.seq)
      return pump()
    })
  }
  const pump = (): void => {
    while (!over && busy < limit) {
      const retry = again.shift()
      const item = retry === undefined ? items[cursor] : retry.item
      if (item === undefined) return
      if (retry === undefined) cursor++
      begin(retry ?? { item, number: 1 })
    }
  }
  if (open === 0) return done(true)
  pump()
}
