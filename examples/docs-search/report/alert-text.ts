// What alert.txt says: which chains did not succeed and why, then everything that was made do without.

import type { Settled } from 'catenary'
import { type Recovery, sortRecoveries } from '../recovery.ts'

/** How the chains of a run ended, by name. */
export type Ends = Readonly<Record<string, Settled<unknown>>>

/** Undefined where there is nothing to say. */
export function alertText(ends: Ends, recoveries: readonly Recovery[]): string | undefined {
  const failed = Object.entries(ends).flatMap(([name, end]) => {
    if (end.status === 'succeeded') return []
    const why = end.status === 'failed' ? end.failure.message : end.status.replace('_', ' ')
    return [`${name} ${end.status === 'failed' ? 'failed' : 'did not run'}: ${why}`]
  })
  const lines = sortRecoveries(recoveries).map(
    (one) => `${one.action}: ${one.package}: ${one.reason}; ${one.outcome}`,
  )
  if (failed.length + lines.length === 0) return undefined
  const head =
    failed.length > 0 ? 'not everything succeeded' : 'everything succeeded, but not without recoveries'
  return [head, ...failed, ...lines, ''].join('\n')
}
