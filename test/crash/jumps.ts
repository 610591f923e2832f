// Jumps of the clock: a real process takes the time for hours later or earlier, while it runs and from one to the next.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import type { Row } from '../../src/journal/store.ts'
import { decode } from '../../src/kernel/codec.ts'
import type { Chance } from './aim.ts'
import { audit, type Left } from './audit.ts'
import { imageOf } from './image.ts'
import { followLines } from './lines.ts'
import { startJob } from './process.ts'

const file = new URL('jobs/naps.ts', import.meta.url)
const shift = new URL('jobs/shift.ts', import.meta.url).href
const hour = 3_600_000
/** Longer than all naps together, and than the longest that a timer sleeps on after its clock was set forward (ms). */
const patience = 120_000

export interface Jumps {
  readonly jumps: number
  readonly ended: number
  readonly problems: readonly string[]
}

/**
 * @param processes that are killed, each after the clock has jumped while it ran; then one more ends by itself.
 * @param wakes whether the last one is to see for itself that its clock was set forward, which takes up to a minute.
 */
export async function jumpClock(
  folder: string,
  {
    naps,
    processes,
    wakes,
    chance,
  }: {
    readonly naps: number
    readonly processes: number
    readonly wakes: boolean
    readonly chance: Chance
  },
): Promise<Jumps> {
  mkdirSync(folder, { recursive: true })
  const store = join(folder, 'app.db')
  const counter = join(folder, 'counter')
  const shifted = join(folder, 'shift')
  let jumps = 0
  let furthest = 0
  const jumpTo = (hours: number): void => {
    jumps++
    furthest = Math.max(furthest, hours)
    // whole at any moment
    writeFileSync(`${shifted}.new`, String(Math.round(hours * hour)))
    renameSync(`${shifted}.new`, shifted)
  }
  const anywhere = (): number => Math.round((chance() * 12 - 6) * 100) / 100
  jumpTo(0)
  const lines = followLines(counter, () => {})
  const left: Left[] = []
  const problems: string[] = []
  const start = () =>
    startJob({
      line: [file, folder, String(naps)],
      env: { CATENARY_COUNT_FILE: counter, CATENARY_SHIFT_FILE: shifted, NODE_OPTIONS: `--import ${shift}` },
    })
  const look = async (): Promise<void> => {
    lines.read()
    left.push({ image: await imageOf(store), lines: lines.all.length })
  }
  /** Waits until the process has counted something more, or for `ms`. */
  const more = async (ms: number): Promise<void> => {
    const [before, end] = [lines.all.length, performance.now() + ms]
    while (lines.all.length === before && performance.now() < end) await later(5)
  }
  try {
    for (let n = 0; n < processes; n++) {
      const child = start()
      await more(10_000)
      await later(chance() * 250)
      jumpTo(anywhere())
      await later(150 + chance() * 350)
      child.kill()
      await child.ended
      await look()
      jumpTo(anywhere())
    }
    const last = start()
    if (wakes) {
      // what falls due an hour from now, if nobody sets the clock
      jumpTo(furthest - 1)
      await more(10_000)
      await later(1_000)
    }
    // past all that was ever put off
    jumpTo(furthest + 1)
    const timer = setTimeout(() => last.kill(), patience)
    const { code, said } = await last.ended
    clearTimeout(timer)
    await look()
    if (code !== 0) problems.push(`the last process ended with ${code}: ${said}`)
    const rows = left.at(-1)?.image.rows ?? []
    problems.push(...audit(lines.all, left), ...early(rows))
    return { jumps, ended: rows.filter(({ type }) => type === 'run.ended').length, problems }
  } finally {
    lines.close()
  }
}

/**
 * Timers that fired before they were due, by the journal's own time. One may fire in the very moment in which the clock is
 * set back: it is well where the journal has been at its time, in this process and since it was set.
 */
export function early(rows: readonly Row[]): readonly string[] {
  const timers = new Map<string, { readonly due: number; latest: number }>()
  return rows.flatMap(({ run, type, body, payload, at, seq }) => {
    for (const timer of timers.values())
      timer.latest = type === 'engine.started' ? at : Math.max(timer.latest, at)
    const { step, due } = JSON.parse(body) as { readonly step?: string; readonly due?: number }
    const timer = timers.get(run)
    if (type === 'timer.fired' || type === 'machine.advanced') timers.delete(run)
    if (type === 'decision.made' && step === 'doze:due' && payload !== null)
      timers.set(run, { due: Number(decode(payload)), latest: at })
    if (type === 'machine.advanced' && due !== undefined) timers.set(run, { due, latest: at })
    const isOver = type === 'timer.fired' || (type === 'machine.advanced' && due === undefined)
    return isOver && timer !== undefined && timer.latest < timer.due
      ? [`what ${run} waited for came ${timer.due - timer.latest} ms before its time (seq ${seq})`]
      : []
  })
}
