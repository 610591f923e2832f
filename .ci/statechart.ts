// Draws the machine of a chain as a mermaid state diagram: what runs, not what was meant.
import type { AnyStateMachine, AnyStateNode } from 'xstate'

interface Edge {
  readonly from: AnyStateNode
  readonly to: AnyStateNode
  readonly label: string
}

/** The lines of a `stateDiagram-v2`. A run's `cancel`, which every state heeds, is left out. */
export function statechart(machine: AnyStateMachine): string {
  const shown = Object.values(machine.root.states).filter(({ key }) => key !== 'cancelled')
  const lines = [`[*] --> ${idOf(initialOf(machine.root))}`, ...shown.flatMap((node) => stateLines(node))]
  const edges = shown.flatMap((node) => [node, ...descendants(node)]).flatMap(edgesOf)
  const labels = new Map<string, Set<string>>()
  for (const { from, to, label } of edges) {
    const arrow = `${idOf(from)} --> ${idOf(to)}`
    labels.set(arrow, (labels.get(arrow) ?? new Set()).add(label))
  }
  const drawn = [...labels].map(([arrow, of]) => {
    const label = [...of].filter((one) => one !== '').join(', ')
    return label === '' ? arrow : `${arrow}: ${label}`
  })
  return ['stateDiagram-v2', ...[...lines, ...drawn].map((line) => `  ${line}`)].join('\n')
}

function stateLines(node: AnyStateNode): readonly string[] {
  // a state that is called as its id needs no name
  const name = node.key === idOf(node) ? `state ${node.key}` : `state "${node.key}" as ${idOf(node)}`
  const children = Object.values(node.states)
  if (children.length === 0) return [name, ...(node.type === 'final' ? [`${idOf(node)} --> [*]`] : [])]
  const inside =
    node.type === 'parallel'
      ? children.flatMap((child, at) => [...(at === 0 ? [] : ['--']), ...stateLines(child)])
      : [`[*] --> ${idOf(initialOf(node))}`, ...children.flatMap((child) => stateLines(child))]
  return [`${name} {`, ...inside.map((line) => `  ${line}`), '}']
}

function edgesOf(node: AnyStateNode): readonly Edge[] {
  const groups = [...node.transitions].filter(([event]) => event !== 'cancel')
  const always = node.always ?? []
  return [...groups, ['', always] as const].flatMap(([event, transitions]) => {
    const guarded = transitions.some(({ guard }) => guardLabel(guard) !== undefined)
    return transitions.flatMap(({ target, guard }) => {
      const label = guardLabel(guard) ?? (guarded ? 'else' : eventLabel(event, node) + condition(guard))
      return (target ?? []).map((to) => place({ from: node, to, label }, event))
    })
  })
}

/** A diagram has no edges between a state and what holds it: the edge is drawn where it leaves or arrives inside. */
function place({ from, to, label }: Edge, event: string): Edge {
  if (from === to && Object.keys(from.states).length === 0) return { from, to, label }
  if (from === to || contains(to, from)) {
    return { from: from === to ? leafOf(from) : from, to: leafOf(to), label }
  }
  if (!contains(from, to)) return { from, to, label }
  const queued = from.states['queued']
  return { from: event === 'attempt.started' && queued !== undefined ? queued : leafOf(from), to, label }
}

function eventLabel(event: string, node: AnyStateNode): string {
  const [, kind, , id = ''] = /^xstate\.(done|error)\.(actor|state)\.(.+)$/.exec(event) ?? []
  if (kind === 'error') return 'failed'
  if (kind === 'done') return node.invoke.some((one) => one.id === id && one.src === 'timer') ? 'due' : 'done'
  return event.replace(/^attempt\./, '')
}

function guardLabel(guard: unknown): string | undefined {
  const { type, params = {} } = (guard ?? {}) as { type?: string; params?: Record<string, unknown> }
  if (type === 'recovers') return String(params['next'])
  if (type === 'decided') return String(params['value'])
  if (type === 'broke') return 'a branch failed'
  return type === 'chose' ? '' : undefined
}

/** Guards that are named in words say under which condition. */
function condition(guard: unknown): string {
  const type = typeof guard === 'string' ? guard : ((guard ?? {}) as { type?: string }).type
  return type?.includes(' ') === true ? ` [${type}]` : ''
}

const idOf = (node: AnyStateNode): string => node.path.join('_').replaceAll(/[^\w]/g, '_')

const contains = (outer: AnyStateNode, inner: AnyStateNode): boolean =>
  outer !== inner && outer.path.every((key, at) => inner.path[at] === key)

function descendants(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...descendants(child)])
}

function initialOf(node: AnyStateNode): AnyStateNode {
  return node.initial.target[0] as AnyStateNode
}

function leafOf(node: AnyStateNode): AnyStateNode {
  return Object.keys(node.states).length === 0 ? node : leafOf(initialOf(node))
}
