// One attempt in a simulation: through memo, limiter and slots as in the engine, then as long as it was recorded.

import { type Backoff, delayFor } from '../../definition/backoff.ts'
import type { AttemptRecord } from '../../observe/run-record.ts'
import { type Service, serviceOf } from './draws.ts'
import type { RecordedAttempts } from './recorded.ts'
import type { Scope } from './scope.ts'
import type { SimulatedRun } from './run.ts'

/** Whose attempts they are. */
export interface Actor {
  readonly run: SimulatedRun
  /** The chain's key in its run, and its id. */
  readonly key: string
  readonly chain: string
  /** An attempt worked so long (ms). */
  worked(ms: number): void
}

/** What follows an attempt. */
export type Verdict = { readonly next: 'done' | 'fail' } | { readonly next: 'retry'; readonly after: number }

type FailureClass = NonNullable<AttemptRecord['failure']>

const timedOut: FailureClass = {
  kind: 'timeout',
  class: 'timeout',
  message: 'took longer than its timeout',
  retryable: true,
}

export function attempt(
  actor: Actor,
  of: RecordedAttempts,
  number: number,
  scope: Scope,
  then: (verdict: Verdict) => void,
): void {
  const { run, chain } = actor
  const { world } = run
  const { step } = of
  const record = of.main[number - 1]
  const declared = world.declared.step(chain, step)
  const tuning = world.tuning(chain, step)
  const limiter = world.limiter(declared?.limit)
  const cost = declared?.lets?.cost ?? 1
  const name = `${run.record.run}/${actor.key}/${step}/${of.item ?? ''}/${number}`

  const pass = (): void => {
    const key = tuning.memo === undefined ? undefined : record?.inputHash
    if (record?.memo === true) return then({ next: 'done' })
    if (key === undefined) return enter()
    keep(`${chain}/${step}/${key}`)
  }
  /** One makes it, all others who want the same wait, and use it again. */
  const keep = (key: string): void => {
    if (scope.over) return
    const known = world.kept.get(key)
    const { ttl = Infinity } = tuning.memo ?? {}
    if (known?.at !== undefined && known.at + ttl > world.agenda.now()) return then({ next: 'done' })
    if (known !== undefined && known.at === undefined)
      return void known.waiting.push(() => run.turn(() => keep(key)))
    const mine = { at: undefined as number | undefined, waiting: [] as (() => void)[] }
    world.kept.set(key, mine)
    const settle = (made: boolean): void => {
      forget()
      if (made) mine.at = world.agenda.now()
      else world.kept.delete(key)
      for (const go of mine.waiting.splice(0)) world.agenda.soon(go)
    }
    const forget = scope.onCut(() => settle(false))
    enter((verdict) => {
      settle(verdict.next === 'done')
      then(verdict)
    })
  }
  const enter = (told = then): void => {
    if (limiter === undefined) return stand(told)
    if (limiter.tryTake(cost)) return stand(told)
    const leave = limiter.wait(cost, '', () => {
      forget()
      // who waited for it takes no slot that its run has at hand
      stand(told, true)
    })
    const forget = scope.onCut(leave)
  }
  const stand = (told: (verdict: Verdict) => void, waited = false): void => {
    if (!waited && run.takeSlot(actor.key)) return start(told)
    let leave = (): void => {}
    const forget = scope.onCut(() => {
      leave()
      limiter?.release(cost)
    })
    // may be granted at once
    leave = world.pool.wait({
      ...run.rank(actor.key),
      granted: () => {
        forget()
        run.turn(() => start(told))
      },
    })
  }
  const start = (told: (verdict: Verdict) => void): void => {
    run.attempts++
    const limit = tuning.timeout ?? declared?.timeout ?? Infinity
    const service = known(record, limit) ?? world.draws.service(chain, step, 0, name) ?? nothing
    const pace = world.pace.get(`${chain}/${step}`) ?? 1
    // however fast a step is, a call that hangs does
    const would = service.ms === Infinity ? Infinity : service.ms * pace
    const ms = Math.min(would, limit)
    const overdue = would > limit
    const free = (): void => {
      world.pool.release()
      limiter?.release(cost)
    }
    if (ms === Infinity) return
    const end = (): void => {
      forget()
      run.turn(() => {
        actor.worked(ms)
        // a call that was cut off has its slot until it has really ended
        if (!overdue) run.carry()
        told(verdictOn(overdue ? timedOut : service.failure))
      })
      if (overdue) world.pool.release()
      limiter?.release(cost)
    }
    const cancel = world.agenda.at(world.agenda.now() + ms, end, record?.endSeq)
    const forget = scope.onCut(() => {
      cancel()
      free()
    })
  }
  /** What its function did, and what it would have done had it not been cut off; undefined where nothing is known. */
  const known = (of_: AttemptRecord | undefined, limit: number): Service | undefined => {
    if (of_ === undefined) return undefined
    const service = serviceOf(of_)
    if (service !== undefined) return service
    const { startedAt = 0, endedAt = startedAt, failure, outcome } = of_
    const seen = Math.max(0, endedAt - startedAt)
    if (failure?.kind === 'timeout')
      return limit <= seen ? never : (world.draws.service(chain, step, seen, name) ?? never)
    if (outcome === 'aborted')
      return world.draws.service(chain, step, seen, name) ?? { ms: seen, failure: undefined }
    return { ms: seen, failure: failure ?? { ...timedOut, kind: 'lost', class: 'lost' } }
  }
  const verdictOn = (failure: FailureClass | undefined): Verdict => {
    if (failure === undefined) return { next: 'done' }
    const following = of.main[number]
    const allowed = tuning.attempts ?? declared?.attempts ?? of.main.length
    const before = world.recorded.steps[`${chain}/${step}`]?.attempts ?? declared?.attempts ?? of.main.length
    const asRecorded = record?.failure?.class === failure.class || record?.outcome === 'lost'
    // its author, or its deadline, had it end there
    const stopped = asRecorded && following === undefined && number < before
    const lost = failure.kind === 'lost' && following !== undefined
    const futile = tuning.nonRetryable?.includes(failure.class) === true
    if (stopped || futile || !failure.retryable || (number >= allowed && !lost)) return { next: 'fail' }
    const waited =
      record?.backoff ??
      (following !== undefined && record?.endedAt !== undefined
        ? following.enqueuedAt - record.endedAt
        : undefined)
    const drawn = (): number =>
      declared?.backoff === undefined
        ? 0
        : delayFor(declared.backoff as Backoff, number, world.draws.chance(`backoff ${name}`))
    return { next: 'retry', after: waited ?? drawn() }
  }
  scope.after(world.agenda, record === undefined ? 0 : lagOf(record, limiter !== undefined), () =>
    run.turn(pass),
  )
}

