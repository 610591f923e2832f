// A Markdown document line by line, each told apart as prose or code; comments and front matter are left out.

export interface Line {
  readonly code: boolean
  readonly text: string
}

interface Fence {
  readonly mark: string
  readonly length: number
}

const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/
const longestFrontMatter = 60

/** The lines of a document. A fence that is never closed runs to the end, as everywhere. */
export function* linesOf(markdown: string): Generator<Line> {
  const lines = markdown.split('\n')
  let fence: Fence | undefined
  let inComment = false
  let inList = false
  let afterBlank = true
  let afterIndented = false
  for (let place = afterFrontMatter(lines); place < lines.length; place++) {
    let text = lines[place] ?? ''
    if (fence !== undefined) {
      if (closes(text, fence)) fence = undefined
      else yield { code: true, text }
      continue
    }
    if (inComment || text.includes('<!--')) {
      const rest = withoutComments(text, inComment)
      inComment = rest.open
      if (rest.text.trim() === '') continue
      text = rest.text
    }
    fence = opens(text)
    if (fence !== undefined) continue
    const blank = text.trim() === ''
    const indented = !blank && /^(?: {4}|\t)/.test(text)
    if (!blank && !indented) inList = listItem.test(text) || (inList && !afterBlank)
    const code: boolean = indented && !inList && (afterBlank || afterIndented)
    yield { code, text }
    afterIndented = code
    afterBlank = blank
  }
}

/** A first `---` that is closed soon after begins YAML about the page, which is no text of it. */
function afterFrontMatter(lines: readonly string[]): number {
  if (lines[0]?.trimEnd() !== '---') return 0
  const end = lines
    .slice(0, longestFrontMatter)
    .findIndex((line, place) => place > 0 && line.trimEnd() === '---')
  return end < 0 ? 0 : end + 1
}

function opens(line: string): Fence | undefined {
  const [, run, info = ''] = /^\s*(?:>\s*)*(`{3,}|~{3,})(.*)$/.exec(line) ?? []
  if (run === undefined || (run.startsWith('`') && info.includes('`'))) return undefined
  return { mark: run.charAt(0), length: run.length }
}

function closes(line: string, fence: Fence): boolean {
  const run = line.replace(/^\s*(?:>\s*)*/, '').trimEnd()
  return run.length >= fence.length && run === fence.mark.repeat(run.length)
}

function withoutComments(line: string, open: boolean): { readonly text: string; readonly open: boolean } {
  let text = ''
  let at = 0
  for (;;) {
    if (open) {
      const end = line.indexOf('-->', at)
      if (end < 0) return { text, open }
      at = end + 3
      open = false
    }
    const begin = line.indexOf('<!--', at)
    if (begin < 0) return { text: text + line.slice(at), open }
    text += line.slice(at, begin)
    at = begin + 4
    open = true
  }
}
