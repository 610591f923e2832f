// What a journal says of attempts: which are open, which have ended and how, and whether their numbers are in order.

import type { JournalEvent } from '../../src/journal/event.ts'
import { toEvent } from '../../src/journal/encoding.ts'
import type { Row } from '../../src/journal/store.ts'

export interface Attempts {
  /** `run/chain/step[/item]/attempt` of those that have begun and not ended. */
  readonly open: ReadonlySet<string>
  readonly started: ReadonlySet<string>
  /** With what `attempt.succeeded` was recorded for: the keys, without the attempt. */
  readonly succeeded: ReadonlyMap<string, Place>
  /** How often each key was lost. */
  readonly lost: ReadonlyMap<string, number>
  readonly problems: readonly string[]
}

/** Where in its run an attempt belongs. */
export interface Place {
  readonly run: string
  readonly chain: string
  readonly step: string
  readonly item?: string | undefined
  readonly attempt: number
  /** Of a success: where its output was made, if that was elsewhere. */
  readonly memo?: unknown
}

/** The key by which a body is counted: its idempotency key. */
export function keyOf({ run, chain, step, item }: Place): string {
  return item === undefined ? `${run}/${chain}/${step}` : `${run}/${chain}/${step}/${item}`
}

export function nameOf(place: Place): string {
  return `${keyOf(place)}/${place.attempt}`
}

/** The same for all items, and for all chains that one step calls: `chain step`. */
export function stratumOf({ chain, step }: Pick<Place, 'chain' | 'step'>): string {
  return `${chain.split('/').slice(0, 2).join('/')} ${step}`
}

const outcomes: ReadonlySet<string> = new Set(['attempt.succeeded', 'attempt.failed', 'attempt.lost'])

/** Reads the attempts out of a journal, from its beginning. */
export function attemptsIn(rows: readonly Row[]): Attempts {
  const open = new Set<string>()
  const started = new Set<string>()
  const succeeded = new Map<string, Place>()
  const lost = new Map<string, number>()
  const last = new Map<string, number>()
  const problems: string[] = []
  for (const row of rows) {
    if (!row.type.startsWith('attempt.')) continue
    const event = toEvent(row) as JournalEvent & Place
    const key = keyOf(event)
    const name = nameOf(event)
    if (event.type === 'attempt.started') {
      const before = last.get(key) ?? 0
      if (event.attempt !== before + 1) problems.push(`${name} was started after attempt ${before}`)
      if (succeeded.has(key)) problems.push(`${name} was started after its success (seq ${row.seq})`)
      last.set(key, event.attempt)
      started.add(name)
      open.add(name)
    } else if (outcomes.has(event.type)) {
      if (!open.delete(name)) problems.push(`${name} has a second outcome (${row.type}, seq ${row.seq})`)
      if (event.type === 'attempt.succeeded') succeeded.set(key, event)
      if (event.type === 'attempt.lost') lost.set(key, (lost.get(key) ?? 0) + 1)
    }
  }
  return { open, started, succeeded, lost, problems }
}
