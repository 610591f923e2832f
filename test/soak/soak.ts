// A real process over a real file, for very long: short runs without end, or runs that only sleep, and what that takes.

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type * as Catenary from '../../src/index.ts'
import { type Drift, driftOf } from './drift.ts'
import { createLoad, type Ends, expectedEnds, type Package } from './load.ts'
import { resident, residentAtRest, longestRest } from './rest.ts'
import { type Vitals, watchVitals } from './vitals.ts'

/** So many runs until the store's cache of runs has grown to its full size. */
const warmAfter = 40_000
/** Fewer stretches tell nothing. */
const fewest = 5

export interface Stretch extends Vitals {
  /** Runs that had ended by its end. */
  readonly runs: number
  readonly seconds: number
}

/** What was resident while nothing went on, after so many runs. */
export interface Rest {
  readonly runs: number
  /** In MB. */
  readonly rss: number
}

export interface Soaked {
  readonly stretches: readonly Stretch[]
  /** Once it was warm, and in the end. */
  readonly rests: readonly Rest[]
  readonly ends: Ends
  readonly expected: Ends
  /** From when it was warm; undefined where it was for too short a time. `rss` is under load, and nothing is held to it. */
  readonly drifts: { readonly rss: Drift; readonly heap: Drift } | undefined
  /** What is wrong, in words. */
  readonly problems: readonly string[]
}

export interface Terms {
  readonly folder: string
  readonly runs: number
  /** In how many stretches. Default 20. */
  readonly parts?: number
  /** Told of each stretch as it ends. */
  readonly tell: (stretch: Stretch) => void
  /** Told of each rest. */
  readonly tellRest?: (rest: Rest) => void
  /** What resident memory at rest, and the heap, may rise, in %. Default 5. */
  readonly most?: number
  /** Seconds that a rest takes at most. Default 150. */
  readonly rest?: number
}

/** From so many runs on it is warm. */
const warmFrom = (runs: number): number => Math.max(warmAfter, runs / 10)

/** Does so many short runs, at full durability. */
export async function soak(
  catenary: Package,
  { folder, runs, tell, tellRest = () => {}, parts = 20, most = 5, rest = longestRest }: Terms,
): Promise<Soaked> {
  const file = join(folder, 'soak.db')
  const watch = watchVitals(file)
  const load = createLoad(catenary)
  const supervisor = await catenary.createSupervisor({ chains: load.chains, store: file })
  const ends: Record<string, number> = {}
  const stretches: Stretch[] = []
  const rests: Rest[] = []
  try {
    let begun = 0
    for (let part = 1; part <= parts; part++) {
      const before = performance.now()
      await inLanes({ times: Math.round((runs * part) / parts) - begun, inFlight: 500 }, async () => {
        const end = await load.run(supervisor, begun++)
        ends[end] = (ends[end] ?? 0) + 1
      })
      const seconds = (performance.now() - before) / 1000
      const stretch = { runs: begun, seconds, ...(await watch.take()) }
      stretches.push(stretch)
      tell(stretch)
      if (part < parts && (rests.length > 0 || begun < warmFrom(runs))) continue
      rests.push({ runs: begun, rss: await residentAtRest(rest) })
      tellRest(rests.at(-1) as Rest)
      watch.forget()
    }
  } finally {
    watch.stop()
    await supervisor.stop()
  }
  return judge(stretches, {
    rests,
    ends: { succeeded: 0, failed: 0, cancelled: 0, ...ends },
    expected: expectedEnds(runs),
    most,
  })
}

/** @param most what resident memory at rest, and the heap, may rise, in %. */
export function judge(
  stretches: readonly Stretch[],
  { rests, ends, expected, most }: Pick<Soaked, 'rests' | 'ends' | 'expected'> & { readonly most: number },
): Soaked {
  const total = stretches.at(-1)?.runs ?? 0
  // the rest once it is warm leaves V8 small again
  const warm = stretches.filter(({ runs }) => runs > warmFrom(total) * 1.5)
  const drifts =
    warm.length < fewest
      ? undefined
      : { rss: driftOf(warm.map(({ rss }) => rss)), heap: driftOf(warm.map(({ heap }) => heap)) }
  const [begin, end] = [rests[0], rests.at(-1)]
  const rises = {
    'resident memory at rest': begin && end ? (end.rss / begin.rss - 1) * 100 : 0,
    heap: drifts?.heap.rise ?? 0,
  }
  const problems = Object.entries(rises).flatMap(([what, rise]) =>
    rise > most ? [`${what} rises by ${rise.toFixed(1)} %, more than ${most}`] : [],
  )
  // what is open does not warm up, but for the writer's thread
  const [first, last] = [warm[0] ?? stretches[Math.floor(stretches.length / 2)], stretches.at(-1)]
  for (const what of ['files', 'timers', 'listeners'] as const)
    if (first !== undefined && last !== undefined && last[what] > first[what])
      problems.push(`${what} grow from ${first[what]} to ${last[what]}`)
  if (JSON.stringify(sorted(ends)) !== JSON.stringify(sorted(expected)))
    problems.push(`runs have ended as ${JSON.stringify(ends)}, and not as ${JSON.stringify(expected)}`)
  return { stretches, rests, ends, expected, drifts, problems }
}

const sorted = (ends: Ends): readonly (readonly [string, number])[] =>
  Object.entries(ends).toSorted(([a], [b]) => (a < b ? -1 : 1))

export interface Slept {
  readonly runs: number
  readonly seconds: number
  /** What is resident once all sleep, in MB: at once, as V8 keeps what it took to start them, and after a rest. */
  readonly rss: number
  readonly rested: number
}

/** Puts so many runs to sleep, as `npm run bench -- --only sleeping` does. */
export async function soakAsleep(
  { chain, createSupervisor }: Package,
  {
    folder,
    runs,
    tell,
    tellRest = () => {},
    parts = 20,
    rest = longestRest,
  }: Pick<Terms, 'folder' | 'runs' | 'parts' | 'rest'> & {
    readonly tell: (slept: Omit<Slept, 'rested'>) => void
    /** Told what is resident, in MB, after so many seconds of the rest. */
    readonly tellRest?: (seconds: number, rss: number) => void
  },
): Promise<Slept> {
  const nap = chain('nap').sleep('nap', '1h')
  const store = join(folder, 'asleep.db')
  const supervisor = await createSupervisor({ chains: [nap], store })
  const before = performance.now()
  const slept = (count: number): Omit<Slept, 'rested'> => ({
    runs: count,
    seconds: (performance.now() - before) / 1000,
    rss: resident(),
  })
  let begun = 0
  for (let part = 1; part <= parts; part++) {
    const until = Math.round((runs * part) / parts)
    await inLanes({ times: until - begun, inFlight: 100 }, async () => supervisor.start(nap))
    begun = until
    await allAsleep(supervisor)
    tell(slept(begun))
  }
  const after = { ...slept(begun), rested: await residentAtRest(rest, tellRest) }
  await supervisor.stop()
  return after
}

async function allAsleep(supervisor: Catenary.Supervisor): Promise<void> {
  while ((await supervisor.list({ status: ['running'], limit: 1 })).length > 0) await pause(10)
}

async function inLanes(
  { times, inFlight }: { readonly times: number; readonly inFlight: number },
  one: () => Promise<unknown>,
): Promise<void> {
  let left = times
  const lane = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
}
