// One attempt from wanting a slot to having really ended: queued, started once that is durable, settled, let go.

import { type AttemptData, type Outcome, type RunningAttempt, startAttempt } from '../execution/attempt.ts'
import type { StepBody, StepOptionsSpec } from '../definition/spec.ts'
import type { AttemptId } from '../journal/event.ts'
import type { Cancel } from '../kernel/clock.ts'
import type { ChainParent } from './live-chain.ts'
import { toPayload } from './payloads.ts'

export interface AttemptSlot {
  readonly inFlight: boolean
  /** Takes a slot, or waits for one. */
  begin(): void
  /** The machine went on. @returns whether the author's function still runs. */
  abort(): boolean
  /** Starts what a pause held back. */
  resume(): void
  /** The run leaves memory; nothing is recorded any more. */
  detach(): void
}

export interface AttemptOrder {
  readonly id: AttemptId
  readonly work: {
    readonly body: StepBody
    readonly options: StepOptionsSpec
    readonly args?: readonly unknown[]
  }
  /** Never waits for a slot. */
  readonly immediate?: boolean
  /** The journal already says that it is queued. */
  readonly requeued: boolean
  data(): AttemptData
  /** It has to wait; called within a turn. */
  queued(): void
  /** It no longer waits; called within a turn. */
  dequeued(): void
  /** Its start is recorded; called within a turn. */
  started?(): void
  /** Its outcome, recorded; called within a turn. */
  outcome(outcome: Outcome): void
  /** The author's function has ended after the machine had gone on. */
  settled(): void
}

/** Call `begin` within a turn of the run. */
export function createAttemptSlot(parent: ChainParent, order: AttemptOrder): AttemptSlot {
  const { services } = parent
  const { pool, clock, limits } = services
  const { id } = order
  let state: 'held' | 'queued' | 'taken' | 'running' | 'decided' | 'over' = 'held'
  let recordedQueued = order.requeued
  let queuedAt: number | undefined
  let stopWaiting: Cancel | undefined
  let abandon: Cancel | undefined
  let running: RunningAttempt | undefined
  let startedAt = 0
  let holds = false
  let late = false

  const free = (): void => {
    abandon?.()
    if (!holds) return
    holds = false
    pool.release()
  }

  const queue = (waitsFor: string): void => {
    queuedAt ??= clock.now()
    if (recordedQueued) return
    recordedQueued = true
    parent.record({ type: 'attempt.queued', ...id, waitsFor })
    order.queued()
  }

  const launch = (): void => {
    state = 'taken'
    parent.record({
      type: 'attempt.started',
      ...id,
      ...(queuedAt === undefined ? {} : { queuedAt }),
      inFlight: pool.inFlight,
      config: services.configVersion(),
    })
    if (recordedQueued) order.dequeued()
    order.started?.()
    parent.afterCommit(run)
  }

  const run = (): void => {
    if (state !== 'taken') return free()
    state = 'running'
    startedAt = clock.monotonic()
    const place = { runId: parent.runId, ...id, scheduledAt: parent.acceptedAt }
    const started = startAttempt(order.work, place, order.data(), hostOf(parent), {
      outcome: decided,
      settled: ended,
    })
    // a synchronous function has already ended here
    running = started
  }

  const decided = (outcome: Outcome, hasEnded: boolean): void => {
    if (state !== 'running') return
    state = 'decided'
    // its slot is free for whoever is first in line, which may be this run's next step
    if (hasEnded) free()
    else if (!outcome.ok && outcome.failure.kind === 'timeout') {
      // the function may still run; its slot is its own for a while
      late = true
      abandon = clock.at(clock.now() + limits.abandonAfter, free)
    }
    const took = clock.monotonic() - startedAt
    parent.turn(() => {
      if (!outcome.ok) {
        parent.record({ type: 'attempt.failed', ...id, failure: outcome.failure, took })
        return order.outcome(outcome)
      }
      const stored = toPayload(
        outcome.value,
        `output of step "${id.step}" of chain "${id.chain}"`,
        limits.maxPayload,
      )
      if (stored.ok) {
        parent.record({
          type: 'attempt.succeeded',
          ...id,
          took,
          ...(stored.payload === undefined ? {} : { payload: stored.payload }),
        })
        order.outcome({ ok: true, value: stored.value })
      } else {
        parent.record({ type: 'attempt.failed', ...id, failure: stored.failure, took })
        order.outcome(stored)
      }
    })
  }

  const ended = (outcome: Outcome): void => {
    if (state === 'over' || (state === 'decided' && late)) {
      parent.turn(() => {
        parent.record({
          type: 'attempt.settled-late',
          ...id,
          outcome: outcome.ok ? 'succeeded' : 'failed',
          ...(outcome.ok ? {} : { failure: outcome.failure }),
        })
        order.settled()
      })
    }
    free()
  }

  return {
    get inFlight() {
      return state === 'taken' || state === 'running'
    },
    begin() {
      if (parent.paused && order.immediate !== true) return queue('pause')
      if (order.immediate === true) return launch()
      if (pool.tryTake()) {
        holds = true
        return launch()
      }
      queue('slot')
      this.resume()
    },
    resume() {
      if (state !== 'held' || parent.paused) return
      state = 'queued'
      stopWaiting = pool.wait({
        priority: parent.priority,
        tail: services.tail(id.chain),
        granted: () => {
          holds = true
          parent.turn(launch)
        },
      })
    },
    abort() {
      stopWaiting?.()
      const wasRunning = state === 'running'
      state = 'over'
      if (wasRunning) {
        running?.abort('cancelled', `the chain went on without step "${id.step}"`)
        abandon = clock.at(clock.now() + limits.abandonAfter, free)
        return true
      }
      // an attempt whose start is not durable yet gives its slot back when its commit arrives
      return false
    },
    detach() {
      stopWaiting?.()
      state = 'over'
      running?.abort('cancelled', 'the supervisor stopped')
      free()
    },
  }
}

function hostOf({ services }: ChainParent): Parameters<typeof startAttempt>[3] {
  const { clock, app, logger } = services
  return {
    clock,
    app,
    progress: (place, fraction, note) =>
      services.onProgress({ volatile: true, place, fraction, ...(note === undefined ? {} : { note }) }),
    log: (place, level, message, data) =>
      logger?.[level]({ ...place, ...(data === undefined ? {} : { data }) }, message),
  }
}
