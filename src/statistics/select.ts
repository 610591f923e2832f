// The k-th smallest of many numbers, without putting all of them in order.

/**
 * The value at place k (from 0) of the order; moves the values about. In time proportional to their number, on average
 * (Hoare, "Algorithm 65: Find", 1961, with the middle of three as the pivot). No NaN.
 */
export function select(values: Float64Array, k: number): number {
  let from = 0
  let to = values.length - 1
  while (from < to) {
    const pivot = middleOf(at(values, from), at(values, (from + to) >>> 1), at(values, to))
    let left = from
    let right = to
    while (left <= right) {
      while (at(values, left) < pivot) left++
      while (at(values, right) > pivot) right--
      if (left > right) break
      const swapped = at(values, left)
      values[left++] = at(values, right)
      values[right--] = swapped
    }
    if (k <= right) to = right
    else if (k >= left) from = left
    else break
  }
  return at(values, k)
}

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN

const middleOf = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))

/** The middle of the order, or between its two middles; moves the values about. */
export function selectMedian(values: Float64Array): number {
  const n = values.length
  const below = select(values, (n - 1) >>> 1)
  const above = select(values, n >>> 1)
  // halves of the smallest numbers there are round
  return Math.min(above, Math.max(below, below / 2 + above / 2))
}
