// How this process fares: its memory, and how late its event loop is. Sampled, never journalled as fact.

import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

export interface Vitals {
  /** When they were taken (ms since the epoch). */
  readonly at: number
  /** Bytes. */
  readonly heapUsed: number
  readonly rss: number
  /** How late the event loop came, since the last time they were taken (ms); absent of the first. */
  readonly loop?: { readonly p50: number; readonly p99: number; readonly max: number }
  /** The share of time since then that it was at work, from 0 to 1. */
  readonly utilisation?: number
}

export interface VitalsSampler {
  read(now: number): Vitals
  stop(): void
}

type Delays = ReturnType<typeof monitorEventLoopDelay>

/** How often the delay is looked at (ms). */
const resolution = 20
const nanosecondsPerMs = 1e6

/** Costs nothing until it is first read; from then on one timer, which keeps no process alive. */
export function createVitals(): VitalsSampler {
  let delays: Delays | undefined
  let load = performance.eventLoopUtilization()
  const loopOf = (histogram: Delays): Pick<Vitals, 'loop'> => {
    // what the timer itself takes is no delay
    const late = (ns: number): number =>
      Math.max(0, Math.round((ns / nanosecondsPerMs - resolution) * 100) / 100)
    if (histogram.count === 0) return {}
    return {
      loop: {
        p50: late(histogram.percentile(50)),
        p99: late(histogram.percentile(99)),
        max: late(histogram.max),
      },
    }
  }
  return {
    read(now) {
      const { heapUsed, rss } = process.memoryUsage()
      const before = load
      load = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(load, before)
      const taken = { at: now, heapUsed, rss, ...(delays === undefined ? {} : loopOf(delays)) }
      if (delays === undefined) {
        delays = monitorEventLoopDelay({ resolution })
        delays.enable()
        return taken
      }
      delays.reset()
      return { ...taken, utilisation: Math.round(utilization * 1000) / 1000 }
    },
    stop() {
      delays?.disable()
      delays = undefined
    },
  }
}
