// Outputs to be used again: which are kept, who is at work on one, and who waits for that.

import type { MemoOrigin, Payload } from '../journal/event.ts'
import type { KeepsakeChange, KeepsakeHead, StoreReader } from '../journal/store.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import type { Effect } from './chains/chain-parent.ts'

/** Who is at work: told apart by both, so that a run that is folded again is known. */
export interface Worker {
  readonly run: string
  /** A chain's key in its run, or an attempt on its way. */
  readonly place: unknown
}

/** An output that was found, and whose it is. */
export interface Found {
  readonly payload: Payload | undefined
  readonly origin: MemoOrigin
}

/** What is to be kept of a success. */
export interface Keeping {
  readonly key: string
  /** How long (ms); for ever where absent. */
  readonly ttl: number | undefined
  /** Whose it is, for people. */
  readonly of: Readonly<Record<string, string>>
}

interface Known {
  readonly at: number
  readonly expiresAt: number | null
}

interface Flight {
  /** One, but for forks of a run that was at it: these are at it as well. */
  readonly workers: Worker[]
  readonly waiting: Set<() => void>
}

/** Expired ones are looked for no more often (ms). */
const sweepEvery = 60_000

export interface MemosHost {
  readonly store: Pick<StoreReader, 'keepsake'>
  readonly clock: Clock
  /** Most outputs that are kept. */
  readonly most: number
}

/** All keys are known in memory, so that a miss costs no read; what they stand for is read when it is wanted. */
export class Memos {
  readonly #host: MemosHost
  /** The one that was written last at the end. */
  readonly #known = new Map<string, Known>()
  readonly #flights = new Map<string, Flight>()
  #swept: number
  #open = false

  constructor(host: MemosHost) {
    this.#host = host
    this.#swept = host.clock.now()
  }

