// A run as it is listed: its row in the store, in words that callers read.

import type { AttributeValue } from '../../definition/attributes.ts'
import type { RunHead, RunStatus } from '../../journal/store.ts'

/** A run as `supervisor.list()` shows it, and `catenary list --json`. */
export interface ListedRun {
  /** What `supervisor.get()` takes. */
  readonly run: string
  /** The chains that it was asked for, by their ids. */
  readonly chains: readonly string[]
  /** As `run.status()`. */
  readonly status: RunStatus
  /** Higher goes first. */
  readonly priority: number
  /** In ms since the epoch. */
  readonly acceptedAt: number
  /** In ms since the epoch; null where it has not ended. */
  readonly endedAt: number | null
  /** When time itself moves a waiting run on (ms since the epoch); null where only a signal or command does. */
  readonly wakeAt: number | null
  /** Names of the signals that it waits for. */
  readonly signals: readonly string[]
  /** What it was given at its start. */
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

export function listed(head: RunHead): ListedRun {
  const { run, chain, status, priority, acceptedAt, endedAt, wakeAt, signals, attributes } = head
  return {
    run,
    chains: chain.split(','),
    status,
    priority,
    acceptedAt,
    endedAt,
    wakeAt,
    signals: signals.split(',').filter((name) => name !== ''),
    attributes: JSON.parse(attributes) as ListedRun['attributes'],
  }
}
