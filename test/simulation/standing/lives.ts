// The services of one process of a standing world: what their functions do, and what must hold as each life begins.

import type { ServiceContext } from '../../../src/definition/service.ts'
import { chanceOf } from '../../../src/testing/simulation/draw.ts'
import type { Proof } from '../../../src/testing/simulation/proof.ts'
import type { ProcessClock } from '../../../src/testing/simulation/seeded-time.ts'
import { type GroupShape, groupsOf, type ServiceShape, servicesOf } from './shape.ts'

export interface Life {
  readonly began: number
  readyAt: number
  abortedAt: number
  endedAt: number
  failedChecks: number
}

export interface Lives {
  /** What a service does, from its beginning to its end. */
  live(id: string, context: ServiceContext): unknown
  /** Answers a check of `alive`. */
  isAlive(id: string): boolean
  /** All services are to stop now. */
  stopping(): void
  /** Whether the service was ready at that moment. */
  wasReady(id: string, at: number): boolean
  /** Once nothing fails any more: what is to be there is there. */
  judge(): void
}

export interface LivesOptions {
  readonly groups: readonly GroupShape[]
  readonly clock: ProcessClock
  readonly proof: Proof
  readonly seed: number
  /** How often each service has begun, over all processes. */
  readonly begun: Map<string, number>
  readonly calm: () => boolean
}

