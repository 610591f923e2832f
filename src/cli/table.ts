// Aligned columns that fit a terminal: the widest column that may shrink gives way where they do not.

import { stripVTControlCharacters } from 'node:util'
import { printableLines } from './printable.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** May be cut, with an ellipsis, down to so many characters. */
  readonly shrinkTo?: number
  /** Is not cut then, but goes on in the lines below. */
  readonly wraps?: true
}

const gap = '  '

/** Rows under their titles, at most `width` wide as far as columns may shrink; every line ends with a newline. */
export function renderTable(
  columns: readonly Column[],
  given: readonly (readonly string[])[],
  width: number,
): string {
  const rows = given.map((cells) =>
    cells.map((cell) => printableLines(cell, true).replaceAll('\n', String.raw`\u000a`)),
  )
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => lengthOf(row[at] ?? ''))),
  )
  let over = widths.reduce((total, one) => total + one + gap.length, -gap.length) - width
  const shrinkable = columns
    .flatMap(({ shrinkTo }, at) => (shrinkTo === undefined ? [] : [{ at, least: shrinkTo }]))
    .toSorted((a, b) => (widths[b.at] ?? 0) - (widths[a.at] ?? 0))
  for (const { at, least } of shrinkable) {
    if (over <= 0) break
    const now = widths[at] ?? 0
    const next = Math.max(Math.min(now, least), now - over)
    widths[at] = next
    over -= now - next
  }
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, at) => fit(cells[at] ?? '', widths[at] ?? 0, align))
      .join(gap)
      .trimEnd()
  const lines = (cells: readonly string[]): readonly string[] => {
    const parts = columns.map(({ wraps }, at) =>
      wraps === true ? wrapped(cells[at] ?? '', widths[at] ?? 0) : [cells[at] ?? ''],
    )
    const height = Math.max(...parts.map(({ length }) => length))
    return Array.from({ length: height }, (_, at) => line(parts.map((part) => part[at] ?? '')))
  }
  return [columns.map(({ title }) => title), ...rows]
    .flatMap(lines)
    .map((text) => `${text}\n`)
    .join('')
}

/** Broken between words into lines of `width` characters; a word that is longer has a line of its own. */
export function wrapped(text: string, width: number): readonly string[] {
  if (lengthOf(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** Cut to `width` characters, so that one sees it was. */
export function cut(text: string, width: number): string {
  const characters = Array.from(text)
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`
}

function fit(text: string, width: number, align: Column['align']): string {
  const length = lengthOf(text)
  if (length > width) return cut(stripVTControlCharacters(text), width)
  const room = ' '.repeat(width - length)
  return align === 'right' ? room + text : text + room
}

function lengthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length
}
