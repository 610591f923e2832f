// Ctrl-C and SIGTERM: the first asks to stop, the second ends the process at once.

import { exit } from './exit.ts'

/** Resolves at the first signal. */
export function untilInterrupted(): { readonly first: Promise<void>; off(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  let heard = false
  const listen = (): void => {
    if (heard) process.exit(exit.interrupted)
    heard = true
    resolve()
  }
  process.on('SIGINT', listen)
  process.on('SIGTERM', listen)
  return {
    first: promise,
    off() {
      process.off('SIGINT', listen)
      process.off('SIGTERM', listen)
    },
  }
}