export function createLives({ groups, clock, proof, seed, begun, calm }: LivesOptions): Lives {
  const shapes = new Map([...servicesOf(groups)].map((shape) => [shape.id, shape]))
  const order = [...shapes.keys()]
  const all = new Map<string, Life[]>(order.map((id) => [id, []]))
  /** Restarts in the group as it is now: as long as not all of it begins anew. */
  const restarts = new Map<string, number[]>()
  let stops = false

  const last = (id: string): Life | undefined => all.get(id)?.at(-1)
  const shutdownOf = (id: string): number => shapes.get(id)?.shutdown ?? 0
  /** When it ended, or was given up. */
  const overAt = (id: string, { endedAt, abortedAt }: Life): number =>
    Math.min(endedAt, abortedAt + shutdownOf(id))
  const isOver = (id: string, life: Life): boolean => overAt(id, life) <= clock.now()
  const isLive = (id: string): boolean => {
    const life = last(id)
    return life !== undefined && life.endedAt === Infinity && life.abortedAt === Infinity
  }
  const groupOf = (id: string): GroupShape | undefined =>
    [...groupsOf(groups)].find(({ children }) => children.some((child) => child.id === id))

  /** Whom a restart in this group takes along has ended, or was given up. */
  const holdStrategy = (id: string, before: Life): void => {
    const group = groupOf(id)
    if (group === undefined || group.strategy === 'one_for_one') return
    const { children, strategy } = group
    const from = children.findIndex((child) => child.id === id)
    const others = strategy === 'one_for_all' ? children : children.slice(from + 1)
    for (const { id: other } of servicesOf(others)) {
      const life = last(other)
      if (other === id || life === undefined) continue
      // one that began since has been started anew itself
      const gone = isOver(other, life) || life.began >= overAt(id, before)
      proof.check(
        'strategy',
        gone,
        () => `${id} of ${group.id} (${strategy}) begins again while ${other} goes on`,
      )
    }
  }
  const holdIntensity = (id: string, before: Life): void => {
    const group = groupOf(id)
    if (group === undefined || group.strategy !== 'one_for_one') return
    const { children, intensity, period } = group
    // without a sibling that has lived on since, the whole group may have begun anew
    const since = overAt(id, before)
    const goesOn = children.some(
      (child) => child.id !== id && isLive(child.id) && (last(child.id)?.began ?? Infinity) < since,
    )
    const recent = goesOn ? (restarts.get(group.id) ?? []).filter((at) => at > clock.now() - period) : []
    if (goesOn) recent.push(clock.now())
    restarts.set(group.id, recent)
    // one that waits for another begins later than it was restarted
    if (children.some((child) => 'needs' in child && child.needs.length > 0)) return
    proof.check(
      'intensity',
      recent.length <= intensity,
      () => `${group.id} has had ${recent.length} restarts of ${intensity} in ${period} ms`,
    )
  }
  const begin = (shape: ServiceShape): Life => {
    const { id } = shape
    const before = last(id)
    proof.check(
      'lives',
      before === undefined || isOver(id, before),
      () => `${id} begins while its life before goes on`,
    )
    proof.check('lives', !stops, () => `${id} begins as all are to stop`)
    for (const need of shape.needs)
      proof.check('needed', wasReady(need, clock.now()), () => `${id} begins, but ${need} is not ready`)
    if (before !== undefined) {
      holdStrategy(id, before)
      holdIntensity(id, before)
    }
    const life: Life = {
      began: clock.now(),
      readyAt: Infinity,
      abortedAt: Infinity,
      endedAt: Infinity,
      failedChecks: 0,
    }
    all.get(id)?.push(life)
    return life
  }
  const wasReady = (id: string, at: number): boolean =>
    all.get(id)?.some(({ readyAt, endedAt }) => readyAt <= at && at <= endedAt) === true

  /** As all stop, each waits for those that began after it. */
  const holdOrder = (id: string): void => {
    if (!stops) return
    for (const later of order.slice(order.indexOf(id) + 1)) {
      const life = last(later)
      const gone = life === undefined || isOver(later, life)
      proof.check('stopped', gone, () => `${id} is to stop before ${later} has`)
    }
  }

  return {
    live(id, { ready, signal }) {
      if (!clock.alive) return new Promise(() => {})
      const shape = shapes.get(id) as ServiceShape
      const life = begin(shape)
      const nth = (begun.get(id) ?? 0) + 1
      begun.set(id, nth)
      const roll = (what: string): number => chanceOf(seed, `${id}#${nth} ${what}`) * 100
      const end = (): void => {
        life.endedAt = Math.min(life.endedAt, clock.now())
      }
      const fate = calm() ? 0 : roll('fate')
      if (fate > 96) {
        end()
        throw new TypeError(`${id} does not start`)
      }
      const says = (): void => {
        if (life.endedAt === Infinity) life.readyAt = Math.min(life.readyAt, clock.now())
        ready()
      }
      if (roll('slow') < 30)
        clock.at(clock.now() + roll('says') * 20, () => life.abortedAt === Infinity && says())
      else says()
      return new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          if (!clock.alive || life.endedAt < Infinity) return
          life.abortedAt = clock.now()
          holdOrder(id)
          const stubborn = !calm() && roll('stubborn') < 15
          clock.at(clock.now() + roll('leaves') * (stubborn ? 300 : 1.5), () => {
            end()
            resolve()
          })
        }
        // saying that it is ready may have set off what stops it
        if (signal.aborted) leave()
        else signal.addEventListener('abort', leave)
        if (fate < 60) return
        // mostly soon, now and then much later
        clock.at(clock.now() + roll('lasts') * (roll('long') < 30 ? 2_000 : 100), () => {
          if (life.abortedAt < Infinity || calm()) return
          end()
          if (fate < 72) resolve()
          else reject(new TypeError(`${id} fails`))
        })
      })
    },
    isAlive(id) {
      const life = last(id)
      const shape = shapes.get(id)
      if (!clock.alive || life === undefined || shape?.threshold === undefined) return true
      proof.check('probed', isLive(id), () => `${id} is asked whether it is alive, and is not`)
      proof.check(
        'probed',
        life.failedChecks < shape.threshold,
        () => `${id} goes on after ${life.failedChecks} failed checks of ${shape.threshold}`,
      )
      const nth = begun.get(id) ?? 0
      const fails = !calm() && chanceOf(seed, `${id}#${nth} check ${clock.now()}`) < 0.2
      life.failedChecks = fails ? life.failedChecks + 1 : 0
      return !fails
    },
    stopping() {
      stops = true
    },
    wasReady,
    judge() {
      /** One that needs what may end for good may wait for ever. */
      const lasts = (id: string): boolean => {
        const { restart, needs = [] } = shapes.get(id) ?? {}
        return restart === 'permanent' && needs.every(lasts)
      }
      for (const id of order)
        if (lasts(id)) proof.check('kept', isLive(id), () => `${id} is not running in the end`)
    },
  }
}
