// Splits a Markdown document into its sections, one a heading: ATX, setext or HTML; never one inside code.

import { type Line, linesOf } from './lines.ts'
import { plain, plainHeading } from './plain.ts'

export interface Section {
  /** Empty for what stands before the first heading. */
  readonly heading: string
  /** 1 to 6; 0 before the first heading. */
  readonly level: number
  /** The anchor that GitHub and npm give the heading; unique in the document. */
  readonly anchor: string
  readonly text: string
}

interface Heading {
  readonly level: number
  readonly raw: string
}

const longestSetext = 200
const longestHtmlHeading = 12
const noParagraph = /^ {0,3}(?:[-*+>|]|\d{1,9}[.)] |<)/

/** The sections in order; those with neither heading nor words are left out. */
export function split(markdown: string): readonly Section[] {
  const sections: Section[] = []
  const anchors = new Map<string, number>()
  let heading: Heading = { level: 0, raw: '' }
  let body: Line[] = []
  let paragraph = 0

  const close = (): void => {
    const title = plainHeading(heading.raw)
    const text = words(body)
    if (title !== '' || text !== '') {
      sections.push({ heading: title, level: heading.level, anchor: anchorOf(title, anchors), text })
    }
    body = []
    paragraph = 0
  }
  const open = (next: Heading): void => {
    close()
    heading = next
  }

  const lines = [...linesOf(markdown)]
  for (let place = 0; place < lines.length; place++) {
    const line = lines[place]
    if (line === undefined) break
    const atx = line.code ? undefined : atxOf(line.text)
    if (atx !== undefined) {
      open(atx)
      continue
    }
    const html = line.code ? undefined : htmlOf(lines, place)
    if (html !== undefined) {
      open(html.heading)
      if (html.after !== '') body.push({ code: false, text: html.after })
      place = html.end
      continue
    }
    const underline =
      line.code || paragraph === 0 ? undefined : /^ {0,3}(={2,}|-{2,})\s*$/.exec(line.text)?.[1]
    if (underline !== undefined) {
      const raw = body
        .slice(-paragraph)
        .map(({ text }) => text.trim())
        .join(' ')
      if (raw.length <= longestSetext) {
        body.length -= paragraph
        open({ level: underline.startsWith('=') ? 1 : 2, raw })
        continue
      }
    }
    body.push(line)
    const continues = !line.code && line.text.trim() !== '' && !noParagraph.test(line.text)
    paragraph = continues ? paragraph + 1 : 0
  }
  close()
  return sections
}

/** `## Title ##`; also `##Title`, which old documents have. */
function atxOf(line: string): Heading | undefined {
  const marks = /^ {0,3}(#{1,6})(?=[\s]|$)/.exec(line) ?? /^(#{2,6})(?=[A-Za-z])/.exec(line)
  if (marks === null) return undefined
  let raw = line.slice(marks[0].length).trim()
  const closing = raw.lastIndexOf(' ')
  if (/^#+$/.test(raw.slice(closing + 1))) raw = raw.slice(0, Math.max(closing, 0)).trim()
  return { level: marks[1]?.length ?? 1, raw }
}

/** `<h1 align="center">Title</h1>`, also over a few lines. */
function htmlOf(
  lines: readonly Line[],
  place: number,
): { readonly heading: Heading; readonly after: string; readonly end: number } | undefined {
  const [, level] = /^\s*<h([1-6])\b/i.exec(lines[place]?.text ?? '') ?? []
  if (level === undefined) return undefined
  let raw = ''
  for (let end = place; end < Math.min(place + longestHtmlHeading, lines.length); end++) {
    const text = lines[end]?.text ?? ''
    const close = text.toLowerCase().indexOf(`</h${level}`)
    if (close < 0) {
      raw += `${text} `
      continue
    }
    const after = text.slice(close).replace(/^<\/h[1-6]\s*>/i, '')
    return { heading: { level: Number(level), raw: raw + text.slice(0, close) }, after: after.trim(), end }
  }
  return undefined
}

/** A rule, the line below a table's head, or the definition of a link: nothing that a reader reads. */
const furniture = /^\s*(?:[-*_=|:+\s]+|\[[^\]\n]+\]:\s*\S+.*)$/

/** Prose without its marks, code as it is. */
function words(lines: readonly Line[]): string {
  const parts: string[] = []
  let prose: string[] = []
  const flush = (): void => {
    const text = plain(prose.join('\n'))
    if (text !== '') parts.push(text)
    prose = []
  }
  for (const { code, text } of lines) {
    if (code) {
      flush()
      if (text.trim() !== '') parts.push(text.trimEnd())
    } else if (text.trim() === '') flush()
    else if (!furniture.test(text)) prose.push(text.replace(/^\s*>+\s?/, ''))
  }
  flush()
  return parts.join('\n')
}

function anchorOf(title: string, taken: Map<string, number>): string {
  const slug = title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
  const times = taken.get(slug) ?? 0
  taken.set(slug, times + 1)
  return times === 0 ? slug : `${slug}-${times}`
}
