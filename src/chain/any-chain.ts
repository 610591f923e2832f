// What every chain has, whatever its types, and how those types are read off it.

import type { AnyStateMachine } from 'xstate'
import type { Attributes } from '../definition/attributes.ts'
import type { ChainSpec } from '../definition/spec.ts'
import type { ChainDefinition } from './definition.ts'

/** What a chain's input is before its schema, what its steps see, and the attributes that its runs may have. */
export interface Io<In = unknown, Out = unknown, A = Attributes> {
  readonly in: In
  readonly out: Out
  readonly attributes: A
}

/** The types that a chain carries; there is no value behind them. */
export interface ChainTypes<In, S, R, A = Attributes> {
  readonly input: In
  /** A chain that takes more fits where less is given, and one without input fits everywhere. */
  readonly takes: (input: [In] extends [undefined] ? unknown : In) => void
  readonly steps: S
  readonly output: R
  readonly attributes: A
}

/** Any chain; with `In`, any that takes such an input. */
export interface AnyChain<In = never> {
  readonly '~types': {
    readonly takes: (input: In) => void
    readonly steps: unknown
    readonly output: unknown
  }
  readonly id: string
  /** The author's version and the hash of the structure; a run is pinned to it. */
  readonly version: string
  /** The XState machine; runs alone under plain `createActor`. */
  readonly machine: AnyStateMachine
  /** The structure as plain JSON. */
  readonly definition: ChainDefinition
  /** @internal */
  readonly spec: ChainSpec
}

/** What a chain takes as input. */
export type InputOf<C> = C extends { readonly '~types': { readonly input: infer In } } ? In : never

/** What a chain returns. */
export type OutputOf<C> = C extends { readonly '~types': { readonly output: infer R } } ? R : never

/** The searchable attributes that a chain's runs may have. */
export type AttributesOf<C> = C extends { readonly '~types': { readonly attributes: infer A } }
  ? A
  : Attributes
