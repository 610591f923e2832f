// The last so many observations: a sample that is bounded, recent, and the same for any chunking of a fold.

export interface Recent<T> {
  add(value: T): void
  /** From the oldest to the latest. */
  values(): T[]
  /** How many were added; those beyond the capacity are forgotten. */
  readonly seen: number
}

/** @param capacity the most that is kept, at least 1. */
export function keepRecent<T>(capacity: number): Recent<T> {
  if (!Number.isSafeInteger(capacity) || capacity < 1)
    throw new RangeError(`a capacity is a whole number from 1; it is ${capacity}`)
  const ring: T[] = []
  let seen = 0
  return {
    add(value) {
      ring[seen++ % capacity] = value
    },
    values() {
      const oldest = seen > capacity ? seen % capacity : 0
      return [...ring.slice(oldest), ...ring.slice(0, oldest)]
    },
    get seen() {
      return seen
    },
  }
}
