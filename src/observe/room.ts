// How much a run as measured may hold: what there is no room for is counted, and left out.

/** The part of a run's record that this is about. */
export interface Holding {
  /** Attempts, waits and called chains that it holds. */
  size: number
  /** Attempts, waits and called chains that there was no room for. */
  dropped: number
}

/** Takes room for one more; false where there is none. */
export function room(of: Holding, most: number): boolean {
  if (of.size < most) of.size++
  else {
    of.dropped++
    return false
  }
  return true
}
