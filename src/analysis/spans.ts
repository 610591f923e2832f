// Spans of time: merged, and swept for who is at work when.

export interface Span {
  readonly from: number
  readonly to: number
}

/** The spans in order, those that touch or overlap as one. */
export function merged(spans: readonly Span[]): Span[] {
  const found: { from: number; to: number }[] = []
  for (const { from, to } of inOrder(spans)) {
    const last = found.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else if (to > from) found.push({ from, to })
  }
  return found
}

/** How much time they cover together. */
export function covered(spans: readonly Span[]): number {
  let sum = 0
  let end = -Infinity
  for (const { from, to } of inOrder(spans)) {
    if (to <= end || to <= from) continue
    sum += to - Math.max(from, end)
    end = to
  }
  return sum
}

/** Most come in order. */
function inOrder(spans: readonly Span[]): readonly Span[] {
  for (let at = 1; at < spans.length; at++)
    if ((spans[at - 1] as Span).from > (spans[at] as Span).from)
      return spans.toSorted((a, b) => a.from - b.from)
  return spans
}

/** How a stretch of time is shared out among those that were at work in it. */
export interface Sweep {
  /** Each moment belongs to the one of those at work that ends last; '' where none was. */
  readonly time: Map<string, number>
  /** When one was at work and nobody else. */
  readonly alone: Map<string, number>
}

/** @param spans by name; what lies outside of `within` is left out. */
export function swept(within: Span, spans: ReadonlyMap<string, readonly Span[]>): Sweep {
  const edges: { at: number; name: string; to: number }[] = []
  for (const [name, own] of spans) {
    for (const { from, to } of merged(own)) {
      const clipped = { from: Math.max(from, within.from), to: Math.min(to, within.to) }
      if (clipped.to <= clipped.from) continue
      edges.push({ at: clipped.from, name, to: clipped.to }, { at: clipped.to, name, to: 0 })
    }
  }
  edges.sort((a, b) => a.at - b.at || a.to - b.to)
  const time = new Map<string, number>()
  const alone = new Map<string, number>()
  const active = new Map<string, number>()
  let at = within.from
  const pass = (to: number): void => {
    if (to <= at) return
    let last = ''
    let end = 0
    for (const [name, ends] of active) if (ends > end) [last, end] = [name, ends]
    add(time, last, to - at)
    if (active.size === 1) add(alone, last, to - at)
    at = to
  }
  for (const edge of edges) {
    pass(edge.at)
    if (edge.to === 0) active.delete(edge.name)
    else active.set(edge.name, edge.to)
  }
  pass(within.to)
  return { time, alone }
}

function add(to: Map<string, number>, name: string, value: number): void {
  to.set(name, (to.get(name) ?? 0) + value)
}
