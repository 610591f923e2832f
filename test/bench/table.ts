// The bench's figures as a person reads them on a terminal of 80 to 120 columns.

import { type Line, type Spread, digits } from './line.ts'

const heads = ['', 'durability', 'figure', 'median', 'min - max', 'ratio', 'bar'] as const

/** The lines of a row as a table; a case or durability that repeats itself is written once. */
export function tableOf(lines: readonly Line[], judged: boolean): string {
  const cells = lines.map((line) => cellsOf(line, judged))
  const shown = cells.map((row, at) =>
    row.map((cell, column) => (column < 2 && repeats(cells, at, column) ? '' : cell)),
  )
  const all = [[...heads], ...shown]
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) => lineText(row, widths)).join('\n')
}

export function cellsOf(line: Line, judged: boolean): readonly string[] {
  const { value, ratio, bar, durability, figure } = line
  return [
    line.case,
    durability,
    figure,
    digits(value.median),
    rangeOf(value),
    ratio === undefined
      ? ''
      : `${digits(ratio.median)}x ${ratio.to}${ratio.samples > 1 ? ` (${rangeOf(ratio)})` : ''}`,
    bar === undefined ? '' : `${bar.text}${judged ? (bar.met ? ' met' : ' MISSED') : ''}`,
  ]
}

function rangeOf({ min, max, samples }: Spread): string {
  return samples > 1 ? `${digits(min)} - ${digits(max)}` : ''
}

/** Whether this cell and all before it say what the line above says. */
function repeats(cells: readonly (readonly string[])[], at: number, column: number): boolean {
  const above = cells[at - 1]
  const own = cells[at]
  return (
    above !== undefined &&
    own !== undefined &&
    above.slice(0, column + 1).every((cell, of) => cell === own[of])
  )
}

function lineText(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => {
    const width = widths[column] ?? 0
    return column === 3 ? cell.padStart(width) : cell.padEnd(width)
  })
  return `  ${cells.join('  ')}`.trimEnd()
}
