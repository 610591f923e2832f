// Draws a statechart: what is active is lit, filled and marked.

import type { JSX } from 'preact'
import { curve } from './curve.ts'
import type { Arrow, Drawn } from './statechart.ts'
import { Viewport } from './viewport.tsx'

interface StatechartProps {
  readonly drawn: Drawn
  readonly active: ReadonlySet<string>
  readonly of: string
  readonly toggle: (id: string) => void
}

export function Statechart({ drawn, active, of, toggle }: StatechartProps): JSX.Element {
  return (
    <Viewport width={drawn.width} height={drawn.height} of={of} label="Statechart">
      <State drawn={drawn} active={active} toggle={toggle} />
    </Viewport>
  )
}

interface StateProps {
  readonly drawn: Drawn
  readonly active: ReadonlySet<string>
  readonly toggle: (id: string) => void
}

function State({ drawn, active, toggle }: StateProps): JSX.Element {
  const { node, x, y, width, height, initial, children, arrows, inside } = drawn
  const on = active.has(node.id)
  const closed = node.states.length > 0 && children.length === 0
  return (
    <g transform={`translate(${x} ${y})`} class={`node ${node.type}${on ? ' on' : ''}`}>
      {initial && (
        <>
          <circle cx="-10" cy="-8" r="3.500" class="start" />
          <path d="M-10 -5 q0 13 9 13" class="edge" marker-end="url(#tip)" />
        </>
      )}
      <rect width={width} height={height} rx="8" class="box" />
      {node.type === 'final' && (
        <rect x="3" y="3" width={width - 6} height={height - 6} rx="6" class="ring" />
      )}
      {on && <circle cx="14" cy={children.length > 0 ? 15 : 17} r="4" class="lamp" />}
      <text x={on ? 24 : 12} y={children.length > 0 ? 20 : 22} class="name">
        {node.key}
        {closed && ' …'}
      </text>
      {node.states.length > 0 && (
        <rect width={width} height="28" class="grip" onClick={() => toggle(node.id)} />
      )}
      {inside.map((line, index) => (
        <text key={line} x="12" y={(children.length > 0 ? 36 : 40) + index * 15} class="own">
          {line}
        </text>
      ))}
      {node.type === 'parallel' &&
        children
          .slice(1)
          .map((child) => (
            <line
              key={child.node.id}
              x1={child.x - 8}
              x2={child.x - 8}
              y1="30"
              y2={height - 8}
              class="divide"
            />
          ))}
      {arrows.map((arrow) => (
        <Edge key={arrow.key} arrow={arrow} lit={active.has(arrow.from)} />
      ))}
      {children.map((child) => (
        <State key={child.node.id} drawn={child} active={active} toggle={toggle} />
      ))}
    </g>
  )
}

function Edge({
  arrow: { points, label, words, failing },
  lit,
}: {
  readonly arrow: Arrow
  readonly lit: boolean
}): JSX.Element {
  return (
    <g class={`transition${failing ? ' failing' : ''}${lit ? ' lit' : ''}`}>
      <path d={curve(points)} class="edge" marker-end="url(#tip)" />
      {label !== undefined && (
        <text x={label.x} y={label.y + 4} class="word">
          {words}
        </text>
      )}
    </g>
  )
}
