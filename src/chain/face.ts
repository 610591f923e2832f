// What every chain shows of itself: its id, version, machine and definition.

import type { AnyStateMachine } from 'xstate'
import type { ChainSpec } from '../definition/spec.ts'
import { compile } from './compile.ts'
import { type ChainDefinition, define } from './definition.ts'

/** Reads everything off the spec; the machine is compiled when it is first asked for. */
export class Face {
  /** @internal */
  readonly spec: ChainSpec

  /** @internal Use `chain(id)`. */
  constructor(spec: ChainSpec) {
    this.spec = spec
  }

  get id(): string {
    return this.spec.id
  }

  /** The author's version and the hash of the structure; a run is pinned to it. */
  get version(): string {
    return compile(this.spec).version
  }

  /** The XState machine: runs alone under `createActor(chain.machine, { input: { input, needs } })`. */
  get machine(): AnyStateMachine {
    return compile(this.spec).machine
  }

  /** The structure as plain JSON. */
  get definition(): ChainDefinition {
    return define(this.spec)
  }
}
