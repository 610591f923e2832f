// Who ends an attempt in a test: a script, or the test itself, which finds the attempt here.

import type { VirtualClock } from '../virtual-clock.ts'
import { type Held, type Holding, holdAttempt } from './held-attempt.ts'
import type { HarnessOptions } from './harness.ts'
import type { Called, Casting } from './scripted-chains.ts'
import type { Script } from './scripts.ts'

export interface Cast extends Casting {
  /** Attempts that the test has to end, the oldest first. */
  held(): readonly Held[]
  /** Their process has died. */
  lose(): void
}

/** What attempts do where the test says nothing of their steps. */
export interface Usual extends Holding {
  /** What becomes of it; undefined where the test is to end it. */
  readonly call?: (called: Called, clock: VirtualClock) => { readonly outcome: unknown } | undefined
}

/** @param home the chain under test, whose steps go by their names alone. */
export function createCasting(
  home: string,
  { steps = {}, needs = {}, hold = false }: Pick<HarnessOptions, 'steps' | 'needs' | 'hold'>,
  clock: VirtualClock,
  usual: Usual,
): Cast {
  let held: Held[] = []
  const turns = new Map<string, number>()

  const scriptOf = ({ chain, step }: Pick<Called, 'chain' | 'step'>): Script | undefined => {
    const full = `${chain}/${step}`
    const given = steps[full] ?? (chain === home ? steps[step] : undefined)
    if (given === undefined) return undefined
    if (given === 'real') return (_, { real }) => real()
    if (typeof given === 'function') return given
    const turn = turns.get(full) ?? 0
    turns.set(full, turn + 1)
    return given[Math.min(turn, given.length - 1)]
  }
  return {
    call(called) {
      const script = scriptOf(called)
      const real =
        script === undefined ? called.real : (): unknown => script(called.context, { ...called, clock })
      if (script !== undefined && !hold) return real()
      const known = script === undefined ? usual.call?.(called, clock) : undefined
      if (known !== undefined) return known.outcome
      const one = holdAttempt({ ...called, real }, { ...usual, scripted: script !== undefined })
      held = [...held.filter(({ over }) => !over), one]
      return one.outcome
    },
    decide:
      (chain, decision, own) =>
      (...handed) => {
        const script = scriptOf({ chain, step: decision })
        if (script === undefined) return own(...handed)
        return script(handed[0] as never, { item: undefined, clock, real: () => own(...handed) })
      },
    given(chain) {
      if (!Object.hasOwn(needs, chain)) return undefined
      const instead = needs[chain]
      if (typeof instead !== 'function') return () => instead
      const stage = { item: undefined, clock, real: () => undefined }
      return (context: never) => (instead as Script)(context, stage)
    },
    held: () => held.filter(({ over }) => !over),
    lose() {
      for (const one of held) one.lose()
      held = []
    },
  }
}
