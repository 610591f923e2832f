// A run in which something does not hold, told so that a test shows it again.

import { isDeepStrictEqual } from 'node:util'
import type { HarnessOptions } from '../harness/harness.ts'
import { type Counterexample, codeOf } from './exploration.ts'
import type { Setting } from './setting.ts'
import { type Story, fateOf, tell } from './story.ts'

/** What harnesses of explorations are given where the caller says nothing: few slots, and retries whatever happens. */
export const usual = { retryBudget: false, concurrency: 8 } as const

/** @param of.given the options of the exploration that its harnesses take. */
export async function counterexampleOf(
  setting: Setting,
  story: Story,
  of: { readonly seed: number; readonly given: Readonly<Record<string, unknown>> },
): Promise<Counterexample | undefined> {
  const { broken, faults, lines, occupied, timeline } = story
  const { seed, given } = of
  if (broken === undefined) return undefined
  const { input, seed: _, ...options } = await needed(setting, story, given)
  const code = codeOf(setting.chain.id, lines, {
    hold: true,
    ...(occupied ? { occupied } : {}),
    ...(setting.world() === undefined ? {} : { app: 'world' }),
    ...(input === undefined ? {} : { input }),
    ...options,
    ...(seed === 1 ? {} : { seed }),
  })
  return {
    ...broken,
    script: faults,
    seed,
    code: `${code}\n// ${broken.invariant}: ${broken.message}`,
    timeline,
  }
}

/** Its options, but for those of explorations alone without which a harness shows the same. */
async function needed(
  setting: Setting,
  { broken, faults, lines, timeline }: Story,
  given: Readonly<Record<string, unknown>>,
): Promise<HarnessOptions<never>> {
  let { options } = setting
  for (const name of Object.keys(usual)) {
    if (given[name] !== undefined) continue
    const less = Object.fromEntries(Object.entries(options).filter(([one]) => one !== name))
    const story = await tell({ ...setting, options: less }, fateOf(faults))
    if (isDeepStrictEqual([story.broken, story.lines, story.timeline], [broken, lines, timeline]))
      options = less
  }
  return options
}
