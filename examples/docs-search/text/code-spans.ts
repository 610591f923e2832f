// Tells the `code` inside a piece of prose from the prose, in linear time.

export interface Span {
  readonly code: boolean
  readonly text: string
}

/** The spans of a text in order. A run of backticks without its like later on is prose. */
export function spansOf(text: string): readonly Span[] {
  const spans: Span[] = []
  const runs = [...text.matchAll(/`+/g)]
  const last = new Map(runs.map((run, place) => [run[0].length, place]))
  let begin = 0
  for (let place = 0; place < runs.length; place++) {
    const run = runs[place]
    if (run === undefined || run.index < begin || (last.get(run[0].length) ?? 0) <= place) continue
    let end = place + 1
    while (runs[end]?.[0].length !== run[0].length) end++
    const closing = runs[end]
    if (closing === undefined) continue
    if (run.index > begin) spans.push({ code: false, text: text.slice(begin, run.index) })
    spans.push({ code: true, text: text.slice(run.index + run[0].length, closing.index) })
    begin = closing.index + closing[0].length
    place = end
  }
  if (begin < text.length) spans.push({ code: false, text: text.slice(begin) })
  return spans
}
