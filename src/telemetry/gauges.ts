// The gauges of all supervisors that one telemetry watches, as they are at the moment that somebody asks.

import { type Reading, keyOf } from './measures.ts'

export class Gauges {
  readonly #sources = new Set<() => Iterable<Reading>>()
  /** What was read before: where nothing says it any more it is 0, and not what it was. */
  #last: ReadonlyMap<string, Reading> = new Map()

  /** Asks `source` too from now on. @returns asks it no more. */
  watch(source: () => Iterable<Reading>): () => void {
    this.#sources.add(source)
    return () => this.#sources.delete(source)
  }

  /** One value for each gauge and its labels: what several say is added up. */
  read(): Iterable<Reading> {
    const found = new Map<string, Reading>()
    for (const [key, reading] of this.#last) found.set(key, { ...reading, value: 0 })
    for (const source of this.#sources)
      for (const reading of listOf(source)) {
        const key = `${reading.measure.name} ${keyOf(reading.labels)}`
        const value = (found.get(key)?.value ?? 0) + reading.value
        found.set(key, { ...reading, value })
      }
    this.#last = found
    return found.values()
  }
}

/** A supervisor that could not be made says nothing, and keeps nobody from hearing of the others. */
function listOf(source: () => Iterable<Reading>): readonly Reading[] {
  try {
    return [...source()]
  } catch {
    return []
  }
}
