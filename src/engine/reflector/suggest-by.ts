// Asks for suggestions: the detectors, or the user's function in their place, which is neither believed nor waited for without end.

import type { Clock } from '../../kernel/clock.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { soundSuggestions } from '../../reflection/sound.ts'
import { type SuggestAtPace, suggestInTurns } from './suggest-in-turns.ts'
import type { ReflectOptions } from './terms.ts'

/** How long a user's function may take (ms). */
const longest = 60_000

export function suggestBy({ suggest: own }: ReflectOptions = {}, clock: Clock): SuggestAtPace {
  if (own === undefined) return suggestInTurns(clock)
  return async (evidence) =>
    new Promise((resolve, reject) => {
      const over = clock.at(clock.now() + longest, () =>
        reject(
          new CatenaryError(
            'BAD_OPTION',
            'suggest of reflect has given nothing for a minute, and is no longer waited for: give what is found by then',
          ),
        ),
      )
      const asked = async (): Promise<void> => resolve(soundSuggestions(await own(evidence)))
      void asked().catch(reject).finally(over)
    })
}
