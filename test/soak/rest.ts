// What a process keeps once it does nothing: what V8 took for a burst it gives back only a while after it.

import { constants, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Seconds at most. V8 collects everything and gives back what is free once it sees that little is allocated, which it
 * judges by what came since the last small collection; but at the latest 100 s after it last collected everything.
 */
export const longestRest = 150
/** It may do so twice, 8 s apart. */
const onceCollected = 20
const step = 5

/** Leaves the process alone until V8 has given back what it kept. @returns what is resident then, in MB. */
export async function residentAtRest(
  most: number,
  tell: (seconds: number, rss: number) => void = () => {},
): Promise<number> {
  let end = most
  let gone = 0
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(isFull)) end = Math.min(end, gone + onceCollected)
  })
  observer.observe({ entryTypes: ['gc'] })
  try {
    for (gone = step; gone <= end; gone += step) {
      await pause(step * 1000)
      tell(gone, resident())
    }
  } finally {
    observer.disconnect()
  }
  return resident()
}

const isFull = (entry: object): boolean =>
  'detail' in entry &&
  (entry.detail as { kind?: number } | undefined)?.kind === constants.NODE_PERFORMANCE_GC_MAJOR

/** In MB. */
export const resident = (): number => process.memoryUsage.rss() / 1024 ** 2
