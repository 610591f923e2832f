// What the command prints fits a terminal of 80 columns, and nothing of it is lost to that.

import { expect, test } from 'vitest'
import type { ChainHealth } from '../../src/analysis/report-times.ts'
import type { Report } from '../../src/analysis/report.ts'
import { commands, groups } from '../../src/cli/commands.ts'
import { helpOf, overview } from '../../src/cli/help.ts'
import { health } from '../../src/cli/report-figures.ts'
import { reportText } from '../../src/cli/report-text.ts'
import { renderTable } from '../../src/cli/table.ts'
import { plain } from '../../src/cli/terminal.ts'

const widestOf = (text: string): number => Math.max(...text.split('\n').map(({ length }) => length))

test('every help fits 80 columns', () => {
  expect(widestOf(overview(groups))).toBeLessThanOrEqual(80)
  for (const command of commands)
    expect([command.name, widestOf(helpOf(command)) <= 80]).toEqual([command.name, true])
  expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length)
})

test('a column that wraps goes on below, and loses no word', () => {
  const columns = [{ title: 'NAME' }, { title: 'WHY', shrinkTo: 10, wraps: true }] as const
  const text = renderTable(
    columns,
    [
      ['one', 'a reason of several words'],
      ['two', 'short'],
    ],
    20,
  )
  expect(text).toBe('NAME  WHY\none   a reason of\n      several words\ntwo   short\n')
})

const healthOf = (chain: string, runs: number): ChainHealth => ({
  chain,
  state: 'unknown',
  cause: `${runs} successes of the 52 needed`,
  evidence: { runs, failed: 0, window: 0, low: 0, high: 0.5 },
  confidence: 0,
})

test('what all chains have in common is one sentence; else each has its row, with its whole reason', () => {
  const drawn = (all: readonly ChainHealth[]): string => {
    const section = health({ health: all } as Pick<Report, 'health'> as Report)
    return section === undefined ? '' : reportText([section], { paint: plain, columns: 60 })
  }
  expect(drawn([healthOf('a', 2), healthOf('b', 2)])).toBe(
    'Health\n  ? unknown: Of each of the 2 chains: 2 successes of the 52\n    needed.\n    Between 0 % and 50 % of its executions fail, with 90 %\n    certainty.\n',
  )
  const rows = drawn([healthOf('a', 2), healthOf('b', 31)])
  expect(rows).toMatch(/a +unknown +2 .*\n.*\n? *b +unknown +31 /s)
  expect(rows).not.toContain('…')
  expect(widestOf(rows)).toBeLessThanOrEqual(60)
})
