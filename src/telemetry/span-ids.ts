// Ids of traces and spans that follow from the journal: a run that outlives its process goes on in the same trace.

import { hash } from 'node:crypto'
import { systemClock } from '../kernel/clock.ts'

/** What OpenTelemetry's SDK takes as `idGenerator`. */
export interface SpanIds {
  generateTraceId(): string
  generateSpanId(): string
}

// The SDK asks for ids while a span starts, and nothing else can happen meanwhile: whoever starts one leaves them here.
let wantedTrace: string | undefined
let wantedSpan: string | undefined

/**
 * Makes the ids of spans, for the `idGenerator` of a tracer provider: those of runs follow from the run and its place
 * in the journal, so that a run that goes on after a restart goes on in its trace; all others are random. Without it
 * everything is the same, but each process that works on a run tells of it in a trace of its own.
 *
 * @example
 * ```ts
 * import { TracerProvider } from '@opentelemetry/sdk-trace'
 *
 * const provider = new TracerProvider({ idGenerator: spanIds })
 * ```
 */
export const spanIds: SpanIds = {
  generateTraceId() {
    const id = wantedTrace ?? chance(4)
    wantedTrace = undefined
    return id
  },
  generateSpanId() {
    const id = wantedSpan ?? chance(2)
    wantedSpan = undefined
    return id
  },
}

/** Starts a span that has these ids, where its provider asks `spanIds`. Only a root has a trace of its own. */
export function withIds<T>(
  of: { readonly run: string; readonly key: string; readonly parent: unknown },
  start: () => T,
): T {
  if (of.parent === undefined) wantedTrace = hash('sha256', of.run, 'hex').slice(0, 32)
  wantedSpan = hash('sha256', `${of.run} ${of.key}`, 'hex').slice(0, 16)
  try {
    return start()
  } finally {
    wantedTrace = undefined
    wantedSpan = undefined
  }
}

/** @param words of 32 bits; never all zero, which no id may be. */
function chance(words: number): string {
  let id = ''
  for (let i = 0; i < words; i++)
    id += Math.floor(systemClock.random() * 0xffff_ffff + 1)
      .toString(16)
      .padStart(8, '0')
  return id
}
