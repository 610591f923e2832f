// Asks the detectors in the host's own process without keeping it from its other work for long.

import type { Clock } from '../../kernel/clock.ts'
import type { Pace } from '../../observe/pace.ts'
import { suggesting } from '../../reflection/suggest.ts'
import type { ReadEvidence, Suggest } from './read-evidence.ts'

/** Counts by `pace` what it takes, where it can. */
export type SuggestAtPace = (evidence: ReadEvidence, pace: Pace) => ReturnType<Suggest>

/** Between two detectors, and between two forecasts, others have their turn. */
export function suggestInTurns(clock: Clock): SuggestAtPace {
  return async (evidence, pace) => {
    const work = suggesting(evidence)
    for (;;) {
      const { done, value } = pace.spend(() => work.next())
      if (done === true) return value
      await new Promise<void>((resolve) => clock.soon(resolve))
    }
  }
}
