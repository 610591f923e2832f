// Disks and other programs that get in the way of a working job: full, read-only, locked; kills between; the audit as ever.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Chance } from './aim.ts'
import { audit, type Left } from './audit.ts'
import { imageOf } from './image.ts'
import { followLines } from './lines.ts'
import { mixedAlone } from './mixed.ts'
import { startJob } from './process.ts'

/** What gets in the way: from the start of a process, or once it works. */
export type Fault = 'kill' | 'full' | 'full, and a kill' | 'locked' | 'locked before' | 'read-only before'

export const faults: readonly Fault[] = [
  'kill',
  'full',
  'locked',
  'locked before',
  'read-only before',
  'full, and a kill',
]

export interface Suffered {
  readonly struck: readonly Fault[]
  readonly problems: readonly string[]
}

/** A process that has lost its store must end by itself, and not hang (ms). */
const patience = 60_000

/** Why no small disk can be mounted here; undefined where one can. */
export function noSmallDisk(): string | undefined {
  return process.platform === 'linux' && process.geteuid?.() === 0
    ? undefined
    : 'mounting a small disk needs root on Linux'
}

/** @param wanted in order; each strikes one process, and the next goes on with the store. */
export async function suffer(
  folder: string,
  wanted: readonly Fault[],
  { orders, chance }: { readonly orders: number; readonly chance: Chance },
): Promise<Suffered> {
  const disk = join(folder, 'disk')
  mkdirSync(disk, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk], { stdio: 'ignore' })
  const counter = join(folder, 'counter')
  const job = mixedAlone(orders, disk, 'full')
  const [file, ...given] = job.command.line
  const command = {
    line: [file, ...given, '--busy', '200'] as const,
    env: { CATENARY_COUNT_FILE: counter, CATENARY_COUNT_SYNC: 'off' },
  }
  const problems: string[] = []
  const left: Left[] = []
  const struck: Fault[] = []
  let wake = (): void => {}
  const lines = followLines(counter, () => wake())
  try {
    for (const fault of [...wanted, undefined]) {
      const lift = fault === undefined ? undefined : before(fault, disk, job.store)
      const child = startJob(command)
      const timer = setTimeout(() => {
        problems.push(`a process did not end within ${patience} ms of ${fault ?? 'its start'}`)
        child.kill()
      }, patience)
      let meanwhile: (() => void) | undefined
      const due = lines.all.length + 20 + Math.floor(chance() * orders * 12)
      wake = (): void => {
        if (lines.all.length < due || fault === undefined || meanwhile !== undefined) return
        meanwhile = during(fault, disk, job.store)
        if (fault.endsWith('kill')) child.kill()
      }
      const { code, said } = await child.ended
      clearTimeout(timer)
      wake = () => {}
      lift?.()
      meanwhile?.()
      lines.read()
      left.push({ image: await imageOf(job.store), lines: lines.all.length })
      // it had nothing left to write when it was struck; what it has done is audited below
      if (code === 0) break
      const isStruck = lift !== undefined || meanwhile !== undefined
      if (fault !== undefined && isStruck) struck.push(fault)
      if (fault === undefined || !isStruck || wrongEnd(fault, code, said))
        problems.push(`after ${fault ?? 'no fault'} a process ended with ${code}: ${said}`)
    }
    problems.push(...audit(lines.all, left))
    if (problems.length === 0) problems.push(...(await job.finish()))
    return { struck, problems }
  } finally {
    lines.close()
    execFileSync('umount', [disk])
  }
}

/** What each must be told. */
const told: Readonly<Record<Exclude<Fault, 'kill' | 'full, and a kill'>, RegExp>> = {
  full: /STORE_UNAVAILABLE/,
  locked: /STORE_UNAVAILABLE/,
  'locked before': /STORE_UNAVAILABLE/,
  'read-only before': /STORE_READONLY/,
}

function wrongEnd(fault: Fault, code: number | null, said: string): boolean {
  if (fault === 'kill') return code !== null
  // the disk may be quicker than the kill
  if (fault === 'full, and a kill') return code !== null && !told.full.test(said)
  return code === null || !told[fault].test(said)
}

/** @returns how it is lifted; undefined where it strikes later. */
function before(fault: Fault, disk: string, store: string): (() => void) | undefined {
  if (fault === 'locked before' && existsSync(store)) return lock(store)
  if (fault !== 'read-only before') return undefined
  execFileSync('mount', ['-o', 'remount,ro', disk])
  return () => void execFileSync('mount', ['-o', 'remount,rw', disk])
}

function during(fault: Fault, disk: string, store: string): () => void {
  if (fault === 'locked') return lock(store)
  if (fault === 'full' || fault === 'full, and a kill') return fill(join(disk, 'ballast'))
  return () => {}
}

/** As another program does in the middle of a write. */
function lock(store: string): () => void {
  const database = new DatabaseSync(store, { timeout: 5_000 })
  database.exec('BEGIN IMMEDIATE')
  return () => database.close()
}

/** Leaves not a byte. */
function fill(ballast: string): () => void {
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // less may still do
    }
  }
  return () => rmSync(ballast)
}
