// The graph of chains: what is needed stands left of what needs it, or above.

import { useMemo } from 'preact/hooks'
import type { JSX } from 'preact'
import type { ChainCard, ChainEdge, ChainsView } from '../../src/inspector/protocol.ts'
import { healthLook } from '../parts/status.tsx'
import { setQuery } from '../state/route.ts'
import { curve } from './curve.ts'
import { layOut } from './layered.ts'
import { Viewport } from './viewport.tsx'

/** Of more chains than this no second layout is tried. */
const mostTurned = 200
const box = { width: 190, height: 56 }

/** A chain with all that it needs, or that needs it, directly or not. */
export function reach(
  edges: readonly ChainEdge[],
  from: string,
  direction: 'both' | 'up' | 'down',
): ReadonlySet<string> {
  const found = new Set([from])
  const walk = (next: (id: string) => readonly string[]): void => {
    const seen = new Set([from])
    const stack = [from]
    for (let id = stack.pop(); id !== undefined; id = stack.pop())
      for (const other of next(id))
        if (!seen.has(other)) {
          seen.add(other)
          found.add(other)
          stack.push(other)
        }
  }
  const group = (key: 'from' | 'to', other: 'from' | 'to'): ReadonlyMap<string, readonly string[]> =>
    new Map(
      [...Map.groupBy(edges, (edge) => edge[key])].map(([id, list]) => [id, list.map((edge) => edge[other])]),
    )
  if (direction !== 'down') {
    const up = group('to', 'from')
    walk((id) => up.get(id) ?? [])
  }
  if (direction !== 'up') {
    const down = group('from', 'to')
    walk((id) => down.get(id) ?? [])
  }
  return found
}

interface ChainGraphProps {
  readonly view: ChainsView
  readonly focus: string | undefined
  readonly lit: ReadonlySet<string> | undefined
}

export function ChainGraph({ view: { chains, edges }, focus, lit }: ChainGraphProps): JSX.Element {
  // only what changes the picture lays it out anew, so that nothing moves while figures do
  const shape = JSON.stringify([chains.map(({ id }) => id), edges])
  const layout = useMemo(() => {
    const at = new Map(chains.map(({ id }, index) => [id, index]))
    const known = edges.flatMap((edge) => {
      const [from, to] = [at.get(edge.from), at.get(edge.to)]
      return from === undefined || to === undefined ? [] : [{ edge, from, to }]
    })
    const boxes = chains.map(() => box)
    // from left to right, as one reads, unless that gets too long
    const right = layOut(boxes, known, { direction: 'right', gap: 22, rowGap: 80 })
    if (chains.length > mostTurned) return { ...right, across: true, known }
    const down = layOut(boxes, known, { direction: 'down', gap: 28, rowGap: 56 })
    const across = right.width <= Math.max(down.width, down.height, 760)
    return { ...(across ? right : down), across, known }
  }, [shape])
  return (
    <Viewport width={layout.width} height={layout.height} of="chains" label="Graph of the chains">
      {layout.known.map(({ edge }, index) => {
        const on = lit === undefined || (lit.has(edge.from) && lit.has(edge.to))
        const state = lit === undefined ? '' : on ? ' lit' : ' dim'
        return (
          <path
            key={`${edge.from}>${edge.to}>${edge.name}`}
            class={`link-edge ${edge.kind}${state}`}
            d={curve(layout.routes[index]?.points ?? [], layout.across)}
            marker-end="url(#tip)"
          >
            <title>{`${edge.to} needs ${edge.from}${edge.name === edge.from ? '' : ` as ${edge.name}`} (${edge.kind})`}</title>
          </path>
        )
      })}
      {chains.map((card, index) => (
        <Node
          key={card.id}
          card={card}
          x={layout.places[index]?.x ?? 0}
          y={layout.places[index]?.y ?? 0}
          state={card.id === focus ? ' chosen' : lit === undefined || lit.has(card.id) ? '' : ' dim'}
        />
      ))}
    </Viewport>
  )
}

interface NodeProps {
  readonly card: ChainCard
  readonly x: number
  readonly y: number
  readonly state: string
}

const signs: Readonly<Record<ChainCard['health'], string>> = {
  ok: '✓',
  degraded: '!',
  failing: '✕',
  unknown: '?',
}

function Node({ card: { id, health, runs, failed }, x, y, state }: NodeProps): JSX.Element {
  const { tone, word } = healthLook(health)
  return (
    <g
      class={`chain-node ${health}${state}`}
      transform={`translate(${x} ${y})`}
      onClick={() => setQuery({ focus: id })}
    >
      <rect width={box.width} height={box.height} rx="9" class="box" />
      <text x="14" y="23" class="name">
        {id.length > 22 ? `${id.slice(0, 21)}…` : id}
      </text>
      <text x="14" y="42" class="says">
        <tspan class={`sign tone-${tone}`}>{signs[health]}</tspan> {word}
        {runs > 0 ? ` · ${failed > 0 ? `${failed} of ${runs} failed` : `${runs} ended`}` : ''}
      </text>
      <title>{id}</title>
    </g>
  )
}
