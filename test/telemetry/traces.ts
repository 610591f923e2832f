// What tests of telemetry share: a provider that keeps its spans in memory, and the spans as a tree in few words.

import {
  TracerProvider,
  type IdGenerator,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace'

export interface Traces {
  readonly provider: TracerProvider
  spans(): readonly ReadableSpan[]
  /** The only span of this name. */
  span(name: string): ReadableSpan
  /** Each span under its parent, in the order of their beginnings: `run a (succeeded)`. */
  tree(): readonly string[]
}

export function createTraces(given: { idGenerator?: IdGenerator; sampler?: Sampler } = {}): Traces {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })], ...given })
  const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans()
  return {
    provider,
    spans,
    span(name) {
      const found = spans().filter((span) => span.name === name)
      if (found.length !== 1 || found[0] === undefined)
        throw new Error(
          `${found.length} spans ${name} among ${spans()
            .map((span) => span.name)
            .join(', ')}`,
        )
      return found[0]
    },
    tree() {
      const known = new Set(spans().map((span) => span.spanContext().spanId))
      const lines: string[] = []
      const show = (parent: string | undefined, depth: number): void => {
        const children = spans().filter(({ parentSpanContext: of }) =>
          parent === undefined ? of === undefined || !known.has(of.spanId) : of?.spanId === parent,
        )
        for (const span of children.toSorted((a, b) => startOf(a) - startOf(b) || idOrder(spans(), a, b))) {
          const orphan = depth === 0 && span.parentSpanContext !== undefined ? ' ORPHAN' : ''
          const outcome = Object.entries(span.attributes).find(([key]) => key.endsWith('.outcome'))?.[1]
          lines.push(`${'  '.repeat(depth)}${span.name} (${String(outcome)})${orphan}`)
          show(span.spanContext().spanId, depth + 1)
        }
      }
      show(undefined, 0)
      return lines
    },
  }
}

/** In ms. */
export const startOf = (span: ReadableSpan): number => span.startTime[0] * 1000 + span.startTime[1] / 1e6
export const endOf = (span: ReadableSpan): number => span.endTime[0] * 1000 + span.endTime[1] / 1e6

function idOrder(all: readonly ReadableSpan[], a: ReadableSpan, b: ReadableSpan): number {
  return all.indexOf(a) - all.indexOf(b)
}
