// What a service must hold: one at a time, started again each time it fails, and ended before its process ends by itself.

import type { Row } from '../../src/journal/store.ts'
import type { Said } from './lines.ts'

/** A restart that takes longer than this (ms) has been forgotten. */
const soon = 5_000

interface Body {
  readonly service?: string
  readonly start?: number
  readonly skipped?: number
}

/** By the journal: each start after the end of the one before, and none that failed is left lying. */
export function wrongStarts(rows: readonly Row[]): readonly string[] {
  const problems: string[] = []
  let start = 0
  let endedAt: number | undefined = 0
  for (const { type, body, at, seq } of rows) {
    if (type === 'engine.started') [start, endedAt] = [0, undefined]
    if (start > 0 && endedAt !== undefined && at - endedAt > soon) {
      problems.push(`the beacon ended at ${endedAt}, and was not started again by ${at} (seq ${seq})`)
      endedAt = at
    }
    if (!type.startsWith('service.')) continue
    const fact = JSON.parse(body) as Body
    // after so many at once only some are told
    if (fact.skipped !== undefined) [start, endedAt] = [fact.start ?? start, undefined]
    else if (type === 'service.started') {
      if (fact.start !== start + 1 || (start > 0 && endedAt === undefined))
        problems.push(`start ${fact.start} of the beacon came after start ${start} (seq ${seq})`)
      ;[start, endedAt] = [fact.start ?? 0, undefined]
    } else if (type === 'service.exited') endedAt = at
    else if (type === 'services.ended') endedAt = undefined
  }
  return problems
}

/** By what it told from outside. */
export function wrongBeats(said: readonly Said[]): readonly string[] {
  const problems: string[] = []
  let last = { process: '', start: 0, beat: 'to' }
  for (const { kind, of } of said) {
    if (kind !== 'beats') continue
    const [process = '', start = '', beat = ''] = of.split(' ')
    const isNew = beat === 'from'
    const follows = isNew
      ? Number(start) === (process === last.process ? last.start + 1 : 1) &&
        (process !== last.process || last.beat === 'to')
      : process === last.process &&
        Number(start) === last.start &&
        (beat === 'to' || Number(beat) === (last.beat === 'from' ? 1 : Number(last.beat) + 1))
    if (!follows) problems.push(`the beacon told ${of} after ${Object.values(last).join(' ')}`)
    last = { process, start: Number(start), beat }
  }
  return last.beat === 'to' ? problems : [...problems, 'the last beacon did not end before its process']
}
