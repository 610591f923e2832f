// Draws chains and what each needs, for Mermaid and for Graphviz.

import type { ChainDefinition } from '../chain/definition.ts'
import { type StepArrow, type StepNode, stepsOf } from './draw-steps.ts'

export interface Edge {
  readonly from: string
  readonly to: string
  /** `hard`, `optional`, `order` or `ready`. */
  readonly kind: string
  /** The trigger rule of the chain that it leads to. */
  readonly rule: string
  /** Whether the chain it leads to joins by itself. */
  readonly follows: boolean
}

export interface Drawing {
  readonly chains: readonly ChainDefinition[]
  readonly edges: readonly Edge[]
}

/** A flowchart as GitHub draws it; `steps` draws what is inside each chain too. */
export function mermaid({ chains, edges }: Drawing, steps: boolean): string {
  const lines = ['flowchart TD']
  for (const chain of chains) {
    const inside = steps ? stepsOf(chain) : { nodes: [], arrows: [] }
    if (inside.nodes.length === 0) {
      lines.push(`  ${idOf(chain.id)}["${chain.id}"]`)
      continue
    }
    lines.push(`  subgraph ${idOf(chain.id)}["${chain.id}"]`)
    for (const node of inside.nodes) lines.push(`    ${idOf(chain.id, node.id)}${mermaidShape(node)}`)
    for (const { from, to, label } of inside.arrows) {
      const said = label === undefined ? '' : `|${label}|`
      lines.push(`    ${idOf(chain.id, from)} -->${said} ${idOf(chain.id, to)}`)
    }
    lines.push('  end')
  }
  for (const edge of edges) {
    const label = labelOf(edge)
    const arrow = isFirm(edge) ? '-->' : '-.->'
    lines.push(`  ${idOf(edge.from)} ${arrow}${label === '' ? '' : `|${label}|`} ${idOf(edge.to)}`)
  }
  return `${lines.join('\n')}\n`
}

/** The same for Graphviz. */
export function dot({ chains, edges }: Drawing, steps: boolean): string {
  const lines = ['digraph chains {', '  compound=true', '  node [shape=box style=rounded]']
  const anchors = new Map<string, string>()
  for (const chain of chains) {
    const inside = steps ? stepsOf(chain) : { nodes: [], arrows: [] }
    const [first] = inside.nodes
    anchors.set(chain.id, first === undefined ? idOf(chain.id) : idOf(chain.id, first.id))
    if (first === undefined) {
      lines.push(`  ${idOf(chain.id)} [label="${chain.id}"]`)
      continue
    }
    lines.push(`  subgraph cluster_${idOf(chain.id)} {`, `    label="${chain.id}"`)
    for (const node of inside.nodes)
      lines.push(`    ${idOf(chain.id, node.id)} [label="${node.label}"${dotShape(node)}]`)
    for (const arrow of inside.arrows) lines.push(`    ${dotArrow(chain.id, arrow)}`)
    lines.push('  }')
  }
  for (const edge of edges) {
    const attributes = [
      ...(labelOf(edge) === '' ? [] : [`label="${labelOf(edge)}"`]),
      ...(isFirm(edge) ? [] : ['style=dashed']),
    ].join(' ')
    lines.push(
      `  ${anchors.get(edge.from) ?? idOf(edge.from)} -> ${anchors.get(edge.to)}${attributes === '' ? '' : ` [${attributes}]`}`,
    )
  }
  return `${[...lines, '}'].join('\n')}\n`
}

const isFirm = ({ kind, follows }: Edge): boolean => !follows && (kind === 'hard' || kind === 'ready')

function labelOf({ kind, rule, follows }: Edge): string {
  const words = [
    ...(follows ? ['follows'] : []),
    ...(kind === 'hard' ? [] : [kind === 'order' ? 'order only' : kind]),
    ...(rule === 'all_success' || kind === 'optional' || kind === 'order' ? [] : [rule.replaceAll('_', ' ')]),
  ]
  return words.join(', ')
}

/** Ids may have dashes, and `end` is a word of Mermaid's. */
function idOf(chain: string, node?: string): string {
  const plain = (id: string): string => id.replace(/[^A-Za-z0-9]/g, '_')
  return node === undefined ? `c_${plain(chain)}` : `c_${plain(chain)}__${plain(node)}`
}

function mermaidShape({ label, shape }: StepNode): string {
  if (shape === 'choice') return `{"${label}"}`
  if (shape === 'many') return `[["${label}"]]`
  return shape === 'wait' ? `(["${label}"])` : `["${label}"]`
}

function dotShape({ shape }: StepNode): string {
  if (shape === 'choice') return ' shape=diamond style=""'
  if (shape === 'many') return ' peripheries=2'
  return shape === 'wait' ? ' shape=oval' : ''
}

function dotArrow(chain: string, { from, to, label }: StepArrow): string {
  return `${idOf(chain, from)} -> ${idOf(chain, to)}${label === undefined ? '' : ` [label="${label}"]`}`
}
