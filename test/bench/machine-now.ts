// The machine that figures were measured on, and how busy it was: without that they say little.

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { digits, percentile } from './line.ts'

export interface Machine {
  readonly at: string
  readonly node: string
  readonly platform: string
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  /** Others' work while we measure: processes that want a core, averaged over a minute, as we began. */
  readonly load: number
  /** Median of fdatasync after 4 kB written, in milliseconds. */
  readonly fdatasyncMs: number
}

export function machineNow(folder: string): Machine {
  return {
    at: new Date().toISOString().slice(0, 16),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    load: loadavg()[0] ?? 0,
    fdatasyncMs: fdatasyncOf(folder),
  }
}

export function machineText(machine: Machine): string {
  const { node, processor, cores, memoryGb, fdatasyncMs, load } = machine
  const first = `Node ${node}, ${cores} x ${processor}, ${memoryGb} GB, fdatasync ${digits(fdatasyncMs)} ms`
  return load < cores / 4
    ? first
    : `${first}\nThe machine is busy (load ${load.toFixed(1)}): figures are worse than they need be, ratios less so.`
}

function fdatasyncOf(folder: string): number {
  const file = openSync(join(folder, 'fdatasync'), 'w')
  const page = Buffer.alloc(4096)
  const times = Array.from({ length: 50 }, () => {
    writeSync(file, page)
    const before = performance.now()
    fdatasyncSync(file)
    return performance.now() - before
  })
  closeSync(file)
  return percentile(times, 0.5)
}
