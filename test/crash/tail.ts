// The torn tail of the write-ahead log: the store of a killed job with its log cut at every byte, and with bits flipped.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSqliteStore } from '../../src/sqlite/store.ts'
import { sampleBatch, sampleRow } from '../../src/testing/conformance/case.ts'
import type { Chance } from './aim.ts'
import { notAPrefix, readImage, type Image } from './image.ts'
import { followLines } from './lines.ts'
import { mixedAlone } from './mixed.ts'
import { goOn } from './power/judge.ts'
import { startJob } from './process.ts'

export interface Tail {
  /** How many of the last frames are torn. */
  readonly frames: number
  /** From one cut to the next, in bytes; frames' own bounds and what is next to them are always cut at. */
  readonly every: number
  /** So many flipped bits, drawn from those frames. */
  readonly bits: number
  /** From so many of the cuts and flips the job goes on to its end. */
  readonly goesOn: number
  readonly chance: Chance
}

export interface Torn {
  readonly cuts: number
  readonly flips: number
  readonly wentOn: number
  /** Different journals that were found. */
  readonly lengths: number
  readonly problems: readonly string[]
}

const orders = 6
const header = 32
const frameHeader = 24

interface Frame {
  readonly from: number
  readonly to: number
  /** It ends a transaction. */
  readonly commits: boolean
}

/** The frames of the log as it is: what is left of an older round has other salts. */
function framesIn(log: Buffer): readonly Frame[] {
  const size = frameHeader + log.readUInt32BE(8)
  const salts = log.subarray(16, 24)
  const frames: Frame[] = []
  for (let from = header; from + size <= log.length; from += size) {
    if (!log.subarray(from + 8, from + 16).equals(salts)) break
    frames.push({ from, to: from + size, commits: log.readUInt32BE(from + 4) > 0 })
  }
  return frames
}

export async function tearTail(folder: string, { frames, every, bits, goesOn, chance }: Tail): Promise<Torn> {
  const origin = await killedJob(join(folder, 'origin'))
  const log = readFileSync(`${origin}-wal`)
  const all = framesIn(log)
  const last = all.slice(-frames)
  const [begin, end] = [last[0]?.from ?? header, last.at(-1)?.to ?? header]
  const whole = await imageWith(folder, origin, log)
  const problems = whole.problems.map((problem) => `before anything was torn: ${problem}`)
  /** How many events are durable where the log is sound up to there, told by SQLite alone. */
  const expected = new Map<number, number>()
  const commits = [header, ...all.filter(({ commits: does }) => does).map(({ to }) => to)]
  const soundUpTo = (at: number): number => commits.findLast((to) => to <= at) ?? header
  const lengthAt = async (at: number): Promise<number> => {
    const sound = soundUpTo(at)
    const known = expected.get(sound)
    if (known !== undefined) return known
    const { rows } = await imageWith(folder, origin, log.subarray(0, sound))
    expected.set(sound, rows.length)
    return rows.length
  }
  const places = new Set<number>()
  for (let at = begin; at <= end; at += every) places.add(at)
  for (const { from, to } of last)
    for (const near of [-1, 0, 1, frameHeader, frameHeader + 1])
      places.add(Math.min(end, from + near)).add(to)
  const cuts = [...places].filter((at) => at >= begin)
  const flips = Array.from(
    { length: bits },
    () => (begin + Math.floor(chance() * (end - begin))) * 8 + Math.floor(chance() * 8),
  )
  const torn = [
    ...cuts.map((at) => ({ told: `cut at byte ${at}`, sound: at, log: () => log.subarray(0, at) })),
    ...flips.map((bit) => ({
      told: `bit ${bit % 8} of byte ${bit >> 3} flipped`,
      // its whole frame, and all behind it, counts no more
      sound: last.find(({ to }) => to > bit >> 3)?.from ?? begin,
      log: () => flipped(log, bit),
    })),
  ]
  let wentOn = 0
  for (const [place, one] of torn.entries()) {
    const tell = (problem: string): void => void problems.push(`${one.told}: ${problem}`)
    const store = lay(folder, origin, one.log())
    const length = await lengthAt(one.sound)
    for (const problem of await opens(store, whole, length)) tell(problem)
    if (place % Math.ceil(torn.length / goesOn) === 0 && wentOn < goesOn) {
      wentOn++
      const again = join(folder, 'again')
      rmSync(again, { recursive: true, force: true })
      lay(folder, origin, one.log(), again)
      writeFileSync(join(again, 'counter'), '')
      for (const problem of await goOn(again, orders, mixedAlone)) tell(problem)
    }
  }
  return {
    cuts: cuts.length,
    flips: flips.length,
    wentOn,
    lengths: new Set(expected.values()).size,
    problems,
  }
}

/** The job, killed while its log was full. @returns its store. */
async function killedJob(folder: string): Promise<string> {
  const job = mixedAlone(orders, folder, 'full')
  let kill = (): void => {}
  const lines = followLines(job.counter, () => {
    if (lines.all.length === orders * 60) kill()
  })
  try {
    const child = startJob({ ...job.command, env: { ...job.command.env, CATENARY_COUNT_SYNC: 'off' } })
    kill = child.kill
    const { code, said } = await child.ended
    if (code !== null) throw new Error(`the job was to be killed, and ended with ${code}: ${said}`)
    return job.store
  } finally {
    lines.close()
  }
}

function flipped(log: Buffer, bit: number): Buffer {
  const copy = Buffer.from(log)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit % 8))
  return copy
}

function lay(folder: string, origin: string, log: Buffer, into = join(folder, 'torn')): string {
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  const store = join(into, 'app.db')
  if (existsSync(origin)) copyFileSync(origin, store)
  writeFileSync(`${store}-wal`, log)
  return store
}

const imageWith = async (folder: string, origin: string, log: Buffer): Promise<Image> =>
  readImage(lay(folder, origin, log))

/** It opens, holds how the journal began, up to the last commit that is whole, is sound, and can be written. */
async function opens(store: string, whole: Image, length: number): Promise<readonly string[]> {
  const problems: string[] = []
  const opening = createSqliteStore(store, { writer: 'inline', durability: 'normal' })
  try {
    const { lastSeq } = await opening.open()
    if (lastSeq !== length) problems.push(`the journal ends at ${lastSeq}, and ${length} events were whole`)
    const rows = await opening.journal({ after: 0, limit: 1_000_000 })
    problems.push(...notAPrefix(rows, whole.rows))
    await opening.append(sampleBatch({ rows: [sampleRow(lastSeq + 1, { run: '' })] }))
  } finally {
    await opening.close()
  }
  const database = new DatabaseSync(store)
  const found = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
  database.close()
  return [...problems, ...found.flatMap(({ integrity_check: text }) => (text === 'ok' ? [] : [text]))]
}
