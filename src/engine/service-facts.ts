// Journals what happens to services, within bounds: what crashes for ever must not make the journal grow as fast.

import type { ServiceFact } from '../journal/service-fact.ts'
import type { Clock } from '../kernel/clock.ts'

/** The run id of all facts about services; no run has it. */
export const servicesRun = '~services'

/** So many facts of one service or group are recorded at once, and then one for each `every` ms that has passed. */
const burst = 64
const every = 60_000

interface Allowance {
  left: number
  /** Up to when it is counted (ms since the epoch). */
  at: number
  skipped: number
}

/**
 * Children of a dynamic group share their group's allowance. What is left out is counted in the next fact that is
 * recorded; the end of all services is always recorded.
 */
export function createServiceFacts(
  clock: Pick<Clock, 'now'>,
  record: (fact: ServiceFact) => void,
): (fact: ServiceFact) => void {
  const allowances = new Map<string, Allowance>()
  return (fact) => {
    if (fact.type === 'services.ended') return record(fact)
    const name = 'group' in fact ? fact.group : fact.service
    const key = name.split('/', 1)[0] ?? name
    const now = clock.now()
    let allowance = allowances.get(key)
    if (allowance === undefined) allowances.set(key, (allowance = { left: burst, at: now, skipped: 0 }))
    const earned = Math.max(0, Math.floor((now - allowance.at) / every))
    allowance.left = Math.min(burst, allowance.left + earned)
    allowance.at = allowance.left === burst ? now : allowance.at + earned * every
    if (allowance.left === 0) return void allowance.skipped++
    allowance.left--
    const { skipped } = allowance
    allowance.skipped = 0
    record(skipped === 0 ? fact : { ...fact, skipped })
  }
}
