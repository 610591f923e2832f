// The runs that telemetry follows: at most so many, and the rest are read from the journal when they move again.

import { servicesRun } from '../engine/service-facts.ts'
import type { Watched } from '../engine/watcher.ts'
import type { JournalEvent } from '../journal/event.ts'
import { RunTrack } from './run-track.ts'
import type { StretchListener } from './stretch.ts'

/** Most histories that are being read at the same time. */
const mostReads = 16

export interface TracksHost extends Pick<Watched, 'history' | 'problem'> {
  readonly listener: StretchListener
  /** Most runs that are followed at once. */
  readonly mostRuns: number
  /** So many events could not be followed, because too many runs were being read. */
  dropped(events: number): void
}

export class RunTracks {
  readonly #host: TracksHost
  /** The one that has not moved for longest first. */
  readonly #tracks = new Map<string, RunTrack>()
  /** The runs that are being read, with the first event that nobody was told of and the last that is committed. */
  readonly #reading = new Map<string, { readonly from: number; to: number }>()

  constructor(host: TracksHost) {
    this.#host = host
  }

  get size(): number {
    return this.#tracks.size
  }

  has(run: string): boolean {
    return this.#tracks.has(run)
  }

  find(run: string): RunTrack | undefined {
    return this.#tracks.get(run)
  }

  /** @param events of one run, in order. */
  told(events: readonly JournalEvent[]): void {
    const [first] = events
    const last = events.at(-1)
    if (first === undefined || last === undefined) return
    const { run } = first
    // not what happens to services, or to the engine
    if (run === '' || run === servicesRun) return
    let track = this.#tracks.get(run)
    if (track === undefined) {
      const reading = this.#reading.get(run)
      if (reading !== undefined) reading.to = last.seq
      else if (first.type === 'run.accepted') track = this.#keep(first)
      // it is all over, but for a function that went on
      else if (events.every(({ type }) => type === 'attempt.settled-late')) return
      else if (this.#reading.size < mostReads) {
        this.#reading.set(run, { from: first.seq, to: last.seq })
        void this.#read(run)
      } else this.#host.dropped(events.length)
      if (track === undefined) return
    } else this.#touch(run, track)
    for (const event of events) track.apply(event)
    if (track.over) this.#tracks.delete(run)
  }

  /** Takes in a run as it was before what is going to be told of it. */
  recalled(events: readonly JournalEvent[]): void {
    const [first] = events
    if (first?.type !== 'run.accepted' || this.#tracks.has(first.run) || this.#reading.has(first.run)) return
    this.#follow(events, Infinity)
  }

  clear(): void {
    this.#tracks.clear()
  }

  #keep(event: JournalEvent & { readonly type: 'run.accepted' }, quiet = false): RunTrack {
    const track = new RunTrack(event, this.#host.listener, quiet)
    this.#touch(event.run, track)
    return track
  }

  #touch(run: string, track: RunTrack): void {
    this.#tracks.delete(run)
    this.#tracks.set(run, track)
    if (this.#tracks.size <= this.#host.mostRuns) return
    for (const oldest of this.#tracks.keys()) {
      this.#tracks.delete(oldest)
      return
    }
  }

  /** @param from what is older was told of before. */
  #follow(events: readonly JournalEvent[], from: number): RunTrack | undefined {
    const [first] = events
    if (first?.type !== 'run.accepted') return undefined
    const track = this.#keep(first, first.seq < from)
    for (const event of events) track.apply(event, event.seq < from)
    if (track.over) this.#tracks.delete(first.run)
    return track
  }

  /** More may be committed while it is read: it is read on until nothing is missing. */
  async #read(run: string): Promise<void> {
    const reading = this.#reading.get(run)
    if (reading === undefined) return
    try {
      let events = await this.#host.history(run, 0)
      while ((events.at(-1)?.seq ?? Infinity) < reading.to) {
        const more = await this.#host.history(run, events.at(-1)?.seq ?? 0)
        if (more.length === 0) break
        events = [...events, ...more]
      }
      this.#reading.delete(run)
      this.#follow(events, reading.from)
    } catch (error) {
      this.#host.problem('could not read how a run began', error)
    } finally {
      this.#reading.delete(run)
    }
  }
}
