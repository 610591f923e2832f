// A run for people who ask after it: its chains and steps, what failed first and what that blocked.

import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import { rootFailures } from '../supervision/advance.ts'
import type { Cause } from '../engine/runs/causes.ts'
import type { MemoOrigin, RootFailure } from '../journal/event.ts'
import type { StepTimeline } from '../observe/step-timeline.ts'
import { type RunTimeline, chainsInOrder } from '../observe/timeline.ts'
import { failureLine, paintStatus } from './show.ts'
import { awaitedText, isShown, phaseOf, tookOf } from './step-text.ts'
import { renderTable } from './table.ts'
import type { Paint } from './terminal.ts'

export interface ReportOptions {
  readonly status: string
  readonly now: number
  readonly columns: number
  readonly paint: Paint
  /** What its chains wait for from outside. */
  readonly waits: readonly Wait[]
}

/** A wait for a signal, or of a user's own machine for an event. */
export type Wait = Extract<Cause, { readonly kind: 'signal' | 'machine' }>

/** The waits among what keeps a run from going on. */
export function waitsIn(causes: readonly Cause[]): readonly Wait[] {
  return causes.filter((cause) => cause.kind === 'signal' || cause.kind === 'machine')
}

/** Several lines, the last ended by a newline. */
export function reportRun(timeline: RunTimeline, options: ReportOptions): string {
  const { status, now, columns, paint } = options
  const { state } = timeline
  const end = state.ended?.at
  const took = formatMs((end ?? now) - state.acceptedAt)
  const head = [
    `run ${state.run} of ${state.targets.join(', ')}`,
    `${paintStatus(paint, status)} ${end === undefined ? `for ${took} so far` : `after ${took}`}, started ${formatTime(state.acceptedAt, now)}`,
  ]
  const { origin } = state
  if (origin !== undefined) head.push(`forked from run ${origin.run} at seq ${origin.seq}`)
  const { retries, retriedAt } = timeline
  if (retriedAt !== undefined) {
    const times = retries === 1 ? '' : ` ${retries} times, last`
    head.push(`retried${times} at ${formatTime(retriedAt, now)}; what no longer counts is left out`)
  }
  if (state.parked !== undefined) head.push(`${state.parked.detail}; to go on: ${state.parked.cure}`)
  const table = renderTable(
    [
      { title: 'CHAIN AND STEPS', shrinkTo: 20 },
      { title: 'STATUS', shrinkTo: 12 },
      { title: 'TRIES', align: 'right' },
      { title: 'TOOK', align: 'right' },
      { title: 'NOTES', shrinkTo: 8 },
    ],
    rowsOf(timeline, options),
    columns,
  )
  return `${head.join('\n')}\n\n${table}${failuresText(failuresOf(timeline))}`
}

/** Where the run failed first, also while the rest of it still runs. */
export function failuresOf({ state }: RunTimeline): readonly RootFailure[] {
  return state.ended?.failures ?? rootFailures(state)
}

/** A line a failure, and what it blocks. */
export function failuresText(failures: readonly RootFailure[]): string {
  if (failures.length === 0) return ''
  const lines = failures.flatMap(({ chain, step, failure, blocked }) => {
    const at = step === undefined || step === '' ? chain : `${chain}/${step}`
    const cause = failure.cause === undefined ? [] : [`    caused by ${failureLine(failure.cause)}`]
    const blocks = blocked.length === 0 ? [] : [`    blocks ${blocked.join(', ')}`]
    return [`  ${at}: ${failureLine(failure)}`, ...cause, ...blocks]
  })
  return `\nfailed first\n${lines.join('\n')}\n`
}

function rowsOf(timeline: RunTimeline, { now, paint, waits }: ReportOptions): string[][] {
  const rows: string[][] = []
  for (const { node, startedAt, endedAt, memo, waitsFor, steps } of chainsInOrder(timeline)) {
    const took = startedAt === undefined ? '' : tookOf({ startedAt, endedAt }, now)
    const awaited = waitsFor === undefined ? '' : `waits for ${awaitedText(waitsFor)}`
    const needs = node.status === 'pending' ? awaited || pendingOn(timeline, node.needs) : memoText(memo)
    const still = node.status === 'running' && ![...steps.values()].some(({ open }) => open.size > 0)
    rows.push([node.key, paintStatus(paint, still ? 'waiting' : node.status), '', took, needs])
    for (const step of steps.values()) {
      if (!isShown(step)) continue
      const tries = step.attempts === 0 ? '' : String(step.attempts)
      rows.push([`  ${step.name}`, phaseOf(step, now), tries, tookOf(step, now), notesOf(step)])
    }
    for (const wait of waits) {
      // one with a time limit is a step like others
      const known = 'step' in wait && steps.get(wait.step)
      if (wait.chain === node.key && !(known && isShown(known))) rows.push(waitRow(wait, now))
    }
  }
  for (const wait of waits) if (wait.chain === '') rows.push(waitRow(wait, now))
  return rows
}

/** The journal does not tell that a wait begins: it is known from where the run stands. */
function waitRow(wait: Wait, now: number): string[] {
  const name = wait.kind === 'machine' ? JSON.stringify(wait.state) : wait.step
  const since = tookOf({ startedAt: wait.since, endedAt: undefined }, now)
  const what = wait.kind === 'machine' ? wait.takes.join(' or ') || 'an event' : 'its signal'
  return [`  ${name}`, 'waiting', '', since, `for ${what} since ${formatTime(wait.since, now)}`]
}

function pendingOn({ state }: RunTimeline, needs: readonly { readonly key: string }[]): string {
  const open = needs.filter(({ key }) => ['pending', 'running'].includes(state.nodes.get(key)?.status ?? ''))
  return open.length === 0 ? '' : `waits for ${open.map(({ key }) => key).join(', ')}`
}

const memoText = (memo: MemoOrigin | undefined): string =>
  memo === undefined ? '' : `the output of run ${memo.run}`

function notesOf({ fallback, memo, hedged, lost, failure, outcome }: StepTimeline): string {
  const notes: string[] = []
  if (memo !== undefined) notes.push(memoText(memo))
  if (fallback) notes.push('fallback used')
  if (hedged > 0) notes.push(`called ${hedged} more times while slow`)
  if (lost > 0) notes.push(`${lost} lost with the process`)
  if (failure !== undefined)
    notes.push(`${outcome === 'failed' ? '' : 'last failure: '}${failureLine(failure)}`)
  return notes.join('; ')
}
