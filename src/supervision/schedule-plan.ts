// What becomes of the ticks of a schedule: a reducer over what it has considered, what waits, and what runs.

import type { CatchUp, Overlap, Ticks } from '../definition/schedule.ts'

/** What is durable of a schedule. Times in ms since the epoch. */
export interface ScheduleState {
  /** Ticks up to here have been decided on. */
  readonly considered: number
  /** Ticks that are to start and have not, oldest first. */
  readonly queue: readonly number[]
  /** Runs that were started and are not known to have ended; none where runs may overlap. */
  readonly running: readonly string[]
  readonly paused: boolean
  /** The latest run that was started. */
  readonly last?: { readonly run: string; readonly at: number }
  /** The latest tick that was dropped because of an earlier one. */
  readonly skipped?: { readonly at: number; readonly because: string }
  /** The latest tick whose run was refused. */
  readonly refused?: { readonly at: number; readonly because: string }
}

export type ScheduleEvent =
  /** Ticks up to `due` have passed since the last look; `wanted` of them, oldest first. */
  | ({ readonly type: 'looked'; readonly now: number } & Passed)
  | { readonly type: 'started'; readonly tick: number; readonly run: string }
  | { readonly type: 'refused'; readonly tick: number; readonly because: string }
  | { readonly type: 'triggered'; readonly at: number; readonly run: string }
  | { readonly type: 'ended'; readonly run: string }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed'; readonly now: number }

/** What has passed: the last tick that is due, and those to start. */
export interface Passed {
  readonly due: number | undefined
  readonly wanted: readonly number[]
}

/** So many ticks wait at most; those that come when the queue is full are dropped. */
export const longestQueue = 1_000
/** A tick that is taken up within so long of its time is on time (ms). */
export const onTime = 10_000
/** A clock that was set back by more than this begins anew from its new time (ms). */
const setBack = 60_000

/** @returns the same state where nothing has changed. */
export function planSchedule(overlap: Overlap, state: ScheduleState, event: ScheduleEvent): ScheduleState {
  switch (event.type) {
    case 'looked':
      return look(overlap, state, event)
    case 'started':
      return {
        ...begun(overlap, state, event.run, event.tick),
        queue: state.queue.filter((tick) => tick !== event.tick),
      }
    case 'refused':
      return {
        ...state,
        queue: state.queue.filter((tick) => tick !== event.tick),
        refused: { at: event.tick, because: event.because },
      }
    case 'triggered':
      return begun(overlap, state, event.run, event.at)
    case 'ended':
      if (!state.running.includes(event.run)) return state
      return { ...state, running: state.running.filter((run) => run !== event.run) }
    case 'paused':
      return state.paused ? state : { ...state, paused: true }
    case 'resumed':
      // what passed while it was paused is dropped
      if (!state.paused) return state
      return { ...state, paused: false, considered: Math.max(state.considered, event.now) }
  }
}

/** The tick whose run is to start now. */
export function startable(overlap: Overlap, { queue, running, paused }: ScheduleState): number | undefined {
  return paused || (overlap !== 'allow' && running.length > 0) ? undefined : queue[0]
}

/** Runs that are in the way of a tick that waits, and are to be cancelled for it. */
export function inTheWay(overlap: Overlap, { queue, running, paused }: ScheduleState): readonly string[] {
  return overlap === 'cancel' && !paused && queue.length > 0 ? running : []
}

function begun(overlap: Overlap, state: ScheduleState, run: string, at: number): ScheduleState {
  const running = overlap === 'allow' || state.running.includes(run) ? state.running : [...state.running, run]
  return { ...state, running, last: { run, at } }
}

function look(
  overlap: Overlap,
  state: ScheduleState,
  { now, due, wanted }: Passed & { readonly now: number },
): ScheduleState {
  if (state.considered > now + setBack) return { ...state, considered: now }
  if (state.paused || due === undefined) return state
  let next: ScheduleState = { ...state, considered: due }
  for (const tick of wanted) next = decide(overlap, next, tick)
  return next
}

function decide(overlap: Overlap, state: ScheduleState, tick: number): ScheduleState {
  const { queue, running } = state
  const drop = (at: number, because: string): ScheduleState => ({ ...state, skipped: { at, because } })
  const [first] = queue
  switch (overlap) {
    case 'allow':
      break
    case 'skip':
      if (running.length > 0) return drop(tick, `run ${running[0]} had not ended`)
      if (first !== undefined) return drop(tick, `the run of an earlier tick was about to start`)
      break
    case 'cancel':
      if (first !== undefined) return { ...drop(first, 'a later tick took its place'), queue: [tick] }
      break
    case 'queue':
  }
  if (queue.length >= longestQueue) return drop(tick, `${longestQueue} ticks were waiting already`)
  return { ...state, queue: [...queue, tick] }
}

export interface Missing {
  readonly ticks: Ticks
  readonly catchUp: CatchUp
  readonly catchUpWithin: number
  /** How long after its tick a run starts (ms); less than to the next tick. */
  readonly delay: (tick: number) => number
}

/** The ticks after `considered` that are due by `now` and are wanted, oldest first: bounded, however long ago that was. */
export function wantedTicks(
  { ticks, catchUp, catchUpWithin, delay }: Missing,
  considered: number,
  now: number,
): Passed {
  let newest = ticks.last(now)
  if (newest !== undefined && newest + delay(newest) > now) newest = ticks.last(newest - 1)
  if (newest === undefined || newest <= considered) return { wanted: [], due: undefined }
  const late = now - newest - delay(newest) > onTime
  if (late && (catchUp === 'none' || newest < now - catchUpWithin)) return { wanted: [], due: newest }
  if (catchUp !== 'all') return { wanted: [newest], due: newest }
  const wanted = [newest]
  const oldest = Math.max(considered + 1, now - catchUpWithin)
  while (wanted.length < longestQueue) {
    const earlier = ticks.last((wanted.at(-1) as number) - 1)
    if (earlier === undefined || earlier < oldest) break
    wanted.push(earlier)
  }
  return { wanted: wanted.toReversed(), due: newest }
}
