// Validation of a set of chains: every problem in one error, each with its place and its cure.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { CatenaryError, chain, createSupervisor, type SupervisorOptions } from '../../src/index.ts'

/** What a supervisor says of such chains. */
async function refusal(...chains: readonly unknown[]): Promise<string> {
  try {
    const supervisor = await createSupervisor({ chains: chains as readonly AnyChain[] })
    await supervisor.stop()
    return 'accepted'
  } catch (error) {
    if (CatenaryError.is(error) && error.code === 'BAD_DEFINITION') return error.message
    throw error
  }
}

describe('chains', () => {
  test('that need each other in a circle are refused with the path', async () => {
    const early = chain('load').step('s', () => 1)
    const extract = chain('extract')
      .needs({ load: early })
      .step('s', () => 1)
    const report = chain('report')
      .needs({ extract })
      .step('s', () => 1)
    const load = chain('load')
      .needs({ report })
      .step('s', () => 1)
    const message = await refusal(load)
    expect(message).toContain('chains need each other in a circle: load -> report -> extract -> load')
  })

  test('that are different but share an id are refused', async () => {
    expect(
      await refusal(
        chain('a').step('x', () => 1),
        chain('a').step('y', () => 1),
      ),
    ).toContain('two different chains have the id "a"')
  })

  test('that are none are named by their place', async () => {
    expect(await refusal(chain('a'), undefined, { id: 'b' })).toMatch(
      /chains\[1\] is not a chain.*chains\[2\] is not a chain/s,
    )
  })

  test('that need what is no chain are refused', async () => {
    const needy = chain('needy').needs({ ghost: undefined as unknown as AnyChain<undefined> })
    expect(await refusal(needy)).toContain('chain "needy": need "ghost" is not a chain')
  })

  test('are refused with all that is wrong at once', async () => {
    const wrong = chain('wrong way')
      .step('failed', () => 1)
      .step('one', () => 1)
      .step('one', () => 2)
      .step('not a name', () => 3)
      .step('broken', 5 as unknown as () => number)
      .repeat('never', (b) => b, { until: () => true, max: 0 })
      .parallel('nothing', {})
    const message = await refusal(wrong)
    expect(message).toMatch(/^\d+ problems in the chains:/)
    for (const part of [
      'an id is a letter',
      '"failed" is reserved',
      'two steps are called "one"',
      '"not a name" cannot name a step',
      'step "broken" was given no function',
      'repeat "never" repeats nothing',
      'max of repeat "never"',
      'parallel "nothing" has no branches',
    ]) {
      expect(message).toContain(part)
    }
  })

  test('are refused by names that every object has: tables of steps and chains would seem to hold them', async () => {
    for (const name of ['toString', 'constructor', 'valueOf', 'hasOwnProperty']) {
      expect(await refusal(chain('c').step(name, () => 1))).toContain(`"${name}" is reserved`)
      expect(await refusal(chain(name).step('s', () => 1))).toContain('a name that every object has')
    }
  })

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
