// What the rows run: chains of plain steps, so many at a time, over a store of each durability.

import { join } from 'node:path'
import type { Attributes } from '../../src/definition/attributes.ts'
import { chain, createSupervisor } from '../../src/index.ts'
import type { AnyChain, Chain, Store, Supervisor } from '../../src/index.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { createSqliteStore } from '../../src/sqlite.ts'

/** How well a store keeps what it acknowledged. */
export type Keeping = 'full' | 'normal' | 'memory'

export const keepings: readonly Keeping[] = ['full', 'normal', 'memory']

/** How tables name it. */
export const durabilityOf: Readonly<Record<Keeping, string>> = {
  full: 'full fsync',
  normal: 'no fsync',
  memory: 'memory',
}

let made = 0

/** A file that does not exist yet. */
export function freshFile(folder: string): string {
  return join(folder, `${process.pid}-${++made}.db`)
}

export function freshStore(folder: string, keeping: Keeping): Store {
  if (keeping === 'memory') return createMemoryStore()
  return createSqliteStore(freshFile(folder), { durability: keeping })
}

/** A chain without input. */
export type Flow = Chain<
  { readonly in: undefined; readonly out: undefined; readonly attributes: Attributes },
  {},
  unknown,
  unknown
>

/** A chain of so many steps that all do the same. */
export function chainOf(steps: number, body: () => unknown, id = 'bench'): Flow {
  let built = chain(id) as Flow
  for (let at = 0; at < steps; at++) built = built.step(`step-${at}`, body)
  return built
}

/** A step that does nothing, but as most do, by a promise. */
export const nothing = async (): Promise<number> => 1

export const milliseconds = async (ms: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, ms))

/** Does `one` so many times, so many at once; returns how many seconds that took. */
export async function drive(
  one: () => Promise<unknown>,
  { times, inFlight }: { readonly times: number; readonly inFlight: number },
): Promise<number> {
  let begun = 0
  const lane = async (): Promise<void> => {
    while (begun < times) {
      begun++
      await one()
    }
  }
  return wallTime(async () => Promise.all(Array.from({ length: inFlight }, lane)))
}

/** Seconds of processor time that `work` takes on all threads: what is left of it when others use the machine too. */
export async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

export async function wallTime(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return (performance.now() - before) / 1000
}

/** A supervisor whose slots are never short, over a store that is new. */
export async function supervise(
  chains: readonly AnyChain[],
  store: Store,
  slots = 100_000,
): Promise<Supervisor> {
  return createSupervisor({ chains, store, concurrency: slots })
}