/** A step's attempts, one after the other, and its fallback. */
export function attempts(
  actor: Actor,
  of: RecordedAttempts,
  scope: Scope,
  done: (ok: boolean) => void,
): void {
  const { world } = actor.run
  const next = (number: number): void =>
    attempt(actor, of, number, scope, (verdict) => {
      if (verdict.next === 'done') return done(true)
      if (verdict.next === 'retry') {
        const place = of.main[number]?.seq
        return scope.later(world.agenda, verdict.after, () => next(number + 1), place)
      }
      if (world.declared.step(actor.chain, of.step)?.fallback !== true) return done(false)
      substitute(actor, of, scope, done)
    })
  next(1)
}

/** Called once, at once, and cut off as its author says: the config tunes attempts only. */
function substitute(
  actor: Actor,
  { step, fallback: [record] }: RecordedAttempts,
  scope: Scope,
  done: (ok: boolean) => void,
): void {
  const { run, key, chain } = actor
  const { world } = run
  const limit = world.declared.step(chain, step)?.timeout ?? Infinity
  const drawn = (over: number): Service | undefined =>
    world.draws.service(chain, `${step}:fallback`, over, `${run.record.run}/${key}/${step}/fallback`)
  const { startedAt = 0, endedAt = startedAt, failure } = record ?? {}
  const seen = Math.max(0, endedAt - startedAt)
  const unknown = (): Service =>
    failure?.kind === 'timeout' ? ((limit <= seen ? never : drawn(seen)) ?? never) : (drawn(0) ?? nothing)
  const service = (record === undefined ? undefined : serviceOf(record)) ?? unknown()
  const ms = Math.min(service.ms, limit)
  if (ms === Infinity) return
  actor.worked(ms)
  const ok = service.ms <= limit && service.failure === undefined
  scope.after(world.agenda, ms, () => run.turn(() => done(ok)))
}

const never: Service = { ms: Infinity, failure: undefined }
const nothing: Service = { ms: 0, failure: undefined }

/** What it waited for besides what is simulated: slots, limiters, other items of its `each`. */
function lagOf({ waits }: AttemptRecord, limited: boolean): number {
  let lag = 0
  for (const { for: what, ms } of waits)
    if (what !== 'slot' && what !== 'in-flight' && !(limited && what.startsWith('limiter:'))) lag += ms
  return lag
}
