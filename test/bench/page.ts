// Writes the figures of a run of the bench into docs/performance.md, between its two marks.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machineText } from './machine-now.ts'
import type { MeasuredRow, Results } from './results.ts'
import { cellsOf } from './table.ts'

const page = join(import.meta.dirname, '../../docs/performance.md')
const begin = '<!-- figures: npm run bench -- --page FILE -->'
const end = '<!-- end of figures -->'

export function writePage(results: Results): void {
  const text = readFileSync(page, 'utf8')
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${page} has lost its marks: ${begin} and ${end}`)
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${figuresOf(results)}\n${text.slice(to)}`)
}

/** All tables, under the machine that they were measured on. */
export function figuresOf({ machine, rows, size, turns }: Results): string {
  const of = `Measured ${machine.at.slice(0, 10)}, ${turns} turns${size === 'full' ? ', at full scale' : ''}. ${machineText(machine)}`
  return [of, ...rows.map(sectionOf)].join('\n\n')
}

function sectionOf({ name, title, method, lines, problems }: MeasuredRow): string {
  const heads = ['', 'durability', 'figure', 'median', 'min - max', 'ratio', 'bar', 'note']
  const cells = lines.map((line) => [...cellsOf(line, true), line.note ?? ''])
  const rows = [heads, heads.map((_, at) => (at === 3 ? '---:' : '---')), ...cells]
  const table = rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
  const failed = problems.map((problem) => `\nNot measured: ${problem}`)
  return [`### ${title}\n\n\`--only ${name}\`. ${method}\n`, ...table, ...failed].join('\n')
}
