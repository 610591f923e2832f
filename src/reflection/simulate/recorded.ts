// What a chain's record says of one place in it: the attempts of a step, its waits, the chains that it called.

import { type ChainWait, keyOf } from '../../observe/chain-record.ts'
import type { AttemptRecord, ChainRecord, RunRecord } from '../../observe/run-record.ts'

/** The attempts of one step, or of one item of it, in order. */
export interface RecordedAttempts {
  readonly step: string
  readonly item: string | undefined
  readonly main: readonly AttemptRecord[]
  readonly fallback: readonly AttemptRecord[]
}

/** One execution of a chain to go by: its own record, or that of another run where it never came so far. */
export class Recorded {
  readonly record: ChainRecord
  /** Times of day count: else only how long things took. */
  readonly own: boolean
  readonly #run: RunRecord | undefined
  readonly #attempts = new Map<string, { main: AttemptRecord[]; fallback: AttemptRecord[] }>()
  readonly #items = new Map<string, Set<string>>()
  /** Of each step that was come to, the items and rounds in which it was. */
  readonly #places = new Map<string, Set<string>>()
  readonly #waits = new Map<string, ChainWait[]>()

  constructor(record: ChainRecord, run: RunRecord | undefined) {
    this.record = record
    this.#run = run
    this.own = run !== undefined
    for (const attempt of record.attempts) {
      const { step, item, part } = attempt
      if (part === 'compensation') continue
      const key = keyOf(step, item)
      let known = this.#attempts.get(key)
      if (known === undefined) this.#attempts.set(key, (known = { main: [], fallback: [] }))
      known[part === 'fallback' ? 'fallback' : 'main'].push(attempt)
      this.#cameTo(step, item)
      let items = this.#items.get(step)
      if (items === undefined) this.#items.set(step, (items = new Set()))
      items.add(item ?? '')
    }
    for (const wait of record.waits) {
      this.#cameTo(wait.step, wait.item)
      if (wait.for !== 'signal' && wait.for !== 'timer' && wait.for !== 'call') continue
      const key = keyOf(wait.step, wait.item)
      const known = this.#waits.get(key)
      if (known === undefined) this.#waits.set(key, [wait])
      else known.push(wait)
    }
  }

  #cameTo(step: string, item = ''): void {
    const known = this.#places.get(step)
    if (known === undefined) this.#places.set(step, new Set([item]))
    else known.add(item)
  }

  attempts(step: string, item: string | undefined): RecordedAttempts | undefined {
    const known = this.#attempts.get(keyOf(step, item))
    return known === undefined ? undefined : { step, item, ...known }
  }

  /** The items of a step within a round, in the order in which they came forward. */
  items(step: string, round: string | undefined): readonly string[] {
    const all = [...(this.#items.get(step) ?? [])]
    return round === undefined ? all : all.filter((item) => item.startsWith(`${round}/`))
  }

  /** What a step called: its chain's record, by item. */
  called(step: string): readonly ChainRecord[] {
    const { key } = this.record
    return [...(this.#run?.chains.values() ?? [])].filter(
      ({ call }) => call?.chain === key && call.step === step,
    )
  }

  /** The next wait of a step that was not asked for yet: for a signal, a time, or a chain that it called. */
  nextWait(step: string, round: string | undefined, taken: Map<string, number>): ChainWait | undefined {
    // of signals without a limit it is not told in which round they came: they come in their order
    const own = keyOf(step, round)
    const key = this.#waits.has(own) ? own : step
    const at = taken.get(key) ?? 0
    const wait = this.#waits.get(key)?.[at]
    // where it has none, another record may be asked for the same
    if (wait !== undefined) taken.set(key, at + 1)
    return wait
  }

  /** How often a step of a repeat was at it. */
  rounds(steps: readonly string[], outer: string): number {
    let most = 0
    for (const step of steps)
      for (const item of this.#places.get(step) ?? []) {
        if (!item.startsWith(`${outer}#`)) continue
        most = Math.max(most, Number.parseInt(item.slice(outer.length + 1), 10))
      }
    return most
  }

  /** Whether it came to a step, within a round. */
  has(step: string, round?: string): boolean {
    const places = this.#places.get(step)
    if (places === undefined || round === undefined || places.has(round)) return places !== undefined
    // signals without a limit are told without their round
    if (places.has('')) return true
    return places.values().some((item) => item.startsWith(`${round}/`) || item.startsWith(`${round}#`))
  }

  /** How long it went on after the last of its attempts and waits: settling, undoing (ms). */
  get epilogue(): number {
    const { endedAt, startedAt, attempts, waits } = this.record
    if (endedAt === undefined || startedAt === undefined) return 0
    let last = startedAt
    for (const { part, endedAt: at } of attempts) if (part !== 'compensation') last = Math.max(last, at ?? 0)
    for (const { to } of waits) last = Math.max(last, to ?? 0)
    for (const chain of this.#run?.chains.values() ?? [])
      if (chain.call?.chain === this.record.key) last = Math.max(last, chain.endedAt ?? 0)
    return Math.max(0, endedAt - last)
  }
}
