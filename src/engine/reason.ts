// Why somebody did something, as it is journalled: for people to read.

import { CatenaryError } from '../kernel/errors.ts'

const longest = 2_000

/** @throws CatenaryError BAD_OPTION */
export function reasonOf(why: unknown): string | undefined {
  if (why === undefined || (typeof why === 'string' && why.length <= longest)) return why
  throw new CatenaryError('BAD_OPTION', `the reason is a text of at most ${longest} letters, or left out`)
}
