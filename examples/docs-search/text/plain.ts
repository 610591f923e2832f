// Markdown prose as the words a reader sees: no links, tags, images or marks of emphasis.

import { spansOf } from './code-spans.ts'

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '(c)',
  mdash: '-',
  ndash: '-',
  hellip: '...',
}

/** The words of a heading: a logo in it counts only where there is nothing else. */
export function plainHeading(raw: string): string {
  const without = plain(raw.replaceAll(/!\[[^\][]*\]\([^()]*\)|<img\b[^<>]*>/gi, ''))
  return without === '' ? plain(raw) : without
}

/** The words of a piece of prose, on one line. */
export function plain(prose: string): string {
  const words = spansOf(prose).map(({ code, text }) => (code ? text : withoutMarks(text)))
  return words.join('').replaceAll(/\s+/g, ' ').trim()
}

function withoutMarks(text: string): string {
  return (
    text
      // an image that is a link is a badge; any other stands for its description
      .replaceAll(/\[!\[[^\][]*\](?:\([^()]*\)|\[[^\][]*\])\](?:\([^()]*\)|\[[^\][]*\])/g, '')
      .replaceAll(/!\[([^\][]*)\](?:\([^()]*\)|\[[^\][]*\])/g, '$1')
      .replaceAll(/\[([^\][]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)?\)|\[[^\][]*\])/g, '$1')
      .replaceAll(/\]\([^()\s]*\)/g, ']')
      .replaceAll(/<(?:https?:|mailto:)([^<>\s]*)>/g, '$1')
      .replaceAll(/<img\b[^<>]*?\balt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')[^<>]*>/gi, '$1$2')
      .replaceAll(/<\/?[a-z!][^<>]*>/gi, ' ')
      .replaceAll(/(\*\*|__|~~)/g, '')
      .replaceAll(/(^|[\s(])[*_]([^\s*_][^*_]*)[*_](?=[\s).,:;!?]|$)/g, '$1$2')
      .replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')
      .replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, entity)
  )
}

function entity(whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return entities[name.toLowerCase()] ?? whole
  const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  const valid = point > 0 && point <= 0x10_ff_ff && (point < 0xd8_00 || point > 0xdf_ff)
  return valid ? String.fromCodePoint(point) : whole
}
