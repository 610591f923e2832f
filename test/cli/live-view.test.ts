// What a person sees of a running run, without a terminal: the pure renderer, tables, colours.

import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { type LiveViewOptions, renderLive } from '../../src/cli/live-view.ts'
import { createScreen } from '../../src/cli/screen.ts'
import { renderTable } from '../../src/cli/table.ts'
import { coloured, plain, wantsColour } from '../../src/cli/terminal.ts'
import type { Fact } from '../../src/journal/event.ts'
import { encode } from '../../src/kernel/codec.ts'
import type { RunTimeline } from '../../src/observe/timeline.ts'
import { accepted, events, failure } from '../observe/events.ts'
import { timelineOf } from '../../src/observe/timeline.ts'

const options: LiveViewOptions = { now: 5_000, columns: 60, rows: 24, paint: plain }

const timeline = (...facts: readonly Fact[]): RunTimeline => {
  const made = timelineOf(events(...facts))
  if (made === undefined) throw new TypeError('no run')
  return made
}

const keys = encode({ keys: ['a', 'b', 'c'], items: [1, 2, 3] }, 'items')
const busy = timeline(
  accepted(['report'], { extract: [], parse: ['extract'], report: ['parse'], alert: ['broken'], broken: [] }),
  { type: 'chain.started', chain: 'extract' },
  { type: 'attempt.started', chain: 'extract', step: 'fetch', attempt: 1, inFlight: 1, config: 0 },
  { type: 'attempt.succeeded', chain: 'extract', step: 'fetch', attempt: 1, took: 5 },
  { type: 'chain.ended', chain: 'extract', status: 'succeeded' },
  { type: 'chain.ended', chain: 'broken', status: 'failed', failure: failure('no disk'), step: 'write' },
  { type: 'chain.ended', chain: 'alert', status: 'upstream_failed' },
  { type: 'chain.started', chain: 'parse' },
  { type: 'decision.made', chain: 'parse', step: 'each:items', payload: keys },
  { type: 'attempt.started', chain: 'parse', step: 'each', item: 'a', attempt: 1, inFlight: 1, config: 0 },
  { type: 'attempt.succeeded', chain: 'parse', step: 'each', item: 'a', attempt: 1, took: 5 },
  { type: 'attempt.started', chain: 'parse', step: 'each', item: 'b', attempt: 1, inFlight: 1, config: 0 },
)

test('each chain has a line with its state, counts of items and times; the last line sums up', () => {
  expect(renderLive(busy, options)).toEqual([
    '✓ extract                                             300 ms',
    '▸ parse    each 1 of 3 items                           4.3 s',
    '· report   pending',
    '✗ alert    blocked by a failure before it',
    '✗ broken   write: no disk',
    '3 of 5 chains done · 1 running · 5 s',
  ])
})

test('no line is wider than the screen, and no more lines are drawn than it has', () => {
  const lines = renderLive(busy, { ...options, columns: 30, rows: 5 })
  expect(lines).toEqual([
    '▸ parse   each 1 of 3 …  4.3 s',
    '· report  pending',
    '✗ broken  write: no disk',
    '  and 2 more',
    '3 of 5 chains done · 1 runnin…',
  ])
})

test('colours add no width, and what a step says of itself is shown', () => {
  const progress = new Map([['parse/each', '40 %, on the moon']])
  const lines = renderLive(busy, { ...options, progress, paint: coloured })
  expect(lines[1]).toContain('\u001B[36m▸')
  expect(lines.map((line) => stripVTControlCharacters(line))).toEqual(
    renderLive(busy, { ...options, progress }),
  )
  expect(lines[1]).toContain('each 1 of 3 items (40 %, on the moon)')
})

test('a screen is drawn over what was drawn before', () => {
  const written: string[] = []
  const screen = createScreen((text) => void written.push(text))
  screen.draw(['one', 'two'])
  screen.draw(['three'])
  screen.clear()
  screen.clear()
  expect(written).toEqual(['\r\u001B[0Jone\ntwo\n', '\u001B[2A\r\u001B[0Jthree\n', '\u001B[1A\r\u001B[0J'])
})

test('a table is aligned, and the widest column that may shrink gives way', () => {
  const columns = [
    { title: 'NAME', shrinkTo: 4 },
    { title: 'N', align: 'right' as const },
  ]
  const rows = [
    ['a-rather-long-name', '7'],
    ['b', '42'],
  ]
  expect(renderTable(columns, rows, 80)).toBe(
    'NAME                 N\na-rather-long-name   7\nb                   42\n',
  )
  expect(renderTable(columns, rows, 12)).toBe('NAME       N\na-rathe…   7\nb         42\n')
})

test('colours go to a terminal only, unless the environment says otherwise', () => {
  expect(wantsColour(true, {})).toBe(true)
  expect(wantsColour(false, {})).toBe(false)
  expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false)
  expect(wantsColour(true, { NO_COLOR: '' })).toBe(true)
  expect(wantsColour(true, { TERM: 'dumb' })).toBe(false)
  expect(wantsColour(false, { FORCE_COLOR: '1' })).toBe(true)
  expect(wantsColour(true, { FORCE_COLOR: '0' })).toBe(false)
})
