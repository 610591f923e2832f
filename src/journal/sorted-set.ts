// A set kept in order by a comparison, in buckets: cheap to change and to page at a million members.

const widest = 512

/** Members in ascending order; two members are the same when they compare as 0. */
export interface SortedSet<T> {
  readonly size: number
  add(member: T): void
  delete(member: T): void
  first(): T | undefined
  /** Ascending from `start` (inclusive) or from the smallest. */
  ascending(start?: T): Generator<T>
  /** Descending from below `end` (exclusive) or from the largest. */
  descending(end?: T): Generator<T>
}

/** Makes an empty sorted set. `compare` must be a total order over what is added. */
export function createSortedSet<T>(compare: (a: T, b: T) => number): SortedSet<T> {
  const buckets: T[][] = []
  let size = 0

  /** The index of the first item for which `below` no longer holds. */
  function partition<U>(items: readonly U[], below: (item: U) => boolean): number {
    let low = 0
    let high = items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (below(items[middle] as U)) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The bucket that holds `member` or would, and the place in it. */
  function locate(member: T): { readonly at: number; readonly place: number } {
    const found = partition(buckets, (bucket) => compare(bucket[bucket.length - 1] as T, member) < 0)
    const at = Math.min(found, Math.max(0, buckets.length - 1))
    return { at, place: partition(buckets[at] ?? [], (item) => compare(item, member) < 0) }
  }

  return {
    get size() {
      return size
    },
    add(member) {
      const { at, place } = locate(member)
      const bucket = buckets[at]
      if (bucket === undefined) {
        buckets.push([member])
        size++
        return
      }
      const there = bucket[place]
      if (there !== undefined && compare(there, member) === 0) return
      size++
      if (place === bucket.length) bucket.push(member)
      else bucket.splice(place, 0, member)
      // The last bucket is left nearly full when it splits: members mostly arrive in ascending order.
      if (bucket.length > widest) {
        const keep = at === buckets.length - 1 ? bucket.length - 16 : bucket.length >>> 1
        buckets.splice(at + 1, 0, bucket.splice(keep))
      }
    },
    delete(member) {
      const { at, place } = locate(member)
      const bucket = buckets[at]
      const there = bucket?.[place]
      if (bucket === undefined || there === undefined || compare(there, member) !== 0) return
      size--
      bucket.splice(place, 1)
      if (bucket.length === 0) buckets.splice(at, 1)
    },
    first: () => buckets[0]?.[0],
    *ascending(start) {
      const { at, place } = start === undefined ? { at: 0, place: 0 } : locate(start)
      for (let index = at; index < buckets.length; index++) {
        const bucket = buckets[index] as T[]
        for (let item = index === at ? place : 0; item < bucket.length; item++) yield bucket[item] as T
      }
    },
    *descending(end) {
      const { at, place } =
        end === undefined ? { at: buckets.length - 1, place: Number.POSITIVE_INFINITY } : locate(end)
      for (let index = at; index >= 0; index--) {
        const bucket = buckets[index]
        if (bucket === undefined) return
        for (
          let item = (index === at ? Math.min(place, bucket.length) : bucket.length) - 1;
          item >= 0;
          item--
        ) {
          yield bucket[item] as T
        }
      }
    },
  }
}
