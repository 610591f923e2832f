// Tells a meter what is measured: instruments as they are needed, gauges whenever the meter asks.

import type { Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api'
import { Gauges } from './gauges.ts'
import { type Labels, type Measure, type Reading, type Recorder, measures } from './measures.ts'

export class Meters implements Recorder {
  readonly #meter: () => Meter
  readonly #buckets: readonly number[]
  readonly #counters = new Map<Measure, Counter>()
  readonly #histograms = new Map<Measure, Histogram>()
  readonly #gauges = new Gauges()
  #observing = false

  constructor(meter: () => Meter, buckets: readonly number[]) {
    this.#meter = meter
    this.#buckets = buckets
  }

  add(measure: Measure, by: number, labels: Labels): void {
    let instrument = this.#counters.get(measure)
    if (instrument === undefined) {
      const { name, unit, help: description } = measure
      instrument = this.#meter().createCounter(name, { unit, description })
      this.#counters.set(measure, instrument)
    }
    instrument.add(by, labels)
  }

  record(measure: Measure, value: number, labels: Labels): void {
    let instrument = this.#histograms.get(measure)
    if (instrument === undefined) {
      const { name, unit, help: description } = measure
      const advice = { explicitBucketBoundaries: [...this.#buckets] }
      instrument = this.#meter().createHistogram(name, { unit, description, advice })
      this.#histograms.set(measure, instrument)
    }
    instrument.record(value, labels)
  }

  /** Asks `source` for gauges from now on. @returns asks it no more. */
  observe(source: () => Iterable<Reading>): () => void {
    if (!this.#observing) this.#observeAll()
    return this.#gauges.watch(source)
  }

  #observeAll(): void {
    this.#observing = true
    const meter = this.#meter()
    const gauges = new Map<Measure, ObservableGauge>()
    for (const measure of Object.values<Measure>(measures)) {
      const { kind, name, unit, help: description } = measure
      if (kind === 'gauge') gauges.set(measure, meter.createObservableGauge(name, { unit, description }))
    }
    meter.addBatchObservableCallback(
      (result) => {
        for (const { measure, value, labels } of this.#gauges.read()) {
          const gauge = gauges.get(measure)
          if (gauge !== undefined) result.observe(gauge, value, labels)
        }
      },
      [...gauges.values()],
    )
  }
}
