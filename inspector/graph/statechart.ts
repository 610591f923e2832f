// Where each state and transition of a statechart is drawn: every compound state is laid out by itself, inside out.

import type { MachineNode } from '../../src/inspector/protocol.ts'
import { type Edge, layOut, type Point } from './layered.ts'

/** A state with its place, relative to what holds it. */
export interface Drawn {
  readonly node: MachineNode
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly initial: boolean
  readonly children: readonly Drawn[]
  readonly arrows: readonly Arrow[]
  /** Transitions to itself and those that leave it as it is. */
  readonly inside: readonly string[]
}

export interface Arrow {
  readonly key: string
  readonly from: string
  readonly to: string
  readonly words: string
  readonly failing: boolean
  readonly points: readonly Point[]
  readonly label: Point | undefined
}

export interface ChartOptions {
  /** Whether to draw what leads aside, to failure and to the line for a slot: most states do. */
  readonly failures: boolean
  /** Ids of active states: they are drawn in any case. */
  readonly active: ReadonlySet<string>
  /** Ids of states whose inside is not shown. */
  readonly closed: ReadonlySet<string>
}

const letter = 7.1
const head = 30
const pad = 16

export function drawChart(root: MachineNode, options: ChartOptions): Drawn {
  const parents = new Map<string, MachineNode>()
  const climb = (node: MachineNode): void => {
    for (const child of node.states) {
      parents.set(child.id, node)
      climb(child)
    }
  }
  climb(root)
  return drawNode(root, false, {
    ...options,
    root: root.id,
    parents,
    byHolder: edgesByHolder(root, parents, options),
  })
}

interface Drawing extends ChartOptions {
  readonly root: string
  readonly parents: ReadonlyMap<string, MachineNode>
  readonly byHolder: ReadonlyMap<string, readonly Lifted[]>
}

/** A transition between two children of one state. */
interface Lifted {
  readonly from: string
  readonly to: string
  readonly word: string
  readonly failing: boolean
}

function drawNode(node: MachineNode, initial: boolean, drawing: Drawing): Drawn {
  const inside = ownWords(node)
  const wide = Math.max(72, (node.key.length + (node.invokes.length > 0 ? 3 : 0)) * letter + 34)
  const lines = inside.length
  const words = Math.max(0, ...inside.map((line) => line.length * 6.2 + 24))
  if (node.states.length === 0 || drawing.closed.has(node.id))
    return {
      node,
      x: 0,
      y: 0,
      width: Math.max(wide, words),
      height: 34 + lines * 15 + (lines > 0 ? 4 : 0),
      initial,
      children: [],
      arrows: [],
      inside,
    }
  const top = head + lines * 15
  const children = shownStates(node, drawing).map((child) =>
    drawNode(child, node.initial === child.id || node.initial?.startsWith(`${child.id}.`) === true, drawing),
  )
  const layout =
    node.type === 'parallel' ? sideBySide(children) : within(children, drawing.byHolder.get(node.id) ?? [])
  const shift = ({ x, y }: Point): Point => ({ x: x + pad, y: y + top + pad / 2 })
  return {
    node,
    x: 0,
    y: 0,
    width: Math.max(wide, words, layout.width + pad * 2),
    height: layout.height + top + pad * 1.5,
    initial,
    children: layout.children.map((child) => ({ ...child, ...shift(child) })),
    arrows: layout.arrows.map((arrow) => ({
      ...arrow,
      points: arrow.points.map(shift),
      label: arrow.label === undefined ? undefined : shift(arrow.label),
    })),
    inside,
  }
}

/** Where attempts wait for a slot is drawn only where the ways aside are: every step leads there and back. */
function shownStates({ states }: MachineNode, { failures, active, root }: Drawing): readonly MachineNode[] {
  if (failures) return states
  return states.filter(
    ({ id, key, type, invokes }) =>
      active.has(id) ||
      !(invokes.includes('queue') || (type === 'final' && `${root}.${key}` === id && failure.test(key))),
  )
}

interface Inside {
  readonly children: readonly Drawn[]
  readonly arrows: readonly Arrow[]
  readonly width: number
  readonly height: number
}

