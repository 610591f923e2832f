// The matchers of `catenary/testing` in vitest, with their types.

import { expect } from 'vitest'
import { type ChainMatchers, matchers } from '../../../src/testing.ts'

declare module 'vitest' {
  interface Matchers<
    R extends void | Promise<void> = void | Promise<void>,
    T = unknown,
  > extends ChainMatchers<R> {}
}

export function extendExpect(): void {
  expect.extend(matchers)
}
