// Collects the relative links of a Markdown document, and says where in its package each must lead.

import { posix } from 'node:path'
import { spansOf } from './code-spans.ts'
import { linesOf } from './lines.ts'

/** The targets of all relative links and images, each once, in order of appearance. */
export function relativeLinks(markdown: string): readonly string[] {
  const prose = [...linesOf(markdown)]
    .filter(({ code }) => !code)
    .map(({ text }) => text)
    .join('\n')
  const text = spansOf(prose)
    .map((span) => (span.code ? ' ' : span.text))
    .join('')
  const targets = [...inline(text), ...definitions(text), ...attributes(text)]
  return [...new Set(targets.map((target) => target.trim()).filter(isRelative))]
}

function isRelative(target: string): boolean {
  return target !== '' && !/^(?:[a-z][a-z0-9+.-]*:|\/\/|#|\?)/i.test(target)
}

/** `[text](target "title")` and `![text](<target>)`. */
function* inline(text: string): Generator<string> {
  for (let at = text.indexOf(']('); at >= 0; at = text.indexOf('](', at + 2)) {
    const target = destination(text, at + 2)
    if (target !== undefined) yield target
  }
}

/** What stands between the brackets, as far as the first space; parentheses in it must be balanced. */
function destination(text: string, from: number): string | undefined {
  while (text[from] === ' ') from++
  if (text[from] === '<') {
    const end = text.indexOf('>', from)
    const target = end < 0 ? '' : text.slice(from + 1, end)
    return target === '' || target.includes('\n') ? undefined : target
  }
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\') at++
    else if (character === '(') depth++
    else if (character === ')' && depth-- === 0) return text.slice(from, at)
    else if (/\s/.test(character)) return titled(text, at) ? text.slice(from, at) : undefined
  }
  return undefined
}

/** After the target come a title or the end: else the bracket began no link. */
function titled(text: string, at: number): boolean {
  return /^\s*(?:\)|["'(])/.test(text.slice(at, at + 80))
}

/** `[name]: target`; footnotes are none. */
function definitions(text: string): readonly string[] {
  return [...text.matchAll(/^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]*<?([^\s<>]+)/gm)].map(([, target = '']) => target)
}

function attributes(text: string): readonly string[] {
  const tags = [...text.matchAll(/<(?:a|img|source|video)\b[^<>]*>/gi)].map(([tag]) => tag)
  const found = tags.flatMap((tag) => [
    ...tag.matchAll(/\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi),
  ])
  return found.map(([, double, single, bare]) => double ?? single ?? bare ?? '')
}

/** Where a link of the document `file` leads, as a path in the package; or why it can lead nowhere. */
export function targetOf(file: string, link: string): { readonly path: string } | { readonly why: string } {
  let path: string
  try {
    path = decodeURIComponent(link.replace(/[?#].*$/s, ''))
  } catch {
    return { why: 'is not a valid URL' }
  }
  if (path.includes('\0')) return { why: 'is not a valid path' }
  // the root of a repository is what a leading slash means on GitHub and npm
  const from = path.startsWith('/') ? '.' : posix.dirname(file)
  const resolved = posix.normalize(posix.join(from, path))
  if (resolved === '..' || resolved.startsWith('../')) return { why: 'leaves the package' }
  return { path: resolved }
}
