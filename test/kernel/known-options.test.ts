import { describe, expect, test } from 'vitest'
import { CatenaryError } from '../../src/kernel/errors.ts'
import { readOptions, refuseUnknownOptions, unknownOptions } from '../../src/kernel/known-options.ts'

const known = { attempts: true, backoff: true, timeout: true, signal: true } as const
const said = (given: unknown): string | undefined => unknownOptions(given, known, 'step "a"')

describe('options under names that nothing reads', () => {
  test('known ones, none, and those left undefined are in order', () => {
    for (const given of [undefined, {}, { attempts: 1, timeout: '1s' }, { atempts: undefined }])
      expect(said(given)).toBeUndefined()
  })

  test('a misspelt one is told with the one that was meant', () => {
    expect(said({ atempts: 3 })).toBe('step "a" has no option "atempts" (did you mean attempts?)')
    expect(said({ TIMEOUT: 3 })).toBe('step "a" has no option "TIMEOUT" (did you mean timeout?)')
    expect(said({ backof: 1, timeouts: 2 })).toBe(
      'step "a" has no option "backof" (did you mean backoff?), "timeouts" (did you mean timeout?)',
    )
    // half of its letters are otherwise: just so
    expect(said({ sigxyz: 1 })).toBe('step "a" has no option "sigxyz" (did you mean signal?)')
  })

  test('one that is like none is told with all there are', () => {
    expect(said({ colour: 'red' })).toBe(
      'step "a" has no option "colour": it takes attempts, backoff, timeout, signal',
    )
    expect(said({ colour: 1, atempts: 2 })).toBe(
      'step "a" has no option "colour", "atempts" (did you mean attempts?): it takes attempts, backoff, timeout, signal',
    )
    expect(said({ toString: 1 })).toContain('"toString"')
    // more than half of the letters of the nearest are otherwise
    for (const name of ['al', 'sixyzw', 'xxxxsignal', 'signalxxxx'])
      expect(said({ [name]: 1 })).toBe(
        `step "a" has no option "${name}": it takes attempts, backoff, timeout, signal`,
      )
    for (const name of ['xxxsignal', 'signalxxx', 'gnal', 'sig'])
      expect(said({ [name]: 1 })).toBe(`step "a" has no option "${name}" (did you mean signal?)`)
    expect(unknownOptions({ a: 1 }, {}, 'this')).toBe('this has no option "a": it takes ')
  })

  test('what is no object is refused with an example', () => {
    for (const given of [null, 3, 'fast', [], () => {}])
      expect(said(given)).toBe(
        'options of step "a" are no object: give { attempts, backoff, timeout, ... }, or leave them out',
      )
  })

  test('is thrown as an error of its own', () => {
    const refuse = (given: unknown) => () => refuseUnknownOptions(given, known, 'step "a"')
    expect(refuse({ atempts: 1 })).toThrow(
      expect.objectContaining({
        code: 'BAD_OPTION',
        message: 'step "a" has no option "atempts" (did you mean attempts?)',
      }),
    )
    expect(refuse({ attempts: 1 })).not.toThrow()
    expect(refuse(undefined)).not.toThrow()
  })
})

test('options that cannot be read are refused with what they threw; errors of ours go through', () => {
  const thrown = (error: unknown): unknown => {
    try {
      readOptions(() => {
        throw error
      }, 'step "a"')
    } catch (caught) {
      return caught
    }
    return undefined
  }
  const cause = new TypeError('a getter')
  expect(thrown(cause)).toMatchObject({
    code: 'BAD_OPTION',
    message: 'options of step "a" cannot be read (TypeError: a getter): give plain objects',
    cause,
  })
  const own = new CatenaryError('BAD_DURATION', 'no')
  expect(thrown(own)).toBe(own)
  let read = 0
  readOptions(() => void read++, 'x')
  expect(read).toBe(1)
})
