// The instants of a recorded job at which its power is cut, and what it had said by then.

import type { Chance } from '../aim.ts'
import { readLine, type Said } from '../lines.ts'
import type { Deed } from './recorder.ts'
import type { Recording } from './recording.ts'

/** So many deeds, about, make a file, or carry a short log over. */
const near = 80

/** At the end of every commit, which is where one that ought to be together would fall apart. */
export function everyCommit({ deeds, store }: Recording): ReadonlyMap<number, number> {
  return new Map(syncsOf(`${store}-wal`, deeds).map((place) => [place, 1]))
}

/** Of ten: four right after something was promised, three anywhere, two near a checkpoint, one as the file is made. */
export function drawInstants(
  { deeds, counter, store }: Recording,
  points: number,
  chance: Chance,
): ReadonlyMap<number, number> {
  const told = createTold(counter)
  const promising = deeds.flatMap((deed, place) => (told.apply(deed) ? [place] : []))
  const checkpoints = syncsOf(store, deeds)
  const any = (places: readonly number[]): number => places[Math.floor(chance() * places.length)] ?? 0
  const instants = new Map<number, number>()
  for (let point = 0; point < points; point++) {
    const kind = point % 10
    const drawn =
      kind < 4
        ? any(promising)
        : kind < 7
          ? chance() * deeds.length
          : kind < 9
            ? any(checkpoints) + (chance() - 0.7) * near
            : chance() * near
    const place = Math.min(deeds.length - 1, Math.max(0, Math.floor(drawn)))
    instants.set(place, (instants.get(place) ?? 0) + 1)
  }
  return instants
}

/** Where a file was synced. */
export function syncsOf(file: string, deeds: readonly Deed[]): readonly number[] {
  const handles = new Set<string>()
  return deeds.flatMap(({ operation, handle, bytes }, place) => {
    if ((operation === 'opened' || operation === 'created') && bytes.toString() === file) handles.add(handle)
    return operation === 'sync-ended' && handles.has(handle) ? [place] : []
  })
}

/** What the job had said when a deed was done. */
export function createTold(counter: string): { apply(deed: Deed): boolean; said(): readonly Said[] } {
  const handles = new Set<string>()
  const said: Said[] = []
  return {
    apply({ operation, handle, bytes }) {
      if (operation === 'opened' || operation === 'created') {
        if (bytes.toString() === counter) handles.add(handle)
        return false
      }
      if (operation !== 'written' || !handles.has(handle)) return false
      // each line is one write
      said.push(readLine(bytes.toString().trimEnd()))
      return true
    },
    said: () => [...said],
  }
}
