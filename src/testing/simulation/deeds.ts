// What the steps of a simulation do: return, take their time, fail in every way, ignore their abort, kill their host.

import type { StepContext } from '../../definition/context.ts'
import type { Clock } from '../../kernel/clock.ts'
import { NonRetryable, RetryAfter } from '../../kernel/failure.ts'
import { chanceOf } from './draw.ts'

/** How steps behave, each in parts of 100; the rest return at once. */
export interface Temper {
  readonly seed: number
  readonly throws: number
  readonly slow: number
  readonly stubborn: number
  readonly fatal: number
  readonly unfit: number
}

export interface Stage {
  readonly clock: Clock
  readonly temper: Temper
  /** Whether faults have ceased. */
  readonly calm: () => boolean
  /** Ends the process, from within. */
  die(): void
}

/** Names what an attempt does, as the journal does; a compensation's own key is that of the step which it undoes. */
export function deedOf(name: string, { idempotencyKey }: Pick<StepContext, 'idempotencyKey'>): string {
  if (!name.endsWith(':compensation')) return idempotencyKey
  const step = name.slice(0, -':compensation'.length)
  const at = idempotencyKey.lastIndexOf(`/${step}`) + step.length + 1
  return `${idempotencyKey.slice(0, at)}:compensation${idempotencyKey.slice(at)}`
}

/** Does the deed that the seed holds for the `nth` try of `key`; the same whenever it is asked. */
export function doDeed(key: string, nth: number, context: StepContext, stage: Stage): unknown {
  const { temper } = stage
  const roll = rollOf(key, nth, stage)
  const late = roll('late')
  const act = (): unknown => outcomeOf(key, nth, stage)
  if (!stage.calm() && roll(`fatal ${context.attempt}`) < temper.fatal) {
    stage.die()
    return new Promise(() => {})
  }
  if (late < temper.slow) return pause(stage.clock, delayOf(roll('delay')), context.signal).then(act)
  if (late < temper.slow + temper.stubborn) return pause(stage.clock, delayOf(roll('delay')) * 3).then(act)
  return late > 90 ? Promise.resolve().then(act) : act()
}

/** The same without taking any time. */
export function doAtOnce(key: string, nth: number, context: StepContext, stage: Stage): unknown {
  if (!stage.calm() && rollOf(key, nth, stage)(`fatal ${context.attempt}`) < stage.temper.fatal) {
    stage.die()
    throw new Error('its process is dead')
  }
  return outcomeOf(key, nth, stage)
}

function rollOf(key: string, nth: number, { temper }: Stage): (what: string) => number {
  return (what) => chanceOf(temper.seed, `${key}#${nth} ${what}`) * 100
}

function outcomeOf(key: string, nth: number, stage: Stage): unknown {
  const { temper } = stage
  const roll = rollOf(key, nth, stage)
  const output = nth % 3 === 2 ? undefined : { of: key.slice(key.lastIndexOf('/') + 1), nth }
  // what undoes a step manages in the end
  if (key.includes(':compensation')) {
    if (nth < 4 && roll('throw') < temper.throws * 2) throw new TypeError('it failed')
    return output
  }
  if (roll('unfit') < temper.unfit) return () => {}
  if (roll('throw') < temper.throws) throw errorOf(roll('error'))
  return output
}

function errorOf(roll: number): Error {
  if (roll < 12) return new NonRetryable('it is of no use')
  if (roll < 25) return new RetryAfter(Math.floor(roll * 100))
  return new TypeError('it failed')
}

/** Mostly short, now and then longer than any timeout. */
function delayOf(roll: number): number {
  return roll < 70 ? 1 + roll * 10 : roll < 95 ? roll * 100 : 60_000
}

async function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const cancel = clock.at(clock.now() + ms, resolve)
    signal?.addEventListener('abort', () => {
      cancel()
      reject(new DOMException('aborted', 'AbortError'))
    })
  })
}
