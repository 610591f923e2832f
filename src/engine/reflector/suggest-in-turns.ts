// Asks the detectors in the host's own process without keeping it from its other work for long.

import type { Clock } from '../../kernel/clock.ts'
import { suggesting } from '../../reflection/suggest.ts'
import type { Suggest } from './read-evidence.ts'

/** Between two detectors, and between two forecasts, others have their turn. */
export function suggestInTurns(clock: Clock): Suggest {
  return async (evidence) => {
    const work = suggesting(evidence)
    for (;;) {
      const { done, value } = work.next()
      if (done === true) return value
      await new Promise<void>((resolve) => clock.soon(resolve))
    }
  }
}