function within(children: readonly Drawn[], lifted: readonly Lifted[]): Inside {
  const index = new Map(children.map(({ node }, at) => [node.id, at]))
  const groups = new Map<string, { from: string; to: string; words: string[]; failing: boolean }>()
  for (const { from, to, word, failing } of lifted) {
    const key = `${from}\n${to}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { from, to, words: [word], failing })
    else if (!group.words.includes(word)) group.words.push(word)
  }
  const arrows = [...groups.values()].map(({ words, ...arrow }) => ({
    ...arrow,
    words: words.length > 3 ? `${words.slice(0, 2).join(', ')}, ${words.length - 2} more` : words.join(', '),
  }))
  const edges = arrows.map(({ from, to, words }): Edge => ({
    from: index.get(from) ?? 0,
    to: index.get(to) ?? 0,
    label: { width: words.length * 6.2 + 10, height: 16 },
  }))
  const { places, routes, width, height } = layOut(children, edges, { gap: 20, rowGap: 44 })
  return {
    children: children.map((child, at) => ({ ...child, ...places[at] })),
    arrows: arrows.map((arrow, at) => ({
      ...arrow,
      key: `${arrow.from}>${arrow.to}`,
      points: routes[at]?.points ?? [],
      label: routes[at]?.label,
    })),
    width,
    height,
  }
}

/** Regions that are active at once stand beside each other. */
function sideBySide(children: readonly Drawn[]): Inside {
  let x = 0
  const placed = children.map((child) => {
    const at = { ...child, x, y: 0 }
    x += child.width + 16
    return at
  })
  return {
    children: placed,
    arrows: [],
    width: x - 16,
    height: Math.max(0, ...children.map(({ height }) => height)),
  }
}

const aside = /^attempt\.(queued|started)$/
const failure = /^(failed|cancelled|compensating)$/

/** Each transition where both of its ends are children of one state: it is drawn between those. */
function edgesByHolder(
  root: MachineNode,
  parents: ReadonlyMap<string, MachineNode>,
  { failures, closed }: ChartOptions,
): ReadonlyMap<string, readonly Lifted[]> {
  const edges = new Map<string, Lifted[]>()
  const pathOf = (id: string): readonly string[] => {
    const path = [id]
    for (let up = parents.get(id); up !== undefined; up = parents.get(up.id)) path.unshift(up.id)
    return path
  }
  const walk = (node: MachineNode): void => {
    const from = pathOf(node.id)
    for (const { event, targets, guard } of node.transitions)
      for (const target of targets) {
        const to = pathOf(target)
        let depth = 0
        while (depth < from.length && depth < to.length && from[depth] === to[depth]) depth++
        const [start, end, holder] = [from[depth], to[depth], from[depth - 1]]
        if (start === undefined || end === undefined || holder === undefined) continue
        const failing = holder === root.id && failure.test(end.slice(root.id.length + 1))
        if (!failures && (failing || aside.test(event))) continue
        const list = edges.get(holder) ?? []
        list.push({ from: start, to: end, word: wordOf(event, guard), failing })
        edges.set(holder, list)
      }
    if (!closed.has(node.id)) node.states.forEach(walk)
  }
  walk(root)
  return edges
}

/** What an event is called on an arrow. */
export function wordOf(event: string, guard?: string): string {
  const [, kind] = /^xstate\.(done|error)\./.exec(event) ?? []
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(event) ?? []
  const what =
    kind === 'error'
      ? 'failed'
      : kind === 'done'
        ? 'done'
        : delay === undefined
          ? event
          : `after ${delayWords(delay)}`
  const on = what === '' ? 'always' : what.replace(/^attempt\./, '')
  return guard === undefined || /^(isStep|recovers|decided|chose|broke|inline)$/.test(guard)
    ? on
    : `${on} [${guard}]`
}

function delayWords(delay: string): string {
  const ms = Number(delay)
  if (!Number.isFinite(ms)) return delay
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const)
    if (ms >= size) return `${Math.round((ms / size) * 10) / 10} ${unit}`
  return `${ms} ms`
}

/** What happens without leaving: transitions to itself and those without a target. */
function ownWords(node: MachineNode): readonly string[] {
  const words = node.transitions
    .filter(({ targets }) => targets.every((target) => target === node.id))
    .map(({ event, guard }) => wordOf(event, guard))
    .filter((word) => word !== 'lost' && word !== 'cancel')
  return [...new Set(words)].slice(0, 4).map((word) => `on ${word}`)
}
