// Layers of a directed graph and the order within each, after Sugiyama: few edges go back, few cross.

export interface Link {
  readonly from: number
  readonly to: number
}

/** For each link whether it closes a circle, by a walk in depth in the order given. */
export function backward(count: number, links: readonly Link[]): readonly boolean[] {
  const out = outgoing(count, links)
  const state = new Uint8Array(count)
  const back = links.map(({ from, to }) => from === to)
  for (let root = 0; root < count; root++) {
    if (state[root] !== 0) continue
    const stack: [node: number, next: number][] = [[root, 0]]
    state[root] = 1
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const [node, next] = top
      const link = out[node]?.[next]
      if (link === undefined) {
        state[node] = 2
        stack.pop()
        continue
      }
      top[1]++
      const to = links[link]?.to ?? 0
      if (state[to] === 1) back[link] = true
      else if (state[to] === 0) {
        state[to] = 1
        stack.push([to, 0])
      }
    }
  }
  return back
}

function outgoing(count: number, links: readonly Link[]): readonly number[][] {
  const out = Array.from({ length: count }, (): number[] => [])
  for (const [index, { from }] of links.entries()) out[from]?.push(index)
  return out
}

/** The longest path from a source to each node; a source stands right before the first that it leads to. */
export function layersOf(count: number, links: readonly Link[]): Int32Array {
  const out = outgoing(count, links)
  const left = new Int32Array(count)
  for (const { to } of links) left[to] = (left[to] ?? 0) + 1
  const layer = new Int32Array(count)
  const order: number[] = []
  for (let node = 0; node < count; node++) if (left[node] === 0) order.push(node)
  for (let at = 0; at < order.length; at++) {
    const node = order[at] ?? 0
    for (const link of out[node] ?? []) {
      const to = links[link]?.to ?? 0
      layer[to] = Math.max(layer[to] ?? 0, (layer[node] ?? 0) + 1)
      left[to] = (left[to] ?? 0) - 1
      if (left[to] === 0) order.push(to)
    }
  }
  const incoming = new Set(links.map(({ to }) => to))
  for (const node of order) {
    const targets = out[node] ?? []
    if (incoming.has(node) || targets.length === 0) continue
    layer[node] = Math.min(...targets.map((link) => layer[links[link]?.to ?? 0] ?? 0)) - 1
  }
  return layer
}

/** Orders each layer by where its neighbours stand, to and fro; keeps the order with the fewest crossings. */
export function arrange(layers: number[][], up: readonly number[][], down: readonly number[][]): number[][] {
  const place = new Float64Array(up.length)
  const wish = new Float64Array(up.length)
  const settle = (rows: readonly number[][]): void => {
    for (const row of rows) for (const [index, node] of row.entries()) place[node] = index
  }
  settle(layers)
  let best = layers.map((row) => [...row])
  let fewest = crossings(layers, down, place)
  // of a large graph nobody sees the last crossings
  const rounds = up.length > 4_000 ? 2 : up.length > 1_500 ? 4 : 8
  for (let round = 0; round < rounds && fewest > 0; round++) {
    const forth = round % 2 === 0
    const near = forth ? up : down
    const rows = forth ? layers : layers.toReversed()
    for (const row of rows) {
      for (const node of row) wish[node] = barycentre(near[node] ?? [], place, place[node] ?? 0)
      row.sort((a, b) => (wish[a] ?? 0) - (wish[b] ?? 0))
      for (const [index, node] of row.entries()) place[node] = index
    }
    const now = crossings(layers, down, place)
    if (now < fewest) {
      fewest = now
      best = layers.map((row) => [...row])
    }
  }
  return best
}

function barycentre(near: readonly number[], place: Float64Array, own: number): number {
  if (near.length === 0) return own
  let sum = 0
  for (const node of near) sum += place[node] ?? 0
  return sum / near.length
}

/** Pairs of edges between neighbouring layers that cross, by counting inversions with a Fenwick tree. */
function crossings(layers: readonly number[][], down: readonly number[][], place: Float64Array): number {
  let count = 0
  for (const [index, row] of layers.entries()) {
    const width = (layers[index + 1]?.length ?? 0) + 1
    const tree = new Int32Array(width + 1)
    let seen = 0
    for (const node of row) {
      const targets = (down[node] ?? []).map((to) => (place[to] ?? 0) + 1).sort((a, b) => a - b)
      for (const target of targets) {
        let upTo = 0
        for (let at = target; at > 0; at -= at & -at) upTo += tree[at] ?? 0
        count += seen - upTo
      }
      for (const target of targets) {
        for (let at = target; at <= width; at += at & -at) tree[at] = (tree[at] ?? 0) + 1
        seen++
      }
    }
  }
  return count
}
