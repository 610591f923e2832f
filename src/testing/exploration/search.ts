// The order in which faults are tried: each at every new place, by the shortest way there, then several drawn by seed.

import { createRandom } from '../../kernel/random.ts'
import { type Fault, faultsAt, recurring } from './fault.ts'
import { type Fate, type Story, fateOf } from './story.ts'

/** How often a fault that recurs strikes after its first time. */
const mostAgain = 4
/** Most faults that are drawn for one run. */
const mostDrawn = 5

/** How far it goes; as in the options of an exploration. */
export interface Bounds {
  readonly seed: number
  readonly stories: number
  readonly drawn: number
}

export interface Searched {
  /** The first in which something does not hold. */
  readonly story: Story | undefined
  readonly places: number
  readonly leftOut: number
}

export async function search(
  run: (fate: Fate, placedAfter?: number) => Promise<Story>,
  { seed, stories, drawn }: Bounds,
): Promise<Searched> {
  const places = new Set<string>()
  const queue: { readonly script: readonly Fault[]; readonly again?: number }[] = [{ script: [] }]
  let told = 0
  for (; told < stories && told < queue.length; told++) {
    const next = queue[told]
    const story = await run(fateOf(next?.script ?? [], next?.again), next?.script.length)
    if (story.broken !== undefined) return { story, places: places.size, leftOut: queue.length - told - 1 }
    for (const { at, nth, place, scene, before } of story.turns) {
      if (place === '' || places.has(place)) continue
      places.add(place)
      const way = story.faults.slice(0, before)
      const all = faultsAt(scene).map((what) => [...way, { at, ...(nth === 1 ? {} : { nth }), ...what }])
      queue.push(...all.map((script) => ({ script })))
      if (scene.kind !== 'attempt') continue
      const lasting = all.filter((one) => recurring.has(one.at(-1)?.does ?? 'cancel'))
      queue.push(...lasting.map((script) => ({ script, again: mostAgain })))
    }
  }
  const leftOut = queue.length - told
  for (let index = 0; index < drawn; index++) {
    const story = await run(drawnFate(createRandom(seed * 1_000_003 + index)))
    if (story.broken !== undefined) return { story, places: places.size, leftOut }
  }
  return { story: undefined, places: places.size, leftOut }
}

/** Of all that can go wrong, each run draws from some kinds only: so that rare ones meet. */
function drawnFate(random: () => number): Fate {
  const chance = 0.15 + random() * 0.6
  const spared = 0.3 + random() * 0.6
  const kinds = new Map<string, boolean>()
  let left = mostDrawn
  return ({ at, nth, scene }) => {
    if (left === 0 || random() >= chance) return undefined
    const all = faultsAt({ ...scene, commits: 2 }).filter(({ does }) => {
      if (!kinds.has(does)) kinds.set(does, random() >= spared)
      return kinds.get(does)
    })
    const what = all[Math.floor(random() * all.length)]
    if (what === undefined) return undefined
    left--
    return { at, ...(nth === 1 ? {} : { nth }), ...what }
  }
}
