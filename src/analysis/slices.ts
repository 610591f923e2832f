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
const slice = 4

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
