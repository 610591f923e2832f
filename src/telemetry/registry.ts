// Keeps what is measured for a scraper that comes by: counters and histograms as they have added up.

import { type Labels, type Measure, type Recorder, keyOf } from './measures.ts'

export interface Series {
  readonly labels: Labels
  /** Of a counter its count, of a histogram the sum of its values. */
  value: number
  /** How many values are at most each bound, and not at most the one before; the last is of those above all. */
  readonly buckets?: number[]
}

export class Registry implements Recorder {
  readonly bounds: readonly number[]
  readonly #families = new Map<Measure, Map<string, Series>>()

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
  }

  series(measure: Measure): Iterable<Series> {
    return this.#families.get(measure)?.values() ?? []
  }

  add(measure: Measure, by: number, labels: Labels): void {
    this.#of(measure, labels).value += by
  }

  record(measure: Measure, value: number, labels: Labels): void {
    const series = this.#of(measure, labels)
    series.value += value
    const { buckets = [] } = series
    const at = this.bounds.findIndex((bound) => value <= bound)
    const bucket = at === -1 ? this.bounds.length : at
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }

  #of(measure: Measure, labels: Labels): Series {
    let family = this.#families.get(measure)
    if (family === undefined) this.#families.set(measure, (family = new Map()))
    const key = keyOf(labels)
    let series = family.get(key)
    if (series === undefined) {
      const counts = measure.kind === 'histogram' ? { buckets: [...this.bounds.map(() => 0), 0] } : {}
      family.set(key, (series = { labels, value: 0, ...counts }))
    }
    return series
  }
}
