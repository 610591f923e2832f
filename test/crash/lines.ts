// The file in which a job counts what it does, each line on disk before the job goes on; read from outside, as it grows.

import { closeSync, openSync, readSync, watch, writeFileSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

export interface Lines {
  /** All lines so far; a last one without an end is none. */
  readonly all: readonly string[]
  /** Reads what is new. */
  read(): void
  close(): void
}

/** Makes the file, and tells every new line in order, within a fraction of a millisecond where the system is idle. */
export function followLines(file: string, on: (line: string) => void): Lines {
  writeFileSync(file, '', { flag: 'a' })
  const descriptor = openSync(file, 'r')
  const decoder = new StringDecoder('utf8')
  const all: string[] = []
  const buffer = Buffer.alloc(65_536)
  let rest = ''
  const read = (): void => {
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null)
      if (length === 0) return
      const parts = (rest + decoder.write(buffer.subarray(0, length))).split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) {
        all.push(line)
        on(line)
      }
    }
  }
  const watcher = watch(file, read)
  return {
    all,
    read,
    close() {
      watcher.close()
      closeSync(descriptor)
    },
  }
}

/** What a line says. */
export interface Said {
  /**
   * `start` and `done` of a step's body; `accepted`: `start()` has resolved; `seen`: an observer was told of the event
   * with this `seq`; `ended`: a result has resolved; `beats`: of a service; `ticked`: all ticks so far have ended.
   */
  readonly kind: 'start' | 'done' | 'accepted' | 'seen' | 'ended' | 'posted' | 'beats' | 'ticked'
  /**
   * `run/chain/step[/item]/attempt` of a body, the run, the `seq`, the entry and its run, the process with the start and
   * the beat, or the tick.
   */
  readonly of: string
}

export function readLine(line: string): Said {
  const [, kind, of] = /^(done|accepted|seen|ended|posted|beats|ticked) (.*)$/s.exec(line) ?? []
  return kind === undefined ? { kind: 'start', of: line } : { kind: kind as Said['kind'], of: of ?? '' }
}
