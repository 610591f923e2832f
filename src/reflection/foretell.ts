// What a patch would have made of the runs that were measured under the config as it is.

import type { View } from './evidence.ts'
import { type WhatIf, whatIf } from './simulate/what-if.ts'
import type { JsonPatch } from './suggestion.ts'

/** The last so many runs are simulated: more would only be slower. */
const mostSimulated = 400

/** Of the last runs that ran under the config as it is. */
export function answered(view: View, patch: readonly JsonPatch[]): WhatIf {
  const { config, declaration, seed, records } = view
  const under = records
    .filter((run) => run.config === config.version && run.endedAt !== undefined && run.arm?.arm !== 'treated')
    .sort((a, b) => a.acceptedAt - b.acceptedAt)
    .slice(-mostSimulated)
  return whatIf({ records: under, declaration, recorded: config, seed }, patch)
}
