// How fast an error budget goes: over two windows at a time, so that neither a blip nor an old incident alone tells.

import { roundedShare } from './percentiles.ts'
import type { Burn } from './report-times.ts'
import type { Execution } from './survey.ts'

const minute = 60_000
const hour = 60 * minute

/** How many times too fast, and over which windows both (Google's SRE workbook, "Alerting on SLOs"). */
const alarms = [
  { rate: 14.4, long: hour, short: 5 * minute },
  { rate: 6, long: 6 * hour, short: 30 * minute },
  { rate: 1, long: 72 * hour, short: 6 * hour },
] as const

/** Fewer executions than this in the long window burn nothing: one failure of three is no trend. */
const least = 10

/** @param bad of each execution: whether it used up some of the budget. */
export function burnsOf(
  executions: readonly Execution[],
  bad: readonly boolean[],
  { allowed, now }: { readonly allowed: number; readonly now: number },
): readonly Burn[] {
  const within = (ms: number): { readonly n: number; readonly share: number } => {
    let n = 0
    let failed = 0
    for (let at = executions.length - 1; at >= 0; at--) {
      const ended = executions[at]?.chain.endedAt ?? 0
      if (ended <= now - ms) break
      if (ended > now) continue
      n++
      if (bad[at] === true) failed++
    }
    return { n, share: n === 0 ? 0 : failed / n }
  }
  return alarms.map(({ rate, long, short }) => {
    const [wide, narrow] = [within(long), within(short)]
    // without a budget every failure is more than there is
    const burnt = (share: number): number => (share === 0 ? 0 : allowed > 0 ? share / allowed : 1_000)
    const burning = wide.n >= least && burnt(wide.share) >= rate && burnt(narrow.share) >= rate
    return { rate: roundedShare(burnt(wide.share)), long, short, burning, n: wide.n }
  })
}
