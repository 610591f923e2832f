// Work in slices: a measure yields wherever it may be put off, so that no report holds the host up.

import type { Clock } from '../kernel/clock.ts'

/** Work that gives `T` in the end, and may be put off at every `yield`. */
export type Slices<T> = Generator<undefined, T, undefined>

/** Does all of it at once. */
export function atOnce<T>(work: Slices<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/** How long it goes on before the host has its turn (ms). */
const slice = 3

/** Lets the host have its turn every few milliseconds; `wanted` says whether the work is still to be done. */
export async function inTurns<T>(
  work: Slices<T>,
  clock: Pick<Clock, 'monotonic' | 'soon'>,
  wanted: () => boolean = () => true,
): Promise<T | undefined> {
  for (;;) {
    const until = clock.monotonic() + slice
    do {
      const { done, value } = work.next()
      if (done === true) return value
    } while (clock.monotonic() < until)
    await new Promise<void>((resolve) => clock.soon(resolve))
    if (!wanted()) return undefined
  }
}

/** So many are sorted at once. */
const most = 1_000

/** Sorts in place, as `sort` does; those that compare as equal stay in their order. */
export function* sortInSlices<T>(list: T[], compare: (a: T, b: T) => number): Slices<void> {
  const { length } = list
  for (let from = 0; from < length; from += most) {
    const run = list.slice(from, from + most).sort(compare)
    for (const [at, one] of run.entries()) list[from + at] = one
    yield
  }
  for (let width = most; width < length; width *= 2)
    for (let from = 0; from + width < length; from += 2 * width)
      yield* merge(list, { from, middle: from + width, to: Math.min(from + 2 * width, length) }, compare)
}

function* merge<T>(
  list: T[],
  { from, middle, to }: { readonly from: number; readonly middle: number; readonly to: number },
  compare: (a: T, b: T) => number,
): Slices<void> {
  const left = list.slice(from, middle)
  let [a, b, at] = [0, middle, from]
  while (a < left.length && b < to) {
    if (at % most === 0) yield
    const [one, other] = [left[a] as T, list[b] as T]
    if (compare(one, other) <= 0) {
      list[at++] = one
      a++
    } else {
      list[at++] = other
      b++
    }
  }
  for (; a < left.length; a++) list[at++] = left[a] as T
}
