// The steps inside a chain as boxes and arrows, read off its definition.

import type { ChainDefinition, EntryDefinition } from '../chain/definition.ts'

export interface StepNode {
  readonly id: string
  readonly label: string
  readonly shape: 'step' | 'choice' | 'many' | 'wait'
}

export interface StepArrow {
  readonly from: string
  readonly to: string
  readonly label?: string
}

interface Steps {
  readonly nodes: readonly StepNode[]
  readonly arrows: readonly StepArrow[]
}

/** What leads on from a sequence: where from, and under which condition. */
type Ends = readonly { readonly from: string; readonly label?: string }[]

export function stepsOf({ entries }: ChainDefinition): Steps {
  const nodes: StepNode[] = []
  const arrows: StepArrow[] = []
  const sequence = (inside: readonly EntryDefinition[], before: Ends): Ends =>
    inside.reduce((ends, entry) => add(entry, ends), before)

  const add = (entry: EntryDefinition, before: Ends): Ends => {
    const { name, kind, branches = [] } = entry
    nodes.push({ id: name, label: labelOf(entry), shape: shapeOf(kind) })
    for (const end of before) arrows.push({ ...end, to: name })
    if (kind === 'fail') return []
    if (kind === 'choose') {
      return branches.flatMap((branch, index) =>
        sequence(branch, [
          { from: name, label: index === branches.length - 1 ? 'otherwise' : `case ${index + 1}` },
        ]),
      )
    }
    if (kind === 'parallel') return branches.flatMap((branch) => sequence(branch, [{ from: name }]))
    if (kind === 'repeat') {
      const last = sequence(branches[0] ?? [], [{ from: name }])
      for (const { from } of last) arrows.push({ from, to: name, label: 'again' })
    }
    return [{ from: name }]
  }
  sequence(entries, [])
  return { nodes, arrows }
}

function labelOf({ name, kind, options = {} }: EntryDefinition): string {
  const called = options['chain']
  const notes = [
    ...(kind === 'step' ? [] : [kind]),
    ...(typeof called === 'string' ? [called] : []),
    ...(options['retries'] === true ? ['retries'] : []),
    ...(options['fallback'] === true ? ['fallback'] : []),
    ...(options['timeout'] === true ? ['timeout'] : []),
  ]
  return notes.length === 0 ? name : `${name} (${notes.join(', ')})`
}

function shapeOf(kind: EntryDefinition['kind']): StepNode['shape'] {
  if (kind === 'choose' || kind === 'repeat') return 'choice'
  if (kind === 'each' || kind === 'call') return 'many'
  return kind === 'wait' || kind === 'sleep' ? 'wait' : 'step'
}
