// The structure of chains and machines as plain JSON: bodies of functions do not show in it.

import type { EntrySpec } from './spec.ts'

/** One entry of a chain, for tools. */
export interface EntryDefinition {
  readonly kind: EntrySpec['kind']
  readonly name: string
  readonly options?: Readonly<Record<string, unknown>>
  readonly branches?: readonly (readonly EntryDefinition[])[]
}

export interface TransitionStructure {
  readonly target?: readonly string[]
  readonly guard?: string
  readonly reenter?: true
}

/** A state of a statechart: states, transitions and actors by name. */
export interface StateStructure {
  readonly type: string
  readonly initial?: readonly string[]
  readonly history?: string
  readonly invoke?: readonly { readonly id: string; readonly src: string }[]
  readonly on?: Readonly<Record<string, readonly TransitionStructure[]>>
  readonly states?: Readonly<Record<string, StateStructure>>
}

export interface MachineStructure extends StateStructure {
  readonly id: string
  readonly actors?: Readonly<Record<string, string | MachineStructure>>
}
