// What the work takes: runs and attempts under way, how full the slots are, what the journal holds.

import type { Interactions, Resources } from './report-places.ts'
import type { Scene } from './scene.ts'
import type { Slices } from './slices.ts'

/** Of all time of attempts, so much in line for a slot is too much. */
const tooMuch = 0.2
/** Fewer attempts than this tell nothing. */
const least = 100

export function* resourcesOf(
  { survey, declaration }: Scene,
  waits: Interactions['waits'],
): Slices<Resources> {
  let live = 0
  for (const run of survey.open) {
    for (const { attempts } of run.chains.values())
      for (const { startedAt, endedAt } of attempts)
        if (startedAt !== undefined && endedAt === undefined) live++
    yield
  }
  let most = 0
  let n = 0
  let worked = 0
  for (const run of survey.runs) {
    for (const { attempts } of run.chains.values())
      for (const { inFlight, startedAt, endedAt } of attempts) {
        most = Math.max(most, inFlight)
        if (startedAt === undefined || endedAt === undefined) continue
        n++
        worked += endedAt - startedAt
      }
    yield
  }
  const waited = waits.reduce((sum, { cause, ms }) => (cause === 'slot' ? sum + ms : sum), 0)
  const limit = declaration?.concurrency
  const { events, bytes } = survey.evidence.journal
  return {
    ...stateOf({ n, waited, worked }),
    journal: { events, bytes },
    live: { runs: survey.open.length, attempts: live },
    concurrency: { most, ...(limit === undefined ? {} : { limit }) },
  }
}

function stateOf({
  n,
  waited,
  worked,
}: {
  readonly n: number
  readonly waited: number
  readonly worked: number
}): Pick<Resources, 'state' | 'cause'> {
  if (n < least) return { state: 'unknown', cause: `${n} attempts are too few to tell, ${least} are needed` }
  const share = waited / (waited + worked)
  if (share <= tooMuch)
    return {
      state: 'ok',
      cause: `attempts wait for a slot ${Number((share * 100).toFixed(1))} % of their time`,
    }
  return {
    state: 'degraded',
    cause: `attempts wait for a slot ${Math.round(share * 100)} % of their time: raise the concurrency, if the machine has room`,
  }
}
