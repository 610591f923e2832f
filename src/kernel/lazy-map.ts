// A map that takes no memory before something is put into it: thousands of them stay empty in every process.

const nothing: readonly never[] = []

export class LazyMap<K, V> {
  #map: Map<K, V> | undefined

  get size(): number {
    return this.#map === undefined ? 0 : this.#map.size
  }

  get(key: K): V | undefined {
    return this.#map?.get(key)
  }

  set(key: K, value: V): void {
    if (this.#map === undefined) this.#map = new Map()
    this.#map.set(key, value)
  }

  /** @returns whether it was there. */
  delete(key: K): boolean {
    return this.#map !== undefined && this.#map.delete(key)
  }

  clear(): void {
    this.#map = undefined
  }

  keys(): Iterable<K> {
    return this.#map === undefined ? nothing : this.#map.keys()
  }

  values(): Iterable<V> {
    return this.#map === undefined ? nothing : this.#map.values()
  }

  entries(): Iterable<[K, V]> {
    return this.#map === undefined ? nothing : this.#map.entries()
  }
}
