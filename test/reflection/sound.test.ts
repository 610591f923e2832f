// What a user's function gives as suggestions: taken, or refused with all that is wrong, whatever it is.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode } from '../../src/kernel/codec.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'
import { planIn, soundSuggestions } from '../../src/reflection/sound.ts'
import type { Suggestion } from '../../src/reflection/suggestion.ts'
import { suggested } from './suggested.ts'
import { beginTrial } from '../../src/reflection/trial.ts'

const sound = suggested({
  patch: [{ op: 'add', path: '/steps/c~1s', value: { attempts: 2 } }],
  guardrails: [{ metric: 'failures', most: 0.01 }],
})

function refusal(given: unknown): string {
  try {
    soundSuggestions(given)
  } catch (error) {
    if (!CatenaryError.is(error)) throw error
    expect(error.code).toBe('BAD_OPTION')
    return error.message
  }
  return ''
}

const wrong: readonly (readonly [Partial<Record<keyof Suggestion, unknown>>, string])[] = [
  [{ id: 7 }, 'id is a text'],
  [{ id: 'x'.repeat(65_536) }, 'id is a text'],
  [{ class: 'D' }, 'class is'],
  [{ place: null }, 'place has a chain'],
  [{ gain: { objective: 'fun' } }, 'gain has an objective'],
  [{ gain: { ...sound.gain, low: NaN } }, 'gain has an objective'],
  [{ guardrails: [{ metric: 'failures', most: -1 }] }, 'guardrails is a list'],
  [{ guardrails: [null] }, 'guardrails is a list'],
  [{ patch: [] }, 'patch is a list'],
  [{ patch: [null] }, 'patch is a list'],
  [{ patch: [{ op: 'test', path: '/concurrency', value: 1 }] }, 'patch is a list'],
  [{ patch: 'x' }, 'patch is a list'],
  [{ expiresAt: Infinity }, 'expiresAt is a time'],
  [{ sentence: () => 1 }, 'sentence is a function'],
]

describe('suggestions of a user', () => {
  test('that make sense are taken as they were at that moment', () => {
    const given = { ...sound, place: { chain: 'c' } }
    const [taken] = soundSuggestions([given])
    given.place.chain = 'another'
    expect(taken).toEqual(sound)
  })

  test('are refused with all that is wrong at once', () => {
    for (const [part, why] of wrong) expect(refusal([{ ...sound, ...part }])).toContain(why)
    const all = refusal([{ ...sound, id: '' }, sound, null, { ...sound, patch: 3, class: 1 }])
    for (const why of [
      'suggestion 1',
      'suggestion 3',
      'it is no object',
      'suggestion 4',
      'class is',
      'patch is',
    ])
      expect(all).toContain(why)
    expect(all).not.toContain('suggestion 2')
    expect(refusal({ length: 1, 0: sound })).toContain('gave no list')
  })

  test('that throw when they are read are refused', () => {
    const trap = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('not this one')
        },
        get() {
          throw new Error('not this one')
        },
      },
    )
    expect(refusal([trap])).toContain('not this one')
  })

  test('are taken or refused with a code, whatever they are, and at most 200 of them', () => {
    fc.assert(
      fc.property(fc.anything(), (given) => void refusal(given)),
      { numRuns: 200 },
    )
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(sound)), fc.anything(), (name, value) => {
        void refusal([{ ...sound, [name]: value }])
      }),
      { numRuns: 500 },
    )
    expect(soundSuggestions(Array.from({ length: 20_000 }, () => sound))).toHaveLength(200)
  })
})

test('a plan that is taken from a journal can be begun, whatever else the journal holds', () => {
  const plan = {
    suggestion: sound,
    start: { objective: 'attempts', guardrails: [], single: true, classes: ['thrown'] },
  }
  expect(planIn(encode(plan, 'a plan'))).toEqual(plan)
  const part = fc.constantFrom('suggestion', 'start', 'block')
  fc.assert(
    fc.property(part, fc.anything({ withNullPrototype: false }), (name, value) => {
      let payload: string
      try {
        payload = encode({ ...plan, [name]: value }, 'a plan')
      } catch {
        return
      }
      const found = planIn(payload)
      if (found !== undefined) beginTrial(found.start)
    }),
    { numRuns: 500 },
  )
  expect([undefined, 'null', '{', '{"suggestion":{}}'].map((one) => planIn(one))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
