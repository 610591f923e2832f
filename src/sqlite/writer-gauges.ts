// What the writer measures to decide by: how slow the disk has been of late, and how long the log may be.

import { sizeOf } from './work.ts'
import type { Work } from './work.ts'

/** Of this many commits at most one may have been slow: their 99th percentile is below it. */
const remembered = 100
/** Milliseconds. */
const slow = 2

/** Counts the slow ones of the last commits. */
export function createRecentCommits(): { readonly slow: number; add(commit: number): void } {
  const wasSlow = new Uint8Array(remembered)
  let count = 0
  let at = 0
  return {
    get slow() {
      return count
    },
    add(commit) {
      const is = commit < slow ? 0 : 1
      count += is - (wasSlow[at] ?? 0)
      wasSlow[at] = is
      at = (at + 1) % remembered
    },
  }
}

interface LogGauge {
  readonly pages: number
  add(work: Work): void
  /** A checkpoint begins: what is added from now on comes after it. */
  begin(): void
  /** It found so many pages where we had guessed `guessed`. */
  measured(guessed: number, found: number): void
}

/** Guesses how long the log is: SQLite tells it only at a checkpoint, from which the next guesses are scaled. */
export function createLogGauge(): LogGauge {
  let pages = 0
  let scale = 1
  return {
    get pages() {
      return pages
    },
    add(work) {
      pages += (3 + sizeOf(work) / 10) * scale
    },
    begin() {
      pages = 0
    },
    measured(guessed, found) {
      if (found > 0) scale = Math.min(16, Math.max(0.25, (scale * found) / guessed))
    },
  }
}
