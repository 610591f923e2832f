// Writes what was measured as text for a scraper: the format of Prometheus 0.0.4, or OpenMetrics 1.0.0.

import { type Labels, type Measure, type Reading, labelNames, measures } from './measures.ts'
import type { Registry, Series } from './registry.ts'

export type Format = 'prometheus' | 'openmetrics'

/** @param readings of the gauges, one for each set of labels. */
export function writeExposition(registry: Registry, readings: Iterable<Reading>, format: Format): string {
  const gauges = Map.groupBy(readings, ({ measure }) => measure)
  const lines: string[] = []
  for (const measure of Object.values<Measure>(measures)) {
    const series = measure.kind === 'gauge' ? (gauges.get(measure) ?? []) : [...registry.series(measure)]
    if (series.length === 0) continue
    const name = nameOf(measure)
    const family = format === 'prometheus' && measure.kind === 'counter' ? `${name}_total` : name
    lines.push(`# HELP ${family} ${escapeHelp(measure.help, format)}`, `# TYPE ${family} ${measure.kind}`)
    if (format === 'openmetrics' && measure.unit === 's') lines.push(`# UNIT ${family} seconds`)
    for (const one of series)
      if (measure.kind === 'histogram') lines.push(...histogramLines(name, one, registry.bounds, format))
      else lines.push(line(measure.kind === 'counter' ? `${name}_total` : name, one.labels, one.value))
  }
  if (format === 'openmetrics') lines.push('# EOF')
  return lines.map((text) => `${text}\n`).join('')
}

function histogramLines(
  name: string,
  { labels, value, buckets = [] }: Series,
  bounds: readonly number[],
  format: Format,
): readonly string[] {
  let count = 0
  const lines = buckets.map((more, i) => {
    count += more
    const bound = bounds[i]
    const le = bound === undefined ? '+Inf' : boundText(bound, format)
    return line(`${name}_bucket`, labels, count, le)
  })
  return [...lines, line(`${name}_sum`, labels, value), line(`${name}_count`, labels, count)]
}

/** `catenary.attempt.duration` in s is `catenary_attempt_duration_seconds`, as OpenTelemetry's own exporter has it. */
function nameOf({ name, unit }: Measure): string {
  const text = name.replaceAll('.', '_')
  return unit === 's' ? `${text}_seconds` : text
}

function line(name: string, labels: Labels, value: number, le?: string): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${labelNames[label as keyof Labels]}="${escapeLabel(text)}"`,
  )
  if (le !== undefined) pairs.push(`le="${le}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function escapeHelp(text: string, format: Format): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped
}

/** OpenMetrics wants bounds that all write alike: as floats. */
function boundText(bound: number, format: Format): string {
  const text = numberText(bound)
  return format === 'openmetrics' && Number.isInteger(bound) && !text.includes('e') ? `${text}.0` : text
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