  /** Takes in what the store keeps. @returns what it needs not keep any longer. */
  load(heads: readonly KeepsakeHead[]): readonly KeepsakeChange[] {
    for (const { key, at, expiresAt } of heads) this.#known.set(key, { at, expiresAt })
    return [...this.#expired(), ...this.#pushedOut(0)]
  }

  /** Whether an output is kept that was made after `after` (ms since the epoch). */
  has(key: string, after: number): boolean {
    const known = this.#known.get(key)
    if (known === undefined || known.at <= after) return false
    return known.expiresAt === null || known.expiresAt > this.#host.clock.now()
  }

  async read(key: string): Promise<Found | undefined> {
    const kept = await this.#host.store.keepsake(key)
    if (kept === undefined) return undefined
    const { run } = JSON.parse(kept.body) as { readonly run: string }
    return { payload: kept.payload ?? undefined, origin: { run, at: kept.at } }
  }

  /** Begins to work on it, unless somebody does. @returns the run that does; '' where that is not known yet. */
  take(key: string, worker: Worker): string | undefined {
    const { workers } = this.#flightOf(key)
    const other = workers.find((one) => !same(one, worker))
    if (other !== undefined) return other.run
    // until all runs are back, not all who are at work are known; attempts are never at work over a restart
    if (workers.length === 0 && !this.#open && typeof worker.place === 'string') return ''
    this.occupy(key, worker)
    return undefined
  }

  /** Calls back when it is worth looking again. */
  wait(key: string, again: () => void): Cancel {
    const { waiting } = this.#flightOf(key)
    waiting.add(again)
    return () => waiting.delete(again)
  }

  /** One that was found at work, whoever else wants to work on it. */
  occupy(key: string, worker: Worker): void {
    const { workers } = this.#flightOf(key)
    if (!workers.some((one) => same(one, worker))) workers.push(worker)
  }

  /** It is no longer at work, and nothing came of it: the next may try. */
  leave(key: string, worker: Worker): void {
    const flight = this.#flights.get(key)
    if (flight !== undefined && takenOut(flight, worker)) this.#handOn(key, flight)
  }

  /** The run stands still: others may do what it was at. */
  vacate(run: string): void {
    for (const [key, { workers }] of this.#flights)
      for (const worker of workers.filter((one) => one.run === run)) this.leave(key, worker)
  }

  /** What a success has to be written with, and what is done once it is. */
  keep(
    { key, ttl, of }: Keeping,
    worker: Worker,
    payload: Payload | undefined,
  ): readonly [KeepsakeChange[], Effect] {
    const at = this.#host.clock.now()
    const expiresAt = ttl === undefined ? null : at + ttl
    const body = JSON.stringify({ run: worker.run, ...of })
    const kept = { kind: 'memo', key, at, expiresAt, body, payload: payload ?? null } as const
    const gone = [...(at - this.#swept < sweepEvery ? [] : this.#expired()), ...this.#pushedOut(1)]
    return [[...gone, kept], new Kept(this, kept, worker)]
  }

  /** @internal */
  kept(key: string, known: Known, worker: Worker): void {
    this.#known.delete(key)
    this.#known.set(key, known)
    const flight = this.#flights.get(key)
    if (flight === undefined) return
    takenOut(flight, worker)
    const waiting = [...flight.waiting]
    flight.waiting.clear()
    if (flight.workers.length === 0) this.#flights.delete(key)
    // never within the turn of another
    if (waiting.length > 0) this.#host.clock.soon(() => waiting.forEach((again) => again()))
  }

  /** All who are at work are known. */
  openAll(): void {
    this.#open = true
    for (const [key, flight] of this.#flights) this.#handOn(key, flight)
  }

  /** The first who waits and still wants to goes on. */
  #handOn(key: string, flight: Flight): void {
    if (flight.workers.length > 0) return
    if (flight.waiting.size === 0) return void this.#flights.delete(key)
    this.#host.clock.soon(() => {
      // each once: until all runs are back, a chain that is called waits anew
      const inLine = [...flight.waiting]
      for (const next of inLine) {
        if (flight.workers.length > 0) break
        if (flight.waiting.delete(next)) next()
      }
      const idle = flight.workers.length === 0 && flight.waiting.size === 0
      if (idle && this.#flights.get(key) === flight) this.#flights.delete(key)
    })
  }

  #flightOf(key: string): Flight {
    let flight = this.#flights.get(key)
    if (flight === undefined) this.#flights.set(key, (flight = { workers: [], waiting: new Set() }))
    return flight
  }

  #expired(): readonly KeepsakeChange[] {
    const now = this.#host.clock.now()
    this.#swept = now
    return [...this.#known].flatMap(([key, { expiresAt }]) =>
      expiresAt !== null && expiresAt <= now ? [this.#letGo(key)] : [],
    )
  }

  /** The oldest go where there would be too many with `more` of them. */
  #pushedOut(more: number): readonly KeepsakeChange[] {
    const over = this.#known.size + more - this.#host.most
    return over <= 0 ? [] : [...this.#known.keys().take(over)].map((key) => this.#letGo(key))
  }

  #letGo(key: string): KeepsakeChange {
    this.#known.delete(key)
    return { gone: key }
  }
}

class Kept implements Effect {
  readonly #memos: Memos
  readonly #kept: Known & { readonly key: string }
  readonly #worker: Worker

  constructor(memos: Memos, kept: Known & { readonly key: string }, worker: Worker) {
    this.#memos = memos
    this.#kept = kept
    this.#worker = worker
  }

  committed(): void {
    const { key, at, expiresAt } = this.#kept
    this.#memos.kept(key, { at, expiresAt }, this.#worker)
  }

  dropped(): void {
    this.#memos.leave(this.#kept.key, this.#worker)
  }
}

/** Takes it out. @returns whether it was there. */
function takenOut({ workers }: Flight, worker: Worker): boolean {
  const at = workers.findIndex((one) => same(one, worker))
  if (at >= 0) workers.splice(at, 1)
  return at >= 0
}

function same(a: Worker, b: Worker): boolean {
  return a.run === b.run && a.place === b.place
}
