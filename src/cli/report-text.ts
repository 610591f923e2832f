// A report drawn for a terminal, or as Markdown for a pull request.

import type { Point, Section } from './report-section.ts'
import { printableLines } from './printable.ts'
import { renderTable, wrapped } from './table.ts'
import type { Style, Terminal } from './terminal.ts'

const marks: Readonly<Record<Point['mark'], readonly [string, Style]>> = {
  ok: ['✓', 'green'],
  degraded: ['▲', 'yellow'],
  failing: ['✗', 'red'],
  unknown: ['?', 'gray'],
  high: ['▲', 'red'],
  medium: ['△', 'yellow'],
  low: ['·', 'gray'],
}

const states: Readonly<Partial<Record<string, Style>>> = {
  ok: 'green',
  degraded: 'yellow',
  failing: 'red',
  unknown: 'gray',
}

/** States are words, and never told by colour alone. */
export function reportText(
  sections: readonly Section[],
  terminal: Pick<Terminal, 'paint' | 'columns'>,
): string {
  const { paint } = terminal
  const columns = Math.min(terminal.columns, widest)
  const out: string[] = []
  for (const { title, note, points, table } of sections) {
    out.push(paint('bold', title), '\n')
    if (note !== undefined) out.push(...lines(note, columns - 2).map((line) => `  ${paint('dim', line)}\n`))
    for (const { mark, text, more } of points ?? []) {
      const [sign, style] = marks[mark]
      const word = mark === 'low' || mark === 'medium' || mark === 'high' ? '' : `${mark}: `
      const [first = '', ...rest] = lines(`${word}${text}`, columns - 4)
      out.push(`  ${paint(style, sign)} ${first}\n`, ...rest.map((line) => `    ${line}\n`))
      if (more !== undefined)
        out.push(...lines(more, columns - 4).map((line) => `    ${paint('dim', line)}\n`))
    }
    if (table !== undefined) {
      const rows = table.rows.map((cells) =>
        cells.map((cell) => {
          const colour = states[cell]
          return colour === undefined ? cell : paint(colour, cell)
        }),
      )
      const titles = table.columns.map((column) => ({ ...column, title: column.title.toUpperCase() }))
      const drawn = renderTable(titles, rows, columns - 2)
      out.push(...drawn.split('\n').flatMap((line) => (line === '' ? [] : [`  ${line}\n`])))
    }
    out.push('\n')
  }
  return out.join('').replace(/\n+$/, '\n')
}

/** Lines of text longer than this are read badly. */
const widest = 120

const lines = (text: string, width: number): readonly string[] =>
  wrapped(printableLines(text, false).replaceAll('\n', ' '), width)

export function reportMarkdown(sections: readonly Section[]): string {
  const out: string[] = []
  for (const [at, { title, note, points, table }] of sections.entries()) {
    out.push(`${at === 0 ? '#' : '##'} ${title}`, '')
    if (note !== undefined) out.push(escaped(note), '')
    for (const { mark, text, more } of points ?? [])
      out.push(`- **${mark}** ${escaped(text)}${more === undefined ? '' : `<br>${escaped(more)}`}`)
    if (points !== undefined) out.push('')
    if (table === undefined) continue
    const row = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`
    out.push(
      row(table.columns.map(({ title: name }) => name)),
      `|${table.columns.map(({ align }) => (align === 'right' ? '---:' : '---')).join('|')}|`,
      ...table.rows.map(row),
      '',
    )
  }
  return out.join('\n')
}

/** What comes from chains and failures is text, and no markup. */
function escaped(text: string): string {
  return printableLines(text, false)
    .replaceAll('\n', ' ')
    .replaceAll(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`)
}
