// What a patch would have made of the runs that were measured under the config as it is.

import type { RunRecord } from '../observe/run-record.ts'
import type { View } from './evidence.ts'
import { type WhatIf, whatIf } from './simulate/what-if.ts'
import type { JsonPatch } from './suggestion.ts'

/** So many of the last runs are simulated, and so many attempts of theirs: it is done in the host's own process. */
const mostRuns = 400
const mostAttempts = 10_000

/** The last of these runs, which are in order, as far as they are soon simulated. */
export function lastOf(runs: readonly RunRecord[], most = mostRuns): readonly RunRecord[] {
  let attempts = 0
  let from = runs.length
  while (from > 0 && runs.length - from < most) {
    for (const chain of runs[from - 1]?.chains.values() ?? []) attempts += chain.attempts.length
    if (attempts > mostAttempts) break
    from--
  }
  return runs.slice(from)
}

/** Of the last runs that ran under the config as it is. */
export function answered(view: View, patch: readonly JsonPatch[]): WhatIf {
  const { config, declaration, seed, records } = view
  const under = records
    .filter(
      (run) =>
        run.config === config.version &&
        run.endedAt !== undefined &&
        run.dropped === 0 &&
        run.arm?.arm !== 'treated',
    )
    .sort((a, b) => a.acceptedAt - b.acceptedAt)
  return whatIf({ records: lastOf(under), declaration, recorded: config, seed }, patch)
}
