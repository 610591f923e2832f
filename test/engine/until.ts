// Lets the time of a virtual clock go on until a promise has an answer.

import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

export async function untilAnswered<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  const end = { over: false }
  const over = (): void => void (end.over = true)
  work.then(over, over)
  await clock.settle()
  while (!end.over && (await clock.next()));
  return work
}
