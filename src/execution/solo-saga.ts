// What a machine that runs alone has begun, so that it can undo it: in memory, with the values themselves.

import type { AnyMachineSnapshot, AnyStateMachine, Actor } from 'xstate'
import { Started } from '../journal/started.ts'
import type { ChainOutcome } from '../definition/compiled-chain.ts'
import type { Outcome } from './attempt.ts'
import type { Known } from './compensation.ts'

interface At {
  readonly step: string
  readonly item: string | undefined
  readonly attempt: number
}

type Callee = Actor<AnyStateMachine>

/** A call in progress. */
interface Call {
  moved(snapshot: AnyMachineSnapshot): void
  ended(outcome: ChainOutcome): void
  stop(): void
}

/** What chains that are kept have returned, by their actors. */
export const keptOutputs = new WeakMap<object, unknown>()

export class SoloSaga implements Known {
  readonly started = new Started(undefined)
  readonly #outputs = new Map<string, unknown>()
  readonly #items = new Map<string, unknown>()
  /** Called chains that have succeeded, and can still be undone. */
  readonly #kept = new Map<string, Callee>()

  began(at: At, item?: { readonly value: unknown }): void {
    this.started.note({ type: 'attempt.started', inFlight: 0, config: 0, ...factOf(at) })
    if (item !== undefined) this.#items.set(keyOf(at.step, at.item), item.value)
  }

  ended(at: At, outcome: Outcome): void {
    if (outcome.ok) {
      this.started.note({ type: 'attempt.succeeded', took: 0, ...factOf(at) })
      this.#outputs.set(keyOf(at.step.replace(/:fallback$/, ''), at.item), outcome.value)
    } else this.started.note({ type: 'attempt.failed', failure: outcome.failure, took: 0, ...factOf(at) })
  }

  /** A chain that a step calls: it ends, or succeeds and is kept, or is cancelled and undoes itself. */
  call(actor: Callee, { step, item }: Omit<At, 'attempt'>, ended: (outcome: ChainOutcome) => void): Call {
    const key = keyOf(step, item)
    let over = false
    const end = (outcome: ChainOutcome): void => {
      if (over) return
      over = true
      this.started.returned(step, item, outcome.status === 'succeeded')
      ended(outcome)
    }
    this.started.called(step, item)
    return {
      moved: ({ value }) => {
        if (value !== 'kept' || over) return
        this.#kept.set(key, actor)
        end({ status: 'succeeded', output: keptOutputs.get(actor) })
      },
      ended: end,
      stop: () => {
        if (!('compensating' in actor.logic.states)) return void actor.stop()
        over = true
        this.#kept.set(key, actor)
        actor.send({ type: 'cancel' })
      },
    }
  }

  /** Has a called chain undo itself. */
  undo(step: string, item: string | undefined, undone: () => void): void {
    const actor = this.#kept.get(keyOf(step, item))
    if (actor === undefined || actor.getSnapshot().status !== 'active') return undone()
    actor.subscribe({ complete: undone, error: undone })
    actor.send({ type: 'compensate' })
  }

  outputOf(step: string, item: string | undefined): unknown {
    return this.#outputs.get(keyOf(step, item))
  }

  itemOf(step: string, item: string | undefined): unknown {
    return this.#items.get(keyOf(step, item))
  }
}

function factOf({ step, item, attempt }: At): {
  readonly chain: string
  readonly step: string
  readonly item?: string
  readonly attempt: number
} {
  return { chain: '', step, attempt, ...(item === undefined ? {} : { item }) }
}

function keyOf(step: string, item: string | undefined): string {
  return item === undefined ? step : `${step}/${item}`
}
