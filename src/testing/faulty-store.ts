// A store that fails as disks and processes do: before a write, after it, late, or with the power cut; seeded.

import { CatenaryError } from '../kernel/errors.ts'
import type { Clock } from '../kernel/clock.ts'
import { type Duration, toMs } from '../kernel/duration.ts'
import { type KnownOptions, unknownOptions } from '../kernel/known-options.ts'
import { shown } from '../kernel/shown.ts'
import type { Batch, Store, StoreClient } from '../journal/store.ts'
import { isObject, numberProblem, refuse } from './given.ts'
import { guardReads } from './guarded-reads.ts'

/** How likely each fault is, in [0, 1], at every append, or at every read; all default to 0. */
export interface StoreFaults {
  /** A read is rejected, the next may do. */
  readonly failRead?: number
  /** The append is rejected and nothing was written. */
  readonly failBefore?: number
  /** The append is rejected although it was written: its caller cannot know. */
  readonly failAfter?: number
  /** The power is cut while the append is under way. */
  readonly powerCut?: number
  /** An append takes up to this many milliseconds of the clock to be written and acknowledged. Default 0, at once. */
  readonly slowest?: number
  /** Called when the power was cut, by chance or by hand. */
  readonly onPowerCut?: () => void
}

/** A store whose disk and power are in a test's hands. */
export interface FaultyStore extends Store {
  /** How often each fault has struck. */
  readonly struck: Readonly<Record<Fault | 'failRead', number>>
  /** Makes the next append fail so, or the `nth` from now on, whatever chance says. */
  failNext(how: 'failBefore' | 'failAfter' | 'powerCut', nth?: number): void
  /** From now on every read is rejected; `false` ends that. */
  failReads(on?: boolean): void
  /** From now on nothing can be written, not even to open it: all of that is rejected; `false` makes room again. */
  fillDisk(on?: boolean): void
  /** From now on each append takes so long of the clock to be written and acknowledged. */
  takeFor(by: Duration): void
  /**
   * Cuts the power: what was acknowledged stays; of what was under way a prefix, chosen by chance, may have been
   * written. All calls are rejected until the store is opened again.
   */
  powerCut(): Promise<void>
  /**
   * The same, and this handle never answers again, as its process is dead: not even `open()`. Make another over
   * the same contents for the process that comes after.
   */
  kill(): Promise<void>
}

const known: KnownOptions<StoreFaults> = {
  failRead: true,
  failBefore: true,
  failAfter: true,
  powerCut: true,
  slowest: true,
  onPowerCut: true,
}

interface Underway {
  readonly batch: Batch
  readonly how: 'well' | Fault
  resolve(): void
  reject(error: CatenaryError): void
}

type Fault = 'failBefore' | 'failAfter' | 'powerCut'

/**
 * Wraps `inner` with faults drawn from the clock's chance.
 *
 * @throws CatenaryError BAD_OPTION
 * @example
 * ```ts
 * const contents = createMemoryContents()
 * const store = createFaultyStore(createMemoryStore(contents), clock, { powerCut: 0.01, slowest: 20 })
 * ```
 */
