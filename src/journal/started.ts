// What of a chain has begun that can be undone, and what is known of it: read off the recorded facts alone, so that a
// live chain and one that is folded know the same.

import type { Undo } from '../../machines/state.ts'
import type { Undoable } from '../definition/compensation.ts'
import { decode } from '../kernel/codec.ts'
import { leavesDoubt } from '../kernel/failure.ts'
import type { Fact, Payload } from './event.ts'
import type { NodeState } from './run-state.ts'

/** One step, or item, or round of it. */
interface Begun {
  readonly step: string
  readonly item?: string
  /** Its last attempt has no outcome. */
  open: boolean
  /** An attempt of it may have had its effect. */
  doubt: boolean
  succeeded: boolean
  /** What it returned. */
  output?: Payload | undefined
}

/** As a snapshot keeps it. */
export interface StartedData {
  readonly begun: readonly Begun[]
  readonly expansions: readonly (readonly [string, Payload])[]
}

interface Expansion {
  readonly keys: readonly string[]
  readonly items: readonly unknown[]
}

export class Started {
  readonly #undoable: ReadonlyMap<string, Undoable> | undefined
  /** In the order in which they began. */
  readonly #begun = new Map<string, Begun>()
  /** What each `each` works through, by step and round. */
  readonly #expansions = new Map<string, Payload>()
  readonly #items = new Map<string, ReadonlyMap<string, unknown>>()

  /** @param undoable what is worth knowing; everything where absent. */
  constructor(undoable: ReadonlyMap<string, Undoable> | undefined, data?: StartedData) {
    this.#undoable = undoable
    for (const one of data?.begun ?? []) this.#begun.set(keyOf(one.step, one.item), { ...one })
    for (const [key, payload] of data?.expansions ?? []) this.#expansions.set(key, payload)
  }

  /** Whether its chain calls others that can be undone. */
  get calls(): boolean {
    for (const { compensation } of this.#undoable?.values() ?? []) if (compensation === undefined) return true
    return false
  }

  /** Takes a fact of its chain in. */
  note(fact: Fact): void {
    switch (fact.type) {
      case 'attempt.started':
        return this.#begin(stepOf(fact.step), fact.item)
      case 'attempt.succeeded': {
        const begun = this.#find(stepOf(fact.step), fact.item)
        if (begun === undefined) return
        begun.open = false
        begun.succeeded = true
        begun.output = fact.payload
        // what an attempt left in doubt, another of the same key has settled; a fallback has not
        if (fact.step === begun.step) begun.doubt = false
        return
      }
      case 'attempt.failed': {
        const begun = this.#find(stepOf(fact.step), fact.item)
        if (begun === undefined) return
        begun.open = false
        if (leavesDoubt(fact.failure)) begun.doubt = true
        return
      }
      case 'attempt.lost': {
        const begun = this.#find(stepOf(fact.step), fact.item)
        if (begun === undefined) return
        begun.open = false
        begun.doubt = true
        return
      }
      case 'decision.made':
        if (fact.payload !== undefined && fact.step.endsWith(':items')) {
          const step = fact.step.slice(0, -':items'.length)
          if (this.#undoable?.get(step)?.compensation !== undefined)
            this.#expansions.set(keyOf(step, fact.item), fact.payload)
        }
        return
      default:
    }
  }

  /** The chain that a step called has begun. */
  called(step: string, item: string | undefined): void {
    this.#begin(step, item)
  }

  /** The chain that a step called has ended; one that has not succeeded has undone itself. */
  returned(step: string, item: string | undefined, succeeded: boolean): void {
    const begun = this.#find(step, item)
    if (begun === undefined) return
    begun.open = false
    begun.succeeded = succeeded
  }

  /** What is to be undone, in the reverse of the order in which it began. */
  undos(): readonly Undo[] {
    const undos: Undo[] = []
    for (const { step, item, open, doubt, succeeded } of this.#begun.values()) {
      if (!open && !doubt && !succeeded) continue
      const outcome = succeeded && !open && !doubt ? 'succeeded' : 'unknown'
      undos.push({ step, ...(item === undefined ? {} : { item }), outcome })
    }
    return undos.reverse()
  }

  /** What a step returned; undefined where that is not known. */
  outputOf(step: string, item: string | undefined): unknown {
    const output = this.#find(step, item)?.output
    return output === undefined ? undefined : decode(output)
  }

  /** The item of an `each` that a key names. */
  itemOf(step: string, item = ''): unknown {
    for (const [at, payload] of this.#expansions) {
      const round = at === step ? '' : at.startsWith(`${step}/`) ? `${at.slice(step.length + 1)}/` : undefined
      if (round === undefined || !item.startsWith(round)) continue
      const items = this.#decoded(at, payload)
      const key = item.slice(round.length)
      if (items.has(key)) return items.get(key)
    }
    return undefined
  }

  persisted(): StartedData {
    return {
      begun: [...this.#begun.values()].map((one) => ({ ...one })),
      expansions: [...this.#expansions],
    }
  }

  #begin(step: string, item: string | undefined): void {
    if (this.#undoable?.has(step) === false) return
    const key = keyOf(step, item)
    const before = this.#begun.get(key)
    if (before !== undefined) before.open = true
    else {
      const of = item === undefined ? {} : { item }
      this.#begun.set(key, { step, ...of, open: true, doubt: false, succeeded: false })
    }
  }

  #find(step: string, item: string | undefined): Begun | undefined {
    return this.#begun.get(keyOf(step, item))
  }

  #decoded(at: string, payload: Payload): ReadonlyMap<string, unknown> {
    let items = this.#items.get(at)
    if (items === undefined) {
      const { keys, items: values } = decode(payload) as Expansion
      items = new Map(keys.map((key, place) => [key, values[place]]))
      this.#items.set(at, items)
    }
    return items
  }
}

/** Tells the chain of a fact, and the one that called it, what has begun or ended in them. */
export function noteStarted(
  of: (chain: string) => Started | undefined,
  nodes: ReadonlyMap<string, Pick<NodeState, 'call'>>,
  fact: Fact & { readonly chain: string },
): void {
  if (fact.type === 'chain.started') {
    if (fact.call !== undefined) of(fact.call.chain)?.called(fact.call.step, fact.call.item)
  } else if (fact.type === 'chain.ended') {
    const call = nodes.get(fact.chain)?.call
    if (call !== undefined) of(call.chain)?.returned(call.step, call.item, fact.status === 'succeeded')
  } else of(fact.chain)?.note(fact)
}

/** A fallback is its step's; a compensation is none of them. */
function stepOf(id: string): string {
  return id.endsWith(':fallback') ? id.slice(0, -':fallback'.length) : id
}

function keyOf(step: string, item: string | undefined): string {
  return item === undefined ? step : `${step}/${item}`
}
