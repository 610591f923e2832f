// The time as it is shown: moves on once a second while somebody looks.

import { signal } from '@preact/signals'
import { serverNow } from './live.ts'

export const tick = signal(Date.now())

export function startTick(): void {
  setInterval(() => {
    if (!document.hidden) tick.value = serverNow()
  }, 1_000)
}
