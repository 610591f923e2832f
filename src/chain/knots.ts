// The knots of a graph: its strongly connected components that hold a cycle, by Tarjan's walk without recursion.

/** Where each node points to; nodes are counted from 0 on. */
export type Edges = readonly (readonly number[])[]

/** Each knot as its nodes in ascending order, in time linear in the edges. */
export function knots(edges: Edges): number[][] {
  const found: number[][] = []
  // When a node was first met, counted from 1, and the earliest node it can reach that is still open; 0 is unmet.
  const met = new Uint32Array(edges.length)
  const reach = new Uint32Array(edges.length)
  const isOpen = new Uint8Array(edges.length)
  const nextEdge = new Uint32Array(edges.length)
  const open: number[] = []
  let count = 0

  const meet = (node: number): void => {
    count += 1
    met[node] = count
    reach[node] = count
    isOpen[node] = 1
    open.push(node)
  }
  const lower = (node: number, to: number | undefined): void => {
    reach[node] = Math.min(reach[node] ?? 0, to ?? 0)
  }
  const close = (root: number): void => {
    const knot = open.splice(open.lastIndexOf(root))
    for (const node of knot) isOpen[node] = 0
    if (knot.length > 1 || edges[root]?.includes(root)) found.push(knot.sort((a, b) => a - b))
  }
  const walk = (start: number): void => {
    const path = [start]
    meet(start)
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const edge = nextEdge[node] ?? 0
      nextEdge[node] = edge + 1
      const target = edges[node]?.[edge]
      if (target === undefined) {
        path.pop()
        const parent = path.at(-1)
        if (parent !== undefined) lower(parent, reach[node])
        if (reach[node] === met[node]) close(node)
      } else if (met[target] === 0) {
        meet(target)
        path.push(target)
      } else if (isOpen[target] === 1) lower(node, met[target])
    }
  }
  for (let node = 0; node < edges.length; node++) if (met[node] === 0) walk(node)
  return found
}
