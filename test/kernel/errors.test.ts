// What is an error of ours, whichever copy of the package made it.

import { expect, test } from 'vitest'
import { CatenaryError } from '../../src/kernel/errors.ts'

test('an error of ours is one, also where another copy of the package made it; nothing else is', () => {
  const other = Object.assign(new Error('of another copy'), { [Symbol.for('catenary.error')]: true })
  for (const one of [new CatenaryError('BAD_OPTION', 'no'), other]) expect(CatenaryError.is(one)).toBe(true)
  for (const one of [new Error('no'), {}, null, undefined, 'BAD_OPTION', 5, () => {}])
    expect(CatenaryError.is(one)).toBe(false)
})

test('an error of ours has a code, a name and what caused it', () => {
  const cause = new TypeError('why')
  const error = new CatenaryError('RUN_UNKNOWN', 'there is none', { cause })
  expect(error).toMatchObject({ name: 'CatenaryError', code: 'RUN_UNKNOWN', message: 'there is none', cause })
})
