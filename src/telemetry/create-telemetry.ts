// Watches a supervisor for OpenTelemetry, by its API alone: spans of runs, chains, steps and attempts.

import { type Tracer, type TracerProvider, context, trace } from '@opentelemetry/api'
import type { Watched, Watcher, Watching } from '../engine/watcher.ts'
import { RunTracks } from './run-tracks.ts'
import { Spans } from './spans.ts'

export interface TelemetryOptions {
  /** Where spans go. Default the global one, also where it is set later. */
  readonly tracerProvider?: TracerProvider
  /** Most runs that are followed at once; those beyond are read from the journal when they move. Default 5,000. */
  readonly maxRuns?: number
  /** Most spans of one run; steps and attempts beyond them are dropped and counted. Default 10,000. */
  readonly maxSpans?: number
}

/** The name of the instrumentation scope. */
const scope = 'catenary'

/**
 * Tells OpenTelemetry of all runs of a supervisor: a trace for each run, with a span for each of its chains, their
 * steps and attempts, by what is committed and with its times. What the function of a step does happens within the
 * span of its attempt.
 *
 * @example
 * ```ts
 * const hello = chain('hello').step('greet', () => 'hi')
 * const supervisor = await createSupervisor({ chains: [hello], telemetry: createTelemetry() })
 * console.log(await supervisor.run(hello)) // hi
 * await supervisor.stop()
 * ```
 */
export function createTelemetry(options: TelemetryOptions = {}): Watcher {
  const { maxRuns = 5_000, maxSpans = 10_000 } = options
  let known: Tracer | undefined
  const tracer = (): Tracer => (known ??= (options.tracerProvider ?? trace).getTracer(scope))

  return {
    attach({ history, problem }: Watched): Watching {
      const spans = new Spans(tracer, maxSpans, () => {})
      const tracks = new RunTracks({
        listener: spans,
        history,
        problem,
        mostRuns: maxRuns,
        dropped: () => {},
      })
      return {
        told: (events) => tracks.told(events),
        lacks: (run) => !tracks.has(run),
        recalled: (events) => tracks.recalled(events),
        around({ runId, chain, step, item, attempt }, call) {
          const stretch = tracks.find(runId)?.attempt(chain, step, item, attempt)
          return stretch === undefined ? call() : context.with(spans.contextOf(stretch), call)
        },
        detach: () => tracks.clear(),
      }
    },
  }
}
