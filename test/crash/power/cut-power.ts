// Cuts the power of a recorded job at many instants, and judges what is left each time.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import type { Chance } from '../aim.ts'
import type { Look } from '../image.ts'
import { mixedAlone } from '../mixed.ts'
import type { Mercy } from './content.ts'
import { createDisk } from './disk.ts'
import { goOn, judge, open } from './judge.ts'
import { createTold, drawInstants, everyCommit, syncsOf } from './instants.ts'
import { type JobOf, record, type Recording } from './recording.ts'

export interface PowerOptions {
  readonly orders: number
  /** How often the power is cut; or once after every commit. */
  readonly points: number | 'every commit'
  readonly durability: 'full' | 'normal'
  /** After one cut of so many the job goes on to its end; 0: never. */
  readonly goOnEvery: number
  readonly chance: Chance
  /** What is recorded. Default the mixed job. */
  readonly job?: JobOf
  /** Looks at what else is in the store's file, after every cut. */
  readonly look?: Look
}

export interface PowerReport {
  readonly deeds: number
  readonly syncs: number
  /** How often the log was carried over into the file. */
  readonly checkpoints: number
  readonly events: number
  readonly points: number
  readonly wentOn: number
  /** How many promises were put to the test, over all points. */
  readonly promises: number
  readonly mercies: Readonly<Record<Mercy, number>>
  /** At how many points something that was promised is gone. */
  readonly losing: number
  /** What was promised and is gone. */
  readonly lost: readonly string[]
  readonly broken: readonly string[]
}

export async function cutPower(options: PowerOptions): Promise<PowerReport> {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-power-'))
  try {
    return await cutAt(folder, await record(folder, { ...options, killAt: options.orders * 15 }), options)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function cutAt(
  folder: string,
  recording: Recording,
  { orders, points, goOnEvery, chance, job = mixedAlone, look }: PowerOptions,
): Promise<PowerReport> {
  const { store, counter, deeds, final } = recording
  const disk = createDisk()
  const told = createTold(counter)
  const instants =
    points === 'every commit' ? everyCommit(recording) : drawInstants(recording, points, chance)
  const mercies: Record<Mercy, number> = { none: 0, first: 0, some: 0, torn: 0, all: 0 }
  const lost: string[] = []
  const broken: string[] = []
  const sums = { points: 0, wentOn: 0, promises: 0, losing: 0 }
  for (const [place, deed] of deeds.entries()) {
    disk.apply(deed)
    told.apply(deed)
    for (let times = instants.get(place) ?? 0; times > 0; times--) {
      const { mercy, files } = disk.cut(chance)
      mercies[mercy]++
      const tell = (problem: string): string =>
        `cut at deed ${place} of ${deeds.length} (${mercy}): ${problem}`
      const left = join(folder, `cut-${sums.points++}`)
      lay(left, store, files, chance)
      const cut = join(left, basename(store))
      const said = told.said()
      sums.promises += said.length
      try {
        const verdict = await judge(cut, said, final, look)
        if (verdict.lost.length > 0) sums.losing++
        lost.push(...verdict.lost.map(tell))
        broken.push(...verdict.broken.map(tell))
        const goesOn = goOnEvery > 0 && sums.points % goOnEvery === 0
        if (goesOn) sums.wentOn++
        broken.push(...(goesOn ? await goOn(left, orders, job) : await open(cut)).map(tell))
      } catch (error) {
        broken.push(tell(String(error)))
      }
      rmSync(left, { recursive: true })
    }
  }
  const syncs = deeds.filter(({ operation }) => operation === 'sync-ended').length
  const checkpoints = syncsOf(store, deeds).length
  return {
    deeds: deeds.length,
    syncs,
    checkpoints,
    events: final.rows.length,
    ...sums,
    mercies,
    lost,
    broken,
  }
}

/** Lays out the store's files as the cut has left them; of what lies in shared memory, anything may be found. */
function lay(folder: string, store: string, files: ReadonlyMap<string, Buffer>, chance: Chance): void {
  mkdirSync(folder)
  for (const [path, bytes] of files)
    if (dirname(path) === dirname(store) && basename(path).startsWith(basename(store)))
      writeFileSync(join(folder, basename(path)), bytes)
  if (chance() < 0.3)
    writeFileSync(join(folder, `${basename(store)}-shm`), Buffer.alloc(32_768, Math.floor(chance() * 256)))
}
