// What the supervisor of this process knows besides the journal: its reflector's advice, and how its services stand.

import type { Supervisor } from '../engine/supervisor.ts'
import type { AdviceView, NowView } from './protocol.ts'
import type { Source } from './source.ts'

export interface Advice {
  /** Undefined where there is no supervisor. */
  view(): Promise<AdviceView | undefined>
  /** What was looked at is old now. */
  forget(): void
  /** The first screen with what is known of both; looks for nothing anew. */
  onNow(now: NowView): NowView
}

/** A look at the journal serves all who ask within so many milliseconds. */
const fresh = 5_000
/** On the first screen. */
const most = 5

export function createAdvice({
  supervisor,
  clock,
  live,
}: Pick<Source, 'supervisor' | 'clock' | 'live'>): Advice {
  let last: AdviceView | undefined
  let looked = -Infinity
  let looking: Promise<AdviceView> | undefined

  const look = async ({ reflector }: Supervisor): Promise<AdviceView> => {
    try {
      const [suggestions, trials] = await Promise.all([reflector.suggestions(), reflector.trials()])
      looked = clock.monotonic()
      return (last = { suggestions, trials })
    } finally {
      looking = undefined
    }
  }
  return {
    async view() {
      if (supervisor === undefined) return undefined
      if (last !== undefined && clock.monotonic() - looked < fresh) return last
      return (looking ??= look(supervisor))
    },
    forget() {
      looked = -Infinity
    },
    onNow(now) {
      const open = last?.suggestions.filter(({ state }) => state === 'open').slice(0, most) ?? []
      const services = supervisor !== undefined && live() ? supervisor.healthz().services : []
      return {
        ...now,
        suggestions: open.map(({ id, sentence }) => ({ id, sentence })),
        services,
      }
    },
  }
}
