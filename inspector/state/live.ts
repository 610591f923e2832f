// The stream of committed events: read in batches, taken up again where it broke off.

import { signal } from '@preact/signals'
import type { EventRow, StreamLine } from '../../src/inspector/protocol.ts'
import { address, headers, hello, known } from './api.ts'

export type Link = 'connecting' | 'live' | 'lost'

export const link = signal<Link>('connecting')
/** Counts up with each batch, so that whoever shows something asks anew. */
export const pulse = signal<{ readonly count: number; readonly runs: ReadonlySet<string> | 'all' }>({
  count: 0,
  runs: 'all',
})
/** How far the server's clock is ahead of ours (ms). */
export const ahead = signal(0)

const listeners = new Set<(events: readonly EventRow[]) => void>()

/** Hears every batch; returns how to stop. */
export function onEvents(listener: (events: readonly EventRow[]) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let seq = 0
let stopped = false

export function startLive(): void {
  seq = hello.value?.lastSeq ?? 0
  stopped = false
  void keep()
}

async function keep(): Promise<void> {
  for (let tries = 0; !stopped; tries++) {
    const began = performance.now()
    try {
      await read()
    } catch {
      // tried again below
    }
    if (known.value === false) return
    if (performance.now() - began > 5_000) tries = 0
    link.value = tries < 2 ? 'connecting' : 'lost'
    const pause = Math.min(10_000, 300 * 2 ** Math.min(tries, 6))
    await new Promise((resolve) => setTimeout(resolve, pause * (0.7 + Math.random() * 0.6)))
  }
}

/** Nothing for so long means that nobody is there any more: the server sends a beat far more often. */
const silenceMs = 45_000

async function read(): Promise<void> {
  const abort = new AbortController()
  const response = await fetch(address(`/api/stream?after=${seq}`), {
    headers: headers(),
    signal: abort.signal,
  })
  if (response.status === 401) known.value = false
  if (!response.ok || response.body === null) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  let timer = setTimeout(() => abort.abort(), silenceMs)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      clearTimeout(timer)
      if (done) return
      timer = setTimeout(() => abort.abort(), silenceMs)
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      take(lines.filter((line) => line !== '').map((line) => JSON.parse(line) as StreamLine))
    }
  } finally {
    clearTimeout(timer)
  }
}

function take(lines: readonly StreamLine[]): void {
  link.value = 'live'
  const events: EventRow[] = []
  let all = false
  for (const line of lines) {
    if (line.type === 'events') events.push(...line.events)
    else {
      seq = Math.max(seq, line.seq)
      if (line.type === 'dropped') all = true
      else ahead.value = line.now - Date.now()
    }
  }
  if (events.length === 0 && !all) return
  seq = Math.max(seq, events.at(-1)?.seq ?? 0)
  for (const listener of listeners) listener(events)
  pulse.value = {
    count: pulse.value.count + 1,
    runs: all ? 'all' : new Set(events.map(({ run }) => run)),
  }
}

/** What the server's clock says now. */
export const serverNow = (): number => Date.now() + ahead.value
