// A running run on a screen: one line a chain that matters now, and one line for the whole; pure, drawn elsewhere.

import { formatMs } from '../kernel/duration.ts'
import { type ChainTimeline, type RunTimeline, chainsInOrder } from '../observe/timeline.ts'
import type { StepTimeline } from '../observe/step-timeline.ts'
import { failureLine } from './show.ts'
import { phaseOf } from './step-text.ts'
import { cut } from './table.ts'
import type { Paint, Style } from './terminal.ts'

export interface LiveViewOptions {
  readonly now: number
  readonly columns: number
  /** Most lines, the last for the whole included. */
  readonly rows: number
  readonly paint: Paint
  /** What a step says of itself, by `chain/step`. */
  readonly progress?: ReadonlyMap<string, string>
  /** The last line instead of the sums: what the command is about to do. */
  readonly notice?: string
}

const marks: Readonly<Record<string, readonly [string, Style]>> = {
  succeeded: ['✓', 'green'],
  failed: ['✗', 'red'],
  upstream_failed: ['✗', 'red'],
  cancelled: ['–', 'magenta'],
  skipped: ['–', 'gray'],
  running: ['▸', 'cyan'],
  pending: ['·', 'gray'],
}
/** Where lines are short, what a person would miss least goes first. */
const worth: readonly string[] = [
  'running',
  'failed',
  'pending',
  'upstream_failed',
  'succeeded',
  'cancelled',
  'skipped',
]

/** The lines to draw; none is longer than `columns`. */
export function renderLive(timeline: RunTimeline, options: LiveViewOptions): readonly string[] {
  const chains = chainsInOrder(timeline)
  const room = Math.max(1, options.rows - 2)
  const chosen = new Set(
    chains
      .toSorted((a, b) => worth.indexOf(a.node.status) - worth.indexOf(b.node.status))
      .slice(0, chains.length <= room + 1 ? chains.length : room),
  )
  const shown = chains.filter((chain) => chosen.has(chain))
  const width = Math.min(24, Math.max(...shown.map(({ node }) => node.key.length)))
  const lines = shown.map((chain) => chainLine(chain, width, options))
  const hidden = chains.length - shown.length
  if (hidden > 0) lines.push(options.paint('gray', `  and ${hidden} more`))
  lines.push(options.notice === undefined ? sums(timeline, options) : cut(options.notice, options.columns))
  return lines
}

function chainLine(chain: ChainTimeline, width: number, options: LiveViewOptions): string {
  const { node, startedAt, endedAt } = chain
  const { now, columns, paint } = options
  const [mark, style] = marks[node.status] ?? ['·', 'gray']
  const took = startedAt === undefined ? '' : formatMs((endedAt ?? now) - startedAt)
  const room = columns - width - took.length - 6
  const text = cut(detail(chain, options), Math.max(0, room))
  const name = cut(node.key, width).padEnd(width)
  const said = took === '' ? text : `${text.padEnd(Math.max(0, room))}  ${paint('gray', took)}`
  return `${paint(style, mark)} ${name}  ${said}`.trimEnd()
}

function detail({ node, steps, machine }: ChainTimeline, { now, progress }: LiveViewOptions): string {
  if (node.status === 'failed') {
    const at = node.step === undefined || node.step === '' ? '' : `${node.step}: `
    return `${at}${node.failure === undefined ? 'failed' : failureLine(node.failure)}`
  }
  if (node.status === 'succeeded') return summaryOf(steps)
  if (node.status === 'upstream_failed') return 'blocked by a failure before it'
  if (node.status !== 'running') return node.status
  const open = [...steps.values()].filter(
    ({ open: inProgress, items, outcome }) =>
      inProgress.size > 0 || (items !== undefined && outcome === undefined),
  )
  const said = (step: StepTimeline): string => {
    const own = progress?.get(`${node.key}/${step.name}`)
    return `${step.name} ${phaseOf(step, now)}${own === undefined ? '' : ` (${own})`}`
  }
  if (open.length > 0) return open.map(said).join(', ')
  return machine === undefined ? 'waits for a signal' : `in ${stateText(machine)}, waits for an event`
}

/** A state value of XState's, in short. */
function stateText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What of a success is worth knowing: items, retries, fallbacks. */
function summaryOf(steps: ChainTimeline['steps']): string {
  const notes: string[] = []
  for (const { name, items, attempts, fallback } of steps.values()) {
    if (items !== undefined)
      notes.push(`${name} ${items.total} items${items.failed === 0 ? '' : `, ${items.failed} failed`}`)
    else if (attempts > 1) notes.push(`${name} ${attempts} tries`)
    if (fallback) notes.push(`${name} by fallback`)
  }
  return notes.join(', ')
}

function sums({ state, chains }: RunTimeline, { now, columns, paint }: LiveViewOptions): string {
  const counts = new Map<string, number>()
  for (const { node } of chains.values()) counts.set(node.status, (counts.get(node.status) ?? 0) + 1)
  const running = counts.get('running') ?? 0
  const pending = counts.get('pending') ?? 0
  const done = chains.size - running - pending
  const parts = [
    `${done} of ${chains.size} chains done`,
    ...(running === 0 ? [] : [`${running} running`]),
    ...(state.paused ? ['paused'] : []),
    ...(state.cancelRequested && state.ended === undefined ? ['being cancelled'] : []),
    formatMs((state.ended?.at ?? now) - state.acceptedAt),
  ]
  return paint('bold', cut(parts.join(' · '), columns))
}
