// What `doctor` finds out about the machine: Node, SQLite, the file system, how long a write takes to be durable.

import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import { formatMs } from '../kernel/duration.ts'

export interface Finding {
  /** `bad` is what runs would suffer from. */
  readonly state: 'ok' | 'note' | 'bad'
  readonly what: string
  readonly value: string
  /** What to do about it. */
  readonly advice?: string
  /** Measured numbers, for programs. */
  readonly numbers?: Readonly<Record<string, number>>
}

export function platformFindings(): readonly Finding[] {
  const { node, sqlite } = process.versions
  const available = process.getBuiltinModule('node:sqlite') !== undefined
  return [
    { state: 'ok', what: 'node', value: `${node} on ${process.platform} ${process.arch}` },
    available
      ? { state: 'ok', what: 'sqlite', value: `${sqlite ?? 'unknown'}, through node:sqlite` }
      : { state: 'bad', what: 'sqlite', value: 'no node:sqlite', advice: 'run on Node 22.18 or newer' },
  ]
}

/** The magic numbers of statfs(2) that one meets. */
const fileSystems: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'XFS'],
  [0x9123683e, 'Btrfs'],
  [0x2fc12fc1, 'ZFS'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlay'],
  [0x65735546, 'FUSE'],
  [0xf2f52010, 'F2FS'],
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9p'],
])
const remote: ReadonlySet<string> = new Set(['NFS', 'SMB', 'CIFS', '9p'])

export function diskFindings(file: string, clock: Clock): readonly Finding[] {
  const folder = nearestFolder(dirname(resolve(file)))
  return [fileSystem(folder), fsyncLatency(folder, clock)]
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}

function fileSystem(folder: string): Finding {
  const magic = statfsSync(folder).type >>> 0
  const kind = fileSystems.get(magic) ?? `type 0x${magic.toString(16)}`
  const found = { what: 'file system', value: `${kind}, for ${folder}` }
  if (remote.has(kind))
    return {
      state: 'bad',
      ...found,
      advice: 'locks do not hold over a network: put the store on a local disk',
    }
  if (kind === 'tmpfs')
    return {
      state: 'note',
      ...found,
      advice: 'this is memory: what is written there does not outlive a restart',
    }
  return { state: 'ok', ...found }
}

const writes = 100
const block = Buffer.alloc(4096, 1)
/** Above it, a disk is slow: one run alone waits for it at every step (ms). */
const slow = 20
/** Below it, no disk has written anything: the call was answered by a cache (ms). */
const unbelievable = 0.02

function fsyncLatency(folder: string, clock: Clock): Finding {
  const what = 'fsync'
  const path = join(folder, `.catenary-doctor-${process.pid}`)
  let file: number | undefined
  try {
    file = openSync(path, 'wx')
    const times: number[] = []
    for (let index = 0; index < writes; index++) {
      writeSync(file, block)
      const begun = clock.monotonic()
      fsyncSync(file)
      times.push(clock.monotonic() - begun)
    }
    times.sort((a, b) => a - b)
    const p50 = times[Math.floor(writes * 0.5)] ?? 0
    const p99 = times[Math.floor(writes * 0.99)] ?? 0
    const found = {
      what,
      value: `p50 ${formatMs(p50)}, p99 ${formatMs(p99)} over ${writes} writes of 4 KiB`,
      numbers: { p50, p99, writes },
    }
    if (p99 > slow)
      return {
        state: 'note',
        ...found,
        advice: 'every step waits for the disk: a faster one makes runs faster',
      }
    if (p50 < unbelievable)
      return {
        state: 'note',
        ...found,
        advice: 'too fast to be a disk: a power cut may lose what was acknowledged',
      }
    return { state: 'ok', ...found }
  } catch (error) {
    const value = `cannot write to ${folder}: ${error instanceof Error ? error.message : String(error)}`
    return { state: 'bad', what, value, advice: 'give this process the right to write there' }
  } finally {
    if (file !== undefined) {
      closeSync(file)
      rmSync(path, { force: true })
    }
  }
}
