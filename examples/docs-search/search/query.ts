// Answers questions from the index: ranked sections, with the words that were found marked.

import { DatabaseSync } from 'node:sqlite'
import { matchOf, quote, wordsOf } from './words.ts'

export interface Hit {
  readonly name: string
  readonly version: string
  /** Of the package below node_modules. */
  readonly path: string
  readonly file: string
  readonly anchor: string
  /** With the words that were found between `marks`. */
  readonly heading: string
  readonly snippet: string
}

export interface Index {
  /** The best sections; few of one package, so that others are seen. */
  ask(question: string, most?: number): readonly Hit[]
  /** Whether the package at this path is found by its own name. */
  names(path: string, name: string): boolean
  readonly packages: number
  [Symbol.dispose](): void
}

/** Around each word that was found: characters that no document has. */
export const marks = ['\u0001', '\u0002'] as const

/** The same text with other marks. */
export function remark(text: string, begin: string, end: string): string {
  return text.replaceAll(marks[0], begin).replaceAll(marks[1], end)
}

const mostOfOne = 2

/** A changelog says every word some time; what explains comes first. The weights: name, heading, body, parts. */
const ranked = `
  SELECT name, version, path, file, anchor,
    highlight(sections, 1, ?, ?) AS heading, snippet(sections, 2, ?, ?, '…', 24) AS snippet
  FROM sections WHERE sections MATCH ?
  ORDER BY bm25(sections, 4, 6, 1, 0.5) *
    CASE WHEN lower(file) GLOB '*change*' OR lower(file) GLOB '*history*' THEN 0.4 ELSE 1 END, path, file, rowid
  LIMIT ?`

/** Opens an index for reading; throws where there is none. */
export function openIndex(file: string): Index {
  const database = new DatabaseSync(file, { readOnly: true })
  const find = database.prepare(ranked)
  const named = database.prepare('SELECT 1 FROM sections WHERE sections MATCH ? AND path = ? LIMIT 1')
  const count = database.prepare('SELECT count(*) AS packages FROM packages')

  const hits = (match: string, most: number): readonly Hit[] => {
    const rows = find.all(...marks, ...marks, match, most * 20) as unknown as Hit[]
    const times = new Map<string, number>()
    const few = rows.filter(({ name }) => {
      const before = times.get(name) ?? 0
      times.set(name, before + 1)
      return before < mostOfOne
    })
    return few.slice(0, most).map((row) => ({ ...row }))
  }

  return {
    ask(question, most = 10) {
      const words = wordsOf(question)
      if (words.length === 0) return []
      const strict = hits(matchOf(words, 'all'), most)
      return strict.length > 0 || words.length === 1 ? strict : hits(matchOf(words, 'any'), most)
    },
    names: (path, name) => named.get(`name : ${quote(name)}`, path) !== undefined,
    get packages() {
      return Number(count.get()?.['packages'] ?? 0)
    },
    [Symbol.dispose]: () => database.close(),
  }
}
