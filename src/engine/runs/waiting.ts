// The approvals inbox: every run that waits for a signal, and what whoever decides needs to know.

import { decode } from '../../kernel/codec.ts'
import type { RunHead, StoreReader } from '../../journal/store.ts'
import { causesOf } from './causes.ts'
import { awaitedOf, readTimeline } from './explain.ts'
import { refuseBadQuery } from '../options.ts'

/** A step that waits for a signal. */
export interface Waiting {
  /** What `supervisor.get()` takes. */
  readonly run: string
  /** The chain whose step waits, by its key in the run. */
  readonly chain: string
  /** The step that waits. */
  readonly step: string
  /** What to give `run.signal()`. */
  readonly signal: string
  /** Since when (ms since the epoch). */
  readonly since: number
  /** When the wait is given up (ms since the epoch), where it ever is. */
  readonly until?: number
  /** What the run was given at its start. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** What the chain was given. */
  readonly input?: unknown
}

export interface WaitingPage {
  /** At most so many runs; each with all that it waits for. Default 50. */
  readonly limit?: number
  /** Runs that began before this one: the next page. */
  readonly before?: string
}

/** @param signal only waits for this one. */
export async function waitingRuns(
  store: StoreReader,
  signal: string | undefined,
  { limit = 50, before }: WaitingPage = {},
): Promise<readonly Waiting[]> {
  const query = { signal: signal ?? (true as const), limit, ...(before === undefined ? {} : { before }) }
  refuseBadQuery(query)
  const found: Waiting[] = []
  for (const head of await store.heads(query)) {
    for (const one of await waitsOf(store, head))
      if (signal === undefined || one.signal === signal) found.push(one)
  }
  return found
}

async function waitsOf(store: StoreReader, head: RunHead): Promise<readonly Waiting[]> {
  const timeline = await readTimeline(store, head.run)
  const attributes = JSON.parse(head.attributes) as Waiting['attributes']
  const { nodes } = timeline.state
  return causesOf(timeline, awaitedOf(head)).flatMap((cause) => {
    if (cause.kind !== 'signal' && cause.kind !== 'machine') return []
    const { chain, since, until } = cause
    const input = nodes.get(chain)?.input
    const signals = cause.kind === 'signal' ? [cause.step] : cause.takes
    return signals.map((signal) => ({
      run: head.run,
      chain,
      step: signal,
      signal,
      since,
      ...(until === undefined ? {} : { until }),
      attributes,
      ...(input === undefined ? {} : { input: decode(input) }),
    }))
  })
}