export function createFaultyStore(inner: Store, clock: Clock, faults: StoreFaults = {}): FaultyStore {
  const given: Readonly<Record<string, unknown>> = isObject(faults) ? faults : {}
  refuse([
    typeof (inner as Partial<Store> | undefined)?.append === 'function'
      ? undefined
      : 'createFaultyStore() takes a store to break: give createMemoryStore(createMemoryContents())',
    typeof (clock as Partial<Clock> | undefined)?.at === 'function'
      ? undefined
      : 'createFaultyStore() takes a clock: give createVirtualClock()',
    unknownOptions(faults, known, 'createFaultyStore()'),
    ...(['failRead', 'failBefore', 'failAfter', 'powerCut'] as const).map((name) =>
      numberProblem(given[name], name, { least: 0, most: 1 }),
    ),
    numberProblem(given['slowest'], 'slowest', { least: 0 }),
  ])
  const struck = { failBefore: 0, failAfter: 0, powerCut: 0, failRead: 0 }
  const underway: Underway[] = []
  let state: 'up' | 'failed' | 'cut' | 'dead' = 'up'
  let forced: { readonly how: Fault; after: number } | undefined
  let blind = false
  let full = false
  let takes: number | undefined
  let lastDue = 0
  let losing: Promise<void> = Promise.resolve()
  let ending: Promise<void> = Promise.resolve()

  const isUp = (): boolean => state === 'up'
  const isDead = (): boolean => state === 'dead'
  const refusal = (): CatenaryError =>
    new CatenaryError('STORE_UNAVAILABLE', 'The store failed, as this test wanted: open it again.')

  /** What chance, or the test, holds for the next append. */
  function fate(): 'well' | Fault {
    const now = forced !== undefined && forced.after-- <= 0
    const chosen = full ? 'failBefore' : now && forced !== undefined ? forced.how : drawn()
    if (now) forced = undefined
    if (chosen !== 'well' && chosen !== 'powerCut') struck[chosen]++
    return chosen
  }

  function drawn(): 'well' | Fault {
    for (const fault of ['failBefore', 'failAfter', 'powerCut'] as const) {
      const chance = faults[fault] ?? 0
      if (chance > 0 && clock.random() < chance) return fault
    }
    return 'well'
  }

  async function carryOut({ batch, how }: Underway): Promise<void> {
    if (how === 'failBefore') throw fail()
    await inner.append(batch)
    if (how === 'failAfter') throw fail()
  }

  function fail(): CatenaryError {
    state = 'failed'
    return refusal()
  }

  /** Ends the oldest append under way, unless the power was cut meanwhile. */
  async function endOldest(): Promise<void> {
    const [oldest] = underway
    if (!oldest || state === 'cut' || isDead()) return
    if (oldest.how === 'powerCut') {
      await cut('cut')
      return
    }
    underway.shift()
    if (state === 'failed') {
      oldest.reject(refusal())
      return
    }
    try {
      await carryOut(oldest)
      if (isUp()) oldest.resolve()
      else if (!isDead()) oldest.reject(refusal())
    } catch (error) {
      if (!isDead()) oldest.reject(CatenaryError.is(error) ? error : refusal())
    }
  }

  function cut(next: 'cut' | 'dead'): Promise<void> {
    if (state === 'cut' || state === 'dead') {
      if (next === 'dead') state = next
      return losing
    }
    const lost = underway.splice(0)
    // After a failed append nothing under way can have been written.
    const survivors = state === 'failed' ? 0 : Math.floor(clock.random() * (lost.length + 1))
    state = next
    struck.powerCut++
    losing = (async () => {
      for (const { batch } of lost.slice(0, survivors)) await inner.append(batch)
      await inner.close()
      if (!isDead()) for (const append of lost) append.reject(refusal())
    })()
    faults.onPowerCut?.()
    return losing
  }

  /** Lets a call through, rejects it, or leaves it without an answer, as the power goes. */
  async function whileUp<T>(call: () => Promise<T>): Promise<T> {
    if (state === 'dead') return new Promise(() => {})
    if (state === 'cut') throw refusal()
    return call()
  }

  /** A transaction is at once: it fails with nothing written, or with all of it, and the power goes in either. */
  function transact(write: NonNullable<Store['transact']>, work: Parameters<typeof write>[0]): boolean {
    if (state !== 'up') throw refusal()
    let how = 'well' as 'well' | Fault
    try {
      const done = write((transaction) => {
        const batch = work(transaction)
        // killed by the host's own function: what it wrote goes with the process
        if (isDead()) throw refusal()
        how = fate()
        if (how === 'failBefore' || (how === 'powerCut' && clock.random() < 0.5)) throw refusal()
        return batch
      })
      if (how === 'well') return done
      throw refusal()
    } finally {
      if (how === 'powerCut') void cut('cut')
      else if (how !== 'well') state = 'failed'
    }
  }

  async function read<T>(call: () => Promise<T>): Promise<T> {
    return whileUp(async () => {
      const { failRead = 0 } = faults
      if (!blind && (failRead === 0 || clock.random() >= failRead)) return call()
      struck.failRead++
      throw refusal()
    })
  }

  const write = inner.transact?.bind(inner)
  return {
    struck,
    ...(write === undefined ? {} : { transact: (work) => transact(write, work) }),
    durability: inner.durability,
    shared: inner.shared ?? false,
    ...besides(inner, read),
    failNext(how, nth = 1) {
      refuse([
        Object.hasOwn(struck, how) && how !== ('failRead' as string)
          ? undefined
          : `failNext() knows no ${shown(how)}: give failBefore, failAfter or powerCut`,
        numberProblem(nth, 'which append fails', { least: 1, whole: true }),
      ])
      forced = { how, after: nth - 1 }
    },
    failReads(on = true) {
      blind = on
    },
    fillDisk(on = true) {
      full = on
    },
    takeFor(by) {
      takes = toMs(by, 'takeFor')
    },
    powerCut: () => cut('cut'),
    kill: () => cut('dead'),
    async open() {
      if (state === 'dead') return new Promise(() => {})
      await losing
      if (full) throw refusal()
      if (state === 'failed') await inner.close()
      if (isDead()) return new Promise(() => {})
      const opened = await inner.open()
      if (isDead()) {
        // killed while it took the executor's lock, which goes with the process
        await inner.close()
        return new Promise(() => {})
      }
      state = 'up'
      return opened
    },
    append(batch) {
      if (state === 'dead') return new Promise(() => {})
      if (state !== 'up') throw refusal()
      const how = fate()
      const slowest = takes ?? faults.slowest ?? 0
      if (slowest === 0 && how === 'well' && underway.length === 0) return inner.append(batch)
      lastDue = Math.max(lastDue, clock.now() + (takes ?? clock.random() * slowest))
      return new Promise((resolve, reject) => {
        underway.push({ batch, how, resolve, reject })
        clock.at(lastDue, () => {
          ending = ending.then(endOldest)
        })
      })
    },
    setNote: (name, value) =>
      whileUp(async () => (full ? Promise.reject(refusal()) : inner.setNote(name, value))),
    post: (body, at) => whileUp(async () => (full ? Promise.reject(refusal()) : inner.post(body, at))),
    ...guardReads(inner, read),
    close: () => (state === 'up' || state === 'failed' ? inner.close() : losing),
  }
}

/** What other processes see of the store. */
function besides(
  inner: Store,
  guard: <T>(call: () => Promise<T>) => Promise<T>,
): Pick<Store, 'taken' | 'client'> {
  return {
    ...(inner.taken === undefined ? {} : { taken: () => inner.taken?.() === true }),
    ...(inner.client === undefined
      ? {}
      : {
          client() {
            const client = inner.client?.() as StoreClient
            return {
              ...guardReads(client, guard),
              post: (body, at) => guard(() => client.post(body, at)),
              close: () => client.close(),
            }
          },
        }),
  }
}
