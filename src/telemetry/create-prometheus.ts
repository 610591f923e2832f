// Watches supervisors for Prometheus: keeps what is measured, and gives it as text to whoever scrapes.

import type { Watched, Watcher, Watching } from '../engine/watcher.ts'
import { Counting, Labelled } from './counting.ts'
import { type Format, writeExposition } from './exposition.ts'
import { Gauges } from './gauges.ts'
import { defaultBuckets } from './measures.ts'
import { Registry } from './registry.ts'
import { type CommonOptions, refuseBadTelemetry } from './telemetry-options.ts'
import { watchRuns } from './watch-runs.ts'

export interface PrometheusOptions extends CommonOptions {}

/** What a scraper is answered. */
export interface Scrape {
  /** For the header `Content-Type`. */
  readonly contentType: string
  readonly text: string
}

export interface Prometheus extends Watcher {
  /**
   * Everything measured so far, and all gauges as they are now.
   *
   * @param accept the header `Accept` of the request: one that asks for OpenMetrics gets that. Default the text format
   * 0.0.4, which every scraper reads.
   */
  scrape(accept?: string | null): Scrape
}

const contentTypes: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/**
 * Measures all runs of a supervisor for Prometheus, or whatever scrapes its text format. It needs nothing else, and
 * may watch several supervisors of a process, whose values are added up.
 *
 * @throws CatenaryError BAD_OPTION
 * @example
 * ```ts
 * const metrics = createPrometheus()
 * const hello = chain('hello').step('greet', () => 'hi')
 * const supervisor = await createSupervisor({ chains: [hello], telemetry: metrics })
 * await supervisor.run(hello)
 * const { text } = metrics.scrape()
 * console.log(text.split('\n').find((line) => line.startsWith('catenary_run_accepted_total')))
 * // catenary_run_accepted_total{run_target="hello"} 1
 * await supervisor.stop()
 * ```
 */
export function createPrometheus(options: PrometheusOptions = {}): Prometheus {
  refuseBadTelemetry(options, 'createPrometheus()')
  const { maxRuns = 10_000, maxNames = 500, buckets = defaultBuckets } = options
  const registry = new Registry([...buckets])
  const labels = new Labelled(maxNames)
  const gauges = new Gauges()
  return {
    attach({ history, problem, healthz, load }: Watched): Watching {
      const counting = new Counting(registry, labels)
      const forget = gauges.watch(() => counting.readings({ healthz, load }))
      const { tracks: _, ...watching } = watchRuns(
        { history, problem },
        { counting, spans: undefined, maxRuns, detach: forget },
      )
      return watching
    },
    scrape(accept) {
      const format = accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'prometheus'
      return {
        contentType: contentTypes[format],
        text: writeExposition(registry, gauges.read(), format),
      }
    },
  }
}
