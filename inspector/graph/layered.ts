// A layered layout: boxes of any size in rows, long edges led around through the rows between, labels given room.

import { arrange, backward, layersOf, type Link } from './order.ts'

export interface Box {
  readonly width: number
  readonly height: number
}

export interface Edge {
  /** Places in the list of boxes. */
  readonly from: number
  readonly to: number
  /** Room for its label, in the middle. */
  readonly label?: Box
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Route {
  /** From the border of one box to that of the other. */
  readonly points: readonly Point[]
  /** The middle of the label. */
  readonly label?: Point
}

export interface Layout {
  /** Upper left corners, in the order of the boxes. */
  readonly places: readonly Point[]
  readonly routes: readonly Route[]
  readonly width: number
  readonly height: number
}

export interface LayoutOptions {
  /** Rows from top to bottom, or columns from left to right. Default `down`. */
  readonly direction?: 'down' | 'right'
  /** Between neighbours of a row (px). Default 24. */
  readonly gap?: number
  /** Between rows (px). Default 36. */
  readonly rowGap?: number
}

/** How wide an edge is that passes a row (px). */
const laneWidth = 10

export function layOut(boxes: readonly Box[], edges: readonly Edge[], options: LayoutOptions = {}): Layout {
  const { direction = 'down', gap = 24, rowGap = 36 } = options
  const turn = direction === 'right'
  const sizes: { across: number; along: number; thin: boolean }[] = boxes.map(({ width, height }) =>
    turn ? { across: height, along: width, thin: false } : { across: width, along: height, thin: false },
  )
  const back = backward(boxes.length, edges)
  // an edge with a label spans two rows at least, so that the label gets a row in between
  const spread = edges.some(({ label }) => label !== undefined) ? 2 : 1
  const links = edges.flatMap(({ from, to }, index): (Link & { readonly edge: number })[] =>
    from === to
      ? []
      : [back[index] === true ? { from: to, to: from, edge: index } : { from, to, edge: index }],
  )
  const layer = [...layersOf(boxes.length, links)].map((value) => value * spread)
  const chains = links.map(({ from, to, edge }) => {
    const label = edges[edge]?.label
    const first = layer[from] ?? 0
    const last = layer[to] ?? 0
    const middle = Math.floor((first + last) / 2)
    const chain = [from]
    for (let row = first + 1; row < last; row++) {
      const size = row === middle && label !== undefined ? label : undefined
      sizes.push({
        across: (turn ? size?.height : size?.width) ?? laneWidth,
        along: (turn ? size?.width : size?.height) ?? 0,
        thin: true,
      })
      layer.push(row)
      chain.push(sizes.length - 1)
    }
    chain.push(to)
    return { edge, chain, labelled: label === undefined ? undefined : chain[middle - first] }
  })
  const up = sizes.map((): number[] => [])
  const down = sizes.map((): number[] => [])
  for (const { chain } of chains)
    for (let at = 1; at < chain.length; at++) {
      down[chain[at - 1] ?? 0]?.push(chain[at] ?? 0)
      up[chain[at] ?? 0]?.push(chain[at - 1] ?? 0)
    }
  const lowest = Math.min(0, ...layer)
  const rows: number[][] = []
  for (const node of walkOrder(sizes.length, up, down)) (rows[(layer[node] ?? 0) - lowest] ??= []).push(node)
  const ordered = arrange(
    Array.from(rows, (row) => row ?? []),
    up,
    down,
  )
  const across = align(ordered, sizes, up, down, gap)
  const along = new Float64Array(sizes.length)
  let reached = 0
  for (const row of ordered) {
    const thick = Math.max(0, ...row.map((node) => sizes[node]?.along ?? 0))
    for (const node of row) along[node] = reached + thick / 2
    reached += thick + rowGap / spread
  }
  const point = (x: number, y: number): Point => (turn ? { x: y, y: x } : { x, y })
  const centre = (node: number): Point => point(across[node] ?? 0, along[node] ?? 0)
  const routes: Route[] = edges.map(() => ({ points: [] }))
  for (const { edge, chain, labelled } of chains) {
    const points = chain.map((node, index) => {
      const half = (sizes[node]?.along ?? 0) / 2
      const y = along[node] ?? 0
      if (index === 0) return point(across[node] ?? 0, y + half)
      return point(across[node] ?? 0, index === chain.length - 1 ? y - half : y)
    })
    routes[edge] = {
      points: back[edge] === true ? points.toReversed() : points,
      ...(labelled === undefined ? {} : { label: centre(labelled) }),
    }
  }
  return {
    places: boxes.map(({ width, height }, index) => {
      const { x, y } = centre(index)
      return { x: x - width / 2, y: y - height / 2 }
    }),
    routes,
    ...extent(sizes, across, along, turn),
  }
}

/** In the order of a walk along the edges: what belongs together begins together. */
function walkOrder(count: number, up: readonly number[][], down: readonly number[][]): readonly number[] {
  const seen = new Uint8Array(count)
  const order: number[] = []
  for (const from of Array.from({ length: count }, (_, node) => node).sort(
    (a, b) => (up[a]?.length === 0 ? 0 : 1) - (up[b]?.length === 0 ? 0 : 1),
  )) {
    const stack = [from]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (seen[node] === 1) continue
      seen[node] = 1
      order.push(node)
      for (const next of (down[node] ?? []).toReversed()) stack.push(next)
    }
  }
  return order
}

