// Watches supervisors for OpenTelemetry, by its API alone: spans of runs, chains, steps and attempts, and metrics.

import { type MeterProvider, type TracerProvider, context, metrics, trace } from '@opentelemetry/api'
import type { Watched, Watcher, Watching } from '../engine/watcher.ts'
import { Counting, Labelled } from './counting.ts'
import { defaultBuckets } from './measures.ts'
import { Meters } from './meters.ts'
import { type CommonOptions, refuseBadTelemetry } from './telemetry-options.ts'
import { Spans } from './spans.ts'
import { watchRuns } from './watch-runs.ts'

export interface TelemetryOptions extends CommonOptions {
  /** Where spans go, or `false` for none. Default the global one, which may be set later. */
  readonly tracerProvider?: TracerProvider | false
  /** Where metrics go, or `false` for none. Default the global one, which must be set before the supervisor is made. */
  readonly meterProvider?: MeterProvider | false
  /** Most spans of one run; steps and attempts beyond them are dropped and counted. Default 10,000. */
  readonly maxSpans?: number
}

/** The name of the instrumentation scope. */
const scope = 'catenary'

/**
 * Tells OpenTelemetry of all runs of a supervisor: a trace for each run, with a span for each of its chains, their
 * steps and attempts, by what is committed and with its times; and metrics. What the function of a step does happens
 * within the span of its attempt. One may watch several supervisors.
 *
 * @throws CatenaryError BAD_OPTION
 * @example
 * ```ts
 * const hello = chain('hello').step('greet', () => 'hi')
 * const supervisor = await createSupervisor({ chains: [hello], telemetry: createTelemetry() })
 * console.log(await supervisor.run(hello)) // hi
 * await supervisor.stop()
 * ```
 */
export function createTelemetry(options: TelemetryOptions = {}): Watcher {
  refuseBadTelemetry(options, 'createTelemetry()')
  const { maxRuns = 10_000, maxSpans = 10_000, maxNames = 500, buckets = defaultBuckets } = options
  const { tracerProvider = trace, meterProvider = metrics } = options
  const labels = new Labelled(maxNames)
  const meters =
    meterProvider === false ? undefined : new Meters(() => meterProvider.getMeter(scope), buckets)

  return {
    attach({ history, problem, healthz, load }: Watched): Watching {
      const counting = meters === undefined ? undefined : new Counting(meters, labels)
      const spans =
        tracerProvider === false
          ? undefined
          : new Spans(tracerProvider.getTracer(scope), maxSpans, () => counting?.dropped('span', 1))
      const forget =
        counting === undefined ? undefined : meters?.observe(() => counting.readings({ healthz, load }))
      const { tracks, ...watching } = watchRuns(
        { history, problem },
        { counting, spans, maxRuns, detach: () => forget?.() },
      )
      if (spans === undefined) return watching
      return {
        ...watching,
        around({ runId, chain, step, item, attempt }, call) {
          const stretch = tracks.find(runId)?.attempt(chain, step, item, attempt)
          return stretch === undefined ? call() : context.with(spans.contextOf(stretch), call)
        },
      }
    },
  }
}
