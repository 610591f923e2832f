// What tests of the config share: a change as a caller in JavaScript may make it, and what it is refused with.

import { expect } from 'vitest'
import { createConfig } from '../../src/supervision/config.ts'

/** What a patch or a caller in JavaScript may leave in it. */
export type Loose = Record<string, Record<string, Record<string, unknown>>>

export const base = { concurrency: 10, hibernateAfter: 2_000, steps: {} }

/** What a change is refused with, problem by problem; none where it is taken. */
export function problems(recipe: (draft: Loose) => void, config = createConfig(base)): readonly string[] {
  const before = config.current
  try {
    config.change((draft) => recipe(draft as unknown as Loose))
    return []
  } catch (error) {
    expect(error).toMatchObject({ name: 'CatenaryError', code: 'BAD_OPTION' })
    expect(config.current).toBe(before)
    return (error as Error).message.split('; ')
  }
}
