// The bytes of one file: what a disk is sure to have, and the changes that it may have, in part and in any order.

import type { Chance } from '../aim.ts'

/** What becomes of changes that were not synced: those up to some instant, or any of them, or any sectors of them. */
export type Mercy = 'none' | 'first' | 'some' | 'torn' | 'all'

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'size'; readonly size: number }

export interface Content {
  change(change: Change): void
  /** How many changes there have been: what a sync that begins now will make sure of. */
  readonly changes: number
  /** The first so many changes outlast a power cut from now on. */
  sync(changes: number): void
  /** What a power cut now would leave. */
  survivor(mercy: Mercy, chance: Chance): Buffer
}

/** Disks write whole sectors: less is never torn. */
const sector = 512

export function createContent(): Content {
  const durable = createBytes(Buffer.alloc(0))
  const pending: Change[] = []
  let synced = 0
  return {
    change: (change) => void pending.push(change),
    get changes() {
      return synced + pending.length
    },
    sync(changes) {
      for (const change of pending.splice(0, Math.max(0, changes - synced))) {
        durable.apply(change)
        synced++
      }
    },
    survivor(mercy, chance) {
      if (mercy === 'none') return durable.whole()
      const bytes = createBytes(durable.whole())
      const first = Math.floor(chance() * (pending.length + 1))
      for (const [place, change] of pending.entries()) {
        if (mercy === 'first' && place >= first) break
        if (mercy === 'torn' && change.kind === 'write') {
          for (const part of sectorsOf(change)) if (chance() < 0.5) bytes.apply(part)
        } else if (mercy === 'all' || mercy === 'first' || chance() < 0.5) bytes.apply(change)
      }
      return bytes.whole()
    },
  }
}

function sectorsOf({ offset, bytes }: Change & { readonly kind: 'write' }): readonly Change[] {
  const parts: Change[] = []
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + sector - ((offset + at) % sector))
    parts.push({ kind: 'write', offset: offset + at, bytes: bytes.subarray(at, end) })
    at = end
  }
  return parts
}

/** Bytes that grow in place. */
function createBytes(initial: Buffer): { apply(change: Change): void; whole(): Buffer } {
  let buffer = initial
  let size = initial.length
  function resize(next: number): void {
    if (next > buffer.length) {
      const larger = Buffer.alloc(Math.max(next, buffer.length * 2))
      buffer.copy(larger, 0, 0, size)
      buffer = larger
    }
    // what is cut off is zero when the file grows again
    if (next < size) buffer.fill(0, next, size)
    size = next
  }
  return {
    apply(change) {
      if (change.kind === 'size') return resize(change.size)
      resize(Math.max(size, change.offset + change.bytes.length))
      change.bytes.copy(buffer, change.offset)
    },
    whole: () => Buffer.from(buffer.subarray(0, size)),
  }
}
