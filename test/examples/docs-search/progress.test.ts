// What the terminal shows follows from the journal alone, live or read back.

import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { advance, begin, type Fact } from '../../../examples/docs-search/progress.ts'
import { chainLine } from '../../../examples/docs-search/terminal/chain-line.ts'
import { paintFor } from '../../../examples/docs-search/terminal/paint.ts'
import { createView } from '../../../examples/docs-search/terminal/view.ts'

const facts: readonly Fact[] = [
  { type: 'run.accepted', at: 0 },
  { type: 'chain.started', chain: 'parse', at: 1_000 },
  { type: 'attempt.started', chain: 'parse', step: 'read', item: 'a', at: 1_000 },
  { type: 'attempt.started', chain: 'parse', step: 'read', item: 'b', at: 1_000 },
  { type: 'attempt.succeeded', chain: 'parse', step: 'read', item: 'a', at: 1_100 },
  { type: 'attempt.lost', chain: 'parse', step: 'read', item: 'b', at: 2_000 },
  { type: 'attempt.started', chain: 'parse', step: 'read', item: 'b', at: 2_000 },
  { type: 'attempt.failed', chain: 'parse', step: 'read', item: 'b', at: 2_100 },
]
const end: Fact = { type: 'chain.ended', chain: 'parse', status: 'succeeded', at: 3_500 }

function screen(isTTY: boolean): {
  readonly text: () => string
  readonly tell: (all: readonly Fact[]) => void
} {
  let written = ''
  const terminal = { isTTY, columns: 80, write: (text: string) => (written += text) }
  const view = createView({
    terminal,
    paint: paintFor({ ...terminal, isTTY: false }, {}),
    chains: ['discover', 'parse'],
    packages: 4,
    soon: (draw) => {
      draw()
      return () => {}
    },
  })
  return {
    text: () => written,
    tell: (all) => {
      for (const fact of all) view.tell(fact)
      view.close()
    },
  }
}

test('the fold counts items, failures and losses', () => {
  expect(facts.reduce(advance, begin(['parse'])).get('parse')).toMatchObject({
    status: 'running',
    step: 'read',
    items: 1,
    failed: 1,
    lost: 1,
  })
})

test('an event of another chain changes nothing', () => {
  const before = begin(['parse'])
  expect(advance(before, { type: 'chain.started', chain: 'other', at: 0 })).toBe(before)
})

test('without a terminal each chain gives one line at its end', () => {
  const { text, tell } = screen(false)
  tell([...facts, end])
  expect(text()).toBe('  ✓ parse     2.5 s  1 failed attempt, 1 cut off by the stop\n')
})

test('on a terminal the lines are drawn over each other', () => {
  const { text, tell } = screen(true)
  tell(facts)
  expect(text()).toContain('\u001B[2A')
  expect(text().split('\u001B[2A').at(-1)).toContain('› parse     ━━━━━━────────────────── 1/4 read')
})

test('a line never wraps, however little room there is', () => {
  const lost = facts.reduce(advance, begin(['parse'])).get('parse')
  if (lost === undefined) throw new Error('parse is not there')
  const paint = paintFor({ write: () => {} }, { FORCE_COLOR: '1' })
  for (const room of [0, 5, 10, 20, 40, 60]) {
    const line = stripVTControlCharacters(chainLine('parse', lost, { paint, packages: 4, room }))
    expect(line.length).toBeLessThanOrEqual(room)
  }
})

test('a chain that did not run says so', () => {
  const { text, tell } = screen(false)
  tell([{ ...end, status: 'upstream_failed' }])
  expect(text()).toContain('- parse     upstream failed')
})

test('colours are for terminals, unless NO_COLOR or FORCE_COLOR says otherwise', () => {
  const tty = { isTTY: true, write: () => {} }
  const pipe = { write: () => {} }
  expect(paintFor(tty, {}).red('x')).toBe('\u001B[31mx\u001B[39m')
  expect(paintFor(tty, { NO_COLOR: '1' }).red('x')).toBe('x')
  expect(paintFor(tty, { TERM: 'dumb' }).red('x')).toBe('x')
  expect(paintFor(pipe, {}).red('x')).toBe('x')
  expect(paintFor(pipe, { FORCE_COLOR: '1' }).red('x')).toBe('\u001B[31mx\u001B[39m')
})
