// What a process takes of the system: memory of both threads, delay of the loop, and what it holds open.

import { readdirSync, statSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Worker } from 'node:worker_threads'
import { medianOf } from './drift.ts'

/** Of one stretch of runs; memory and files in MB. */
export interface Vitals {
  /** The median of what was resident while the runs went on. */
  readonly rss: number
  /** What is left in the main thread's heap after a collection, once the runs have ended. */
  readonly heap: number
  /** What the writer's thread has in its heap; 0 without one. */
  readonly writer: number
  /** Milliseconds, the 99th percentile and the longest. */
  readonly loop: { readonly p99: number; readonly longest: number }
  /** -1 where the system does not tell. */
  readonly files: number
  readonly timers: number
  /** Of the process itself and of the writer's thread. */
  readonly listeners: number
  readonly store: number
}

export interface Watch {
  /** What was seen since the last time. */
  take(): Promise<Vitals>
  /** Leaves out what was seen since the last time. */
  forget(): void
  stop(): void
}

const megabyte = 1024 ** 2

/** @param file the store's file. */
export function watchVitals(file: string): Watch {
  const threads = new Set<Worker>()
  const begun = (worker: Worker): void => {
    threads.add(worker)
    worker.once('exit', () => threads.delete(worker))
  }
  process.on('worker', begun)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  let resident: number[] = []
  const forget = (): void => {
    resident = []
    delay.reset()
  }
  const timer = setInterval(() => resident.push(process.memoryUsage.rss() / megabyte), 100)
  return {
    async take() {
      const loop = { p99: delay.percentile(99) / 1e6, longest: delay.max / 1e6 }
      const rss = medianOf(resident.length > 0 ? resident : [process.memoryUsage.rss() / megabyte])
      collect()
      const heaps = await Promise.all([...threads].map(heapOf))
      const vitals: Vitals = {
        rss,
        heap: process.memoryUsage().heapUsed / megabyte,
        writer: heaps.reduce((total, used) => total + used, 0) / megabyte,
        loop,
        files: openFiles(),
        timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
        listeners: [process, ...threads].reduce((total, one) => total + listenersOf(one), 0),
        store: [file, `${file}-wal`].reduce((total, path) => total + sizeOf(path), 0) / megabyte,
      }
      forget()
      return vitals
    },
    forget,
    stop() {
      clearInterval(timer)
      delay.disable()
      process.off('worker', begun)
    },
  }
}

/** 0 of one that has not quite started, or is about to end. */
const heapOf = async (thread: Worker): Promise<number> =>
  thread.getHeapStatistics().then(
    ({ used_heap_size: used }) => used,
    () => 0,
  )

function collect(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return -1
  }
}

const listenersOf = (one: NodeJS.EventEmitter): number =>
  one.eventNames().reduce((total, name) => total + one.listenerCount(name), 0)

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
