// `catenary graph`: the chains of a module and what each needs, as a picture or as data.

import { define } from '../chain/definition.ts'
import { collect } from '../chain/validate.ts'
import type { Command } from './command.ts'
import { exit, usageError } from './exit.ts'
import { type Drawing, type Edge, dot, mermaid } from './draw-graph.ts'
import { jsonText } from './json.ts'
import { type LoadedChain, loadModule } from './load-module.ts'

const formats = ['mermaid', 'dot', 'json']

export const graph: Command = {
  name: 'graph',
  says: 'draw chains and what each needs',
  words: ['<module>'],
  options: {
    format: { value: 'FORMAT', says: `${formats.join(', ')}; default mermaid` },
    steps: { says: 'draw the steps inside each chain too' },
  },
  more: `Mermaid is what GitHub draws in a \`\`\`mermaid block; dot is for Graphviz. --json is
the same as --format json.`,
  async run(call) {
    const format = call.json ? 'json' : (call.option('format') ?? 'mermaid')
    if (!formats.includes(format))
      throw usageError(`--format is "${format}": give one of ${formats.join(', ')}`)
    const drawing = drawingOf((await loadModule(call.must(0))).chains)
    const text =
      format === 'json' ? jsonText(drawing) : (format === 'dot' ? dot : mermaid)(drawing, call.has('steps'))
    call.terminal.out(text)
    return exit.ok
  },
}

function drawingOf(exported: readonly LoadedChain[]): Drawing {
  const specs = collect(exported.map(({ spec }) => spec))
  const edges: Edge[] = specs.flatMap(({ id, needs, follows, rule }) => [
    ...needs.map(({ chain, kind }) => ({ from: chain.id, to: id, kind, rule, follows: false })),
    ...follows.map(({ chain, kind }) => ({ from: chain.id, to: id, kind, rule, follows: true })),
  ])
  return {
    chains: specs.map(define),
    edges,
  }
}
