// Ids of runs, in the manner of ULIDs: as texts they sort by the time they were made, and each is new.

import type { Clock } from './clock.ts'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ' // Crockford's base 32: no I, L, O, U
const timeLength = 10
const latest = 32 ** timeLength - 1

// 80 random bits as four digits of 20: what every source of chance is good for in one draw.
const digits = 4
const digitLength = 4
const base = 32 ** digitLength

interface Last {
  time: number
  readonly chance: number[]
}

// By clock, so that a virtual clock's ids depend on nothing but its seed and its time.
const lasts = new WeakMap<Clock, Last>()

/**
 * A new run id of 26 characters, later as a text than all made from this clock before, also within one millisecond
 * and after the clock was set back.
 */
export function newRunId(clock: Clock): string {
  const now = Math.min(latest, Math.max(0, Math.floor(clock.now())))
  const last = lasts.get(clock)
  if (last !== undefined && now <= last.time) {
    increase(last)
    return text(last)
  }
  const fresh = { time: now, chance: Array.from({ length: digits }, () => Math.floor(clock.random() * base)) }
  lasts.set(clock, fresh)
  return text(fresh)
}

/** Counts the random part up by one; when it is used up, moves to the next millisecond. */
function increase(last: Last): void {
  for (let i = digits - 1; i >= 0; i--) {
    const next = (last.chance[i] ?? 0) + 1
    last.chance[i] = next % base
    if (next < base) return
  }
  last.time += 1
}

function text(id: Last): string {
  let written = write(id.time, timeLength)
  for (const digit of id.chance) written += write(digit, digitLength)
  return written
}

function write(value: number, length: number): string {
  let rest = value
  let written = ''
  for (let i = 0; i < length; i++) {
    written = alphabet.charAt(rest % 32) + written
    rest = Math.floor(rest / 32)
  }
  return written
}
