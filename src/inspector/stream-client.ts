// One who listens to the stream: told in order what is behind the place it is at, no more than its rate, and what it missed.

import { createAllowance } from '../kernel/allowance.ts'
import type { Cancel } from '../kernel/clock.ts'
import type { StreamLine } from './protocol.ts'
import type { RecentEvents } from './recent-events.ts'
import type { Source } from './source.ts'
import type { StreamLines } from './stream-lines.ts'

/** The journal is its queue: what it has not been given is read when it has room. */
export interface Client {
  /** There may be something new. */
  wake(): void
  /** It takes more: what waited for that is sent. */
  room(): void
  end(): void
}

/** What clients are told from. */
export interface Fed {
  readonly source: Source
  readonly recent: RecentEvents
  readonly lines: StreamLines
  /** Events a second for each. */
  readonly rate: number
}

interface Connection {
  /** Events behind it; undefined for those from now on. */
  readonly from: number | undefined
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  /** Has it woken a little later, when it may be told more. */
  readonly later: () => void
  readonly ended: () => void
}

/** Events of one line. */
const page = 200
/** A client that is further behind than so many events is told how many it misses, and goes on with the latest. */
const furthest = 20_000
/** Milliseconds between two beats. */
const beat = 10_000

/** The same for one that was up to date before: a second's worth. */
export function nearest(rate: number): number {
  return Math.min(furthest, Math.max(page, rate))
}

export function createClient({ source, recent, lines, rate }: Fed, connection: Connection): Client {
  const { from, controller, later, ended } = connection
  const { clock } = source
  const encoder = new TextEncoder()
  const allowance = createAllowance(clock, rate)
  let after = from
  let greeted = false
  /** Whether it has been up to date: what it then falls behind by is the host's speed, not history that it asked for. */
  let close = false
  let over = false
  /** Whether what there is waits until the client takes more. */
  let held = true
  let reading = false
  let again = false
  let cancelBeat: Cancel | undefined

  const say = (line: StreamLine): void => sayText(JSON.stringify(line))
  const sayText = (line: string): void => {
    if (over) return
    controller.enqueue(encoder.encode(`${line}\n`))
    cancelBeat?.()
    cancelBeat = clock.at(clock.now() + beat, beatNow)
  }
  const beatNow = (): void => {
    // whoever takes nothing is told nothing, and finds out by what stays away
    if ((controller.desiredSize ?? 0) > 0) say({ type: 'beat', now: clock.now(), seq: after ?? 0 })
    else if (!over) cancelBeat = clock.at(clock.now() + beat, beatNow)
  }
  const end = (): void => {
    if (over) return
    over = true
    cancelBeat?.()
    ended()
    try {
      controller.close()
    } catch {
      // it was cancelled from the other side
    }
  }

  const full = (): boolean => (held = (controller.desiredSize ?? 0) <= 0)
  const read = async (): Promise<void> => {
    const last = (greeted ? recent.last() : undefined) ?? (await source.reader().lastSeq())
    after ??= last
    if (!greeted) {
      greeted = true
      // an `after` of another, longer journal would wait for ever
      after = Math.min(after, last)
      say({ type: 'hello', seq: last, now: clock.now() })
    }
    if (full()) return
    allowance.fill()
    if (last - after > (close ? nearest(rate) : furthest) && allowance.left >= 1) {
      const seq = last - Math.min(page, Math.floor(allowance.left))
      say({ type: 'dropped', count: seq - after, seq })
      after = seq
    }
    while (!over && after < last) {
      if (full()) return
      if (allowance.left < 1) return later()
      const line = await lines.after(after, Math.min(page, Math.floor(allowance.left)))
      if (line === undefined) return
      after = line.upTo
      allowance.left -= line.count
      sayText(line.text)
      // between two lines the host has its turn
      if (after < last) await new Promise<void>((turn) => clock.soon(turn))
    }
    close ||= after >= last
  }

  const wake = (): void => {
    if (over) return
    if (reading) {
      again = true
      return
    }
    reading = true
    read()
      // it closed, or changes hands: the next ring tries again
      .catch(() => {})
      .finally(() => {
        reading = false
        if (!again) return
        again = false
        wake()
      })
  }
  const room = (): void => {
    // what comes now waits for the next ring, so that it goes together
    if (!held) return
    held = false
    wake()
  }
  return { wake, room, end }
}
