// Whatever is handed to a supervisor as chains, it takes or refuses, and never breaks.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CatenaryError, createSupervisor, type SupervisorOptions } from '../../src/index.ts'

describe('chains', () => {
  test('whatever is given, are accepted or refused with a code, never a crash', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.anything(), { maxLength: 4 }),
        fc.anything(),
        async (chains, concurrency) => {
          const options = { chains, ...(concurrency === undefined ? {} : { concurrency }) }
          try {
            const supervisor = await createSupervisor(options as unknown as SupervisorOptions)
            await supervisor.stop()
          } catch (error) {
            expect(CatenaryError.is(error), String(error)).toBe(true)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