type Sizes = readonly { readonly across: number; readonly thin: boolean }[]

/** Middles across: each as near to its neighbours in the rows beside as the order and the gaps allow. */
function align(
  rows: readonly number[][],
  sizes: Sizes,
  up: readonly number[][],
  down: readonly number[][],
  gap: number,
): Float64Array {
  const at = new Float64Array(sizes.length)
  for (const row of rows) fit(row, sizes, gap, at, () => 0)
  for (let round = 0; round < 6; round++) {
    const near = round % 2 === 0 ? up : down
    for (const row of round % 2 === 0 ? rows : rows.toReversed())
      fit(row, sizes, gap, at, (node) => {
        const of = near[node] ?? []
        if (of.length === 0) return at[node] ?? 0
        const sorted = of.map((one) => at[one] ?? 0).sort((a, b) => a - b)
        const half = (sorted.length - 1) / 2
        return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2
      })
  }
  let least = Infinity
  for (const [node, { across }] of sizes.entries()) least = Math.min(least, (at[node] ?? 0) - across / 2)
  for (const node of sizes.keys()) at[node] = (at[node] ?? 0) - (Number.isFinite(least) ? least : 0)
  return at
}

/** Least squares under the order of the row: isotonic regression by pooling neighbours that want past each other. */
function fit(
  row: readonly number[],
  sizes: Sizes,
  gap: number,
  at: Float64Array,
  wish: (node: number) => number,
): void {
  const offsets: number[] = []
  let offset = 0
  const pools: { sum: number; weight: number; count: number }[] = []
  for (const [index, node] of row.entries()) {
    const size = sizes[node]
    const before = sizes[row[index - 1] ?? -1]
    if (size === undefined) continue
    if (before !== undefined)
      offset += (before.across + size.across) / 2 + (before.thin && size.thin ? gap / 2 : gap)
    offsets.push(offset)
    // edges that pass want to be straight more than boxes want to be in the middle
    const weight = size.thin ? 3 : 1
    let pool = { sum: (wish(node) - offset) * weight, weight, count: 1 }
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (last.sum / last.weight <= pool.sum / pool.weight) break
      pools.pop()
      pool = { sum: last.sum + pool.sum, weight: last.weight + pool.weight, count: last.count + pool.count }
    }
    pools.push(pool)
  }
  let index = 0
  for (const { sum, weight, count } of pools)
    for (let left = count; left > 0; left--, index++)
      at[row[index] ?? 0] = sum / weight + (offsets[index] ?? 0)
}

function extent(
  sizes: readonly { readonly across: number; readonly along: number }[],
  across: Float64Array,
  along: Float64Array,
  turn: boolean,
): { readonly width: number; readonly height: number } {
  let wide = 0
  let long = 0
  for (const [node, size] of sizes.entries()) {
    wide = Math.max(wide, (across[node] ?? 0) + size.across / 2)
    long = Math.max(long, (along[node] ?? 0) + size.along / 2)
  }
  return turn ? { width: long, height: wide } : { width: wide, height: long }
}
