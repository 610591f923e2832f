// Time on a line, with the stretches folded in which nothing was at work: an hour of waiting hides no second of work.

export interface Fold {
  readonly from: number
  readonly to: number
}

export interface TimeScale {
  /** Where a moment lies, from 0 to 1. */
  readonly at: (time: number) => number
  readonly folds: readonly Fold[]
  readonly ticks: readonly number[]
}

/** A gap is folded if it takes more of the line than this and longer than `shortest` (ms). */
const mostShare = 0.12
const shortest = 1_000
/** How much of the line a folded gap takes. */
const foldShare = 0.035

/** @param busy stretches of time in which something was at work, in any order. */
export function foldTime(from: number, to: number, busy: readonly (readonly [number, number])[]): TimeScale {
  const end = Math.max(to, from + 1)
  const gaps = gapsOf(from, end, busy)
  const folds = foldsOf(end - from, gaps)
  const folded = folds.reduce((sum, fold) => sum + fold.to - fold.from, 0)
  const open = end - from - folded
  const each = Math.min(foldShare, 0.5 / Math.max(1, folds.length))
  const rest = 1 - each * folds.length
  const at = (time: number): number => {
    let x = 0
    let before = from
    for (const fold of folds) {
      if (time <= fold.from) break
      x += ((fold.from - before) / Math.max(1, open)) * rest
      if (time < fold.to) return x + ((time - fold.from) / (fold.to - fold.from)) * each
      x += each
      before = fold.to
    }
    return Math.min(1, Math.max(0, x + ((time - before) / Math.max(1, open)) * rest))
  }
  return { at, folds, ticks: ticksOf(from, end, open, folds) }
}

function gapsOf(from: number, to: number, busy: readonly (readonly [number, number])[]): readonly Fold[] {
  const gaps: Fold[] = []
  let reached = from
  for (const [start, end] of busy.toSorted((a, b) => a[0] - b[0])) {
    if (start > reached) gaps.push({ from: reached, to: Math.min(start, to) })
    reached = Math.max(reached, end)
  }
  if (reached < to) gaps.push({ from: reached, to })
  return gaps
}

/** The longest first: with each that is folded, what remains grows wider. */
function foldsOf(total: number, gaps: readonly Fold[]): readonly Fold[] {
  let open = total
  const folds: Fold[] = []
  for (const gap of gaps.toSorted((a, b) => b.to - b.from - (a.to - a.from))) {
    const length = gap.to - gap.from
    if (length < shortest || length < open * mostShare || folds.length >= 12) break
    folds.push(gap)
    open -= length
  }
  // where nothing was at work at all, the waiting is all that there is to see
  return open <= 0 ? [] : folds.toSorted((a, b) => a.from - b.from)
}

function ticksOf(from: number, to: number, open: number, folds: readonly Fold[]): readonly number[] {
  const raw = Math.max(1, open) / 5
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw) ?? raw
  const ticks: number[] = []
  let before = from
  for (const stop of [...folds.map((fold) => fold.from), to]) {
    const first = from + Math.ceil((before - from) / step) * step
    for (let tick = first; tick <= stop && ticks.length < 40; tick += step) ticks.push(tick)
    before = folds.find((fold) => fold.from === stop)?.to ?? stop
  }
  return ticks
}
