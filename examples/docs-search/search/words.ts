// The words inside identifiers: `AbortSignal` must be found by "abort signal", and the other way round.

const compound = /[A-Za-z][a-z0-9]*(?:[A-Z][a-z0-9]+)+/g

/** The parts of all compound identifiers of a text, each identifier once. */
export function identifierParts(text: string): string {
  const found = new Set(text.match(compound))
  return [...found].map((identifier) => partsOf(identifier).join(' ')).join(' ')
}

/** `AbortSignal` and `abortSignal` are abort, signal; any other word is itself. */
export function partsOf(word: string): readonly string[] {
  return word
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(' ')
}

/** Words that say nothing of what is looked for. */
const idle = new Set(
  'a an and are as at be by can do does for from how i in is it of on or the to what with'.split(' '),
)

/** What the reader typed, as words. */
export function wordsOf(query: string): readonly string[] {
  return query.match(/[\p{L}\p{N}]+/gu) ?? []
}

/** The words as a query of FTS5: side by side counts most; `all` or any of them must be there. */
export function matchOf(words: readonly string[], which: 'all' | 'any'): string {
  const telling = words.filter((word) => !idle.has(word.toLowerCase()))
  const terms = (telling.length > 0 ? telling : words).map((word) => {
    const parts = partsOf(word)
    return parts.length === 1 ? quote(word) : `(${quote(word)} OR (${parts.map(quote).join(' AND ')}))`
  })
  const joined = terms.join(which === 'all' ? ' AND ' : ' OR ')
  return words.length === 1 ? joined : `${quote(words.join(' '))} OR (${joined})`
}

export function quote(words: string): string {
  return `"${words.replaceAll('"', '""')}"`
}
