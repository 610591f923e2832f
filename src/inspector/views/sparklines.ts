// How many runs began, ended and failed of late, in stretches of equal length.

import type { RunHead } from '../../journal/store.ts'
import type { NowView } from '../protocol.ts'

const buckets = 48
const lengths = [1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 1_800_000]

/** @param heads the newest runs: the stretches reach back as far as these do, a day at most. */
export function sparklinesOf(heads: readonly RunHead[], now: number): NowView['sparklines'] {
  const oldest = heads.reduce((first, { acceptedAt }) => Math.min(first, acceptedAt), now)
  const bucketMs = lengths.find((length) => length * buckets >= now - oldest) ?? 1_800_000
  const started = empty()
  const ended = empty()
  const failed = empty()
  const count = (into: number[], at: number): void => {
    const back = Math.floor((now - at) / bucketMs)
    if (back < 0 || back >= buckets) return
    const index = buckets - 1 - back
    into[index] = (into[index] ?? 0) + 1
  }
  for (const { acceptedAt, endedAt, status } of heads) {
    count(started, acceptedAt)
    if (endedAt === null) continue
    count(ended, endedAt)
    if (status === 'failed') count(failed, endedAt)
  }
  return { bucketMs, started, ended, failed }
}

const empty = (): number[] => Array.from({ length: buckets }, () => 0)
