// Chance that nobody can foresee: from the operating system, never from a clock port, which tests may seed.

import { randomBytes } from 'node:crypto'

/** 128 bits as 22 characters that need no escaping in a URL. */
export function newSecret(): string {
  return randomBytes(16).toString('base64url')
}
