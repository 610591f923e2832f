// What is kept of schedules in a store's notes, and how they stand by it, for whoever can read the store.

import {
  type CatchUp,
  type Overlap,
  type ScheduleSpec,
  scheduleName,
  type Timing,
} from '../../definition/schedule.ts'
import { ticksOf } from '../../definition/ticks.ts'
import type { RunStatus, StoreReader } from '../../journal/store.ts'
import { hash } from '../../kernel/codec.ts'
import { formatMs } from '../../kernel/duration.ts'
import type { ScheduleState } from '../../supervision/schedule-plan.ts'

/** A schedule as the note of all schedules has it: what the last executor's code said. */
export interface NotedSchedule {
  readonly chain: string
  readonly id: string
  readonly timing: Timing
  readonly overlap: Overlap
  readonly catchUp: CatchUp
  readonly jitter: number
}

/** A schedule's state, and the timing that it was decided by. */
export interface ScheduleNote extends ScheduleState {
  readonly timing: string
}

/** How a schedule stands. Times in ms since the epoch. */
export interface ScheduleStanding {
  readonly chain: string
  readonly id: string
  readonly timing: Timing
  readonly overlap: Overlap
  readonly catchUp: CatchUp
  readonly paused: boolean
  /** The next tick; undefined where it is paused, or none is left. */
  readonly next: number | undefined
  /** The latest run that it started: `at` is its tick. */
  readonly last:
    | { readonly run: string; readonly at: number; readonly status: RunStatus | undefined }
    | undefined
  /** Ticks that wait for the run before them, oldest first. */
  readonly queue: readonly number[]
  /** The latest tick that was dropped because of an earlier one, and why. */
  readonly skipped: ScheduleState['skipped']
  /** The latest tick whose run was refused, and why. */
  readonly refused: ScheduleState['refused']
}

/** The note that lists all schedules. */
export const schedulesNote = 'schedules'

export const noted = (chain: string, spec: ScheduleSpec): NotedSchedule => {
  const { id, timing, overlap, catchUp, jitter } = spec
  return { chain, id, timing, overlap, catchUp, jitter }
}

/** A schedule's own note; undefined before an executor has first had it. */
export async function readNote(
  store: Pick<StoreReader, 'note'>,
  name: string,
): Promise<ScheduleNote | undefined> {
  const text = await store.note(name)
  return text === undefined ? undefined : (JSON.parse(text) as ScheduleNote)
}

/** How all schedules of a store stand, as the last executor's code has them. */
export async function readSchedules(
  store: Pick<StoreReader, 'note' | 'head'>,
  now: number,
): Promise<readonly ScheduleStanding[]> {
  const text = await store.note(schedulesNote)
  const all = text === undefined ? [] : (JSON.parse(text) as readonly NotedSchedule[])
  return Promise.all(all.map(async (schedule) => standingOf(store, schedule, now)))
}

async function standingOf(
  store: Pick<StoreReader, 'note' | 'head'>,
  { chain, id, timing, overlap, catchUp }: NotedSchedule,
  now: number,
): Promise<ScheduleStanding> {
  const note = await readNote(store, scheduleName(chain, id))
  const last = note?.last
  return {
    chain,
    id,
    timing,
    overlap,
    catchUp,
    paused: note?.paused ?? false,
    next: note?.paused === true ? undefined : ticksOf(timing).next(Math.max(now, note?.considered ?? now)),
    last: last === undefined ? undefined : { ...last, status: (await store.head(last.run))?.status },
    queue: note?.queue ?? [],
    skipped: note?.skipped,
    refused: note?.refused,
  }
}

/** How long after its tick a run starts (ms): drawn from the tick's name, and less than to the next tick. */
export function delayOf(name: string, jitter: number, tick: number, next: number | undefined): number {
  if (jitter === 0) return 0
  const most = Math.min(jitter, next === undefined ? jitter : next - tick)
  const drawn = Number.parseInt(hash(`${name}/${tick}`).slice(0, 8), 16) / 2 ** 32
  return Math.floor(drawn * most)
}

/** When it ticks, for people. */
export function timingText({ cron, timezone, every }: Timing): string {
  if (cron === undefined) return `every ${formatMs(every ?? 0)}`
  return timezone === 'UTC' ? cron : `${cron} ${timezone}`
}
