// How statuses, moments and failures read on a terminal.

import type { Failure } from '../kernel/failure.ts'
import type { RunStatus } from '../journal/store.ts'
import { printable } from './printable.ts'
import type { Paint, Style } from './terminal.ts'

const styles: Readonly<Partial<Record<string, Style>>> = {
  succeeded: 'green',
  failed: 'red',
  upstream_failed: 'red',
  'needs-migration': 'red',
  'needs-attention': 'red',
  'dead-letter': 'red',
  running: 'cyan',
  waiting: 'yellow',
  paused: 'yellow',
  cancelled: 'magenta',
  skipped: 'gray',
  pending: 'gray',
}

/** A status in its colour. */
export function paintStatus(paint: Paint, status: string): string {
  const style = styles[status]
  return style === undefined ? status : paint(style, status)
}

/** What a failure says, in a line. */
export function failureLine({ kind, name, message }: Failure): string {
  const first = printable(message.split(/\r?\n/)[0] ?? '')
  if (kind !== 'thrown') return `${kind}: ${first}`
  return name === undefined || name === 'Error' ? first : `${printable(name)}: ${first}`
}

/** Statuses of runs that have not ended. */
export const unended: readonly RunStatus[] = [
  'running',
  'waiting',
  'paused',
  'needs-migration',
  'needs-attention',
  'dead-letter',
]

export function isEnded(status: RunStatus): boolean {
  return !unended.includes(status)
}
