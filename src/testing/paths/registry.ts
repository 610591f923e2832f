// What all harnesses of this process have visited of each machine, by the version of its chain.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { Visited } from './visited.ts'

/** What was visited of one version of one chain. */
export interface Covered extends Visited {
  readonly chain: string
  readonly version: string
  readonly compiled: CompiledChain
}

/** Tells of what was visited up to now. */
export type Source = () => readonly Covered[]

const sources = new Set<Source>()
const noted = new Map<string, Covered>()

/** What `source` tells counts from now on. @returns has it told for the last time. */
export function follow(source: Source): () => void {
  sources.add(source)
  return () => {
    if (sources.delete(source)) for (const one of source()) note(one)
  }
}

/** What was visited in this process. */
export function covered(): readonly Covered[] {
  for (const source of sources) for (const one of source()) note(one)
  return [...noted.values()]
}

function note({ chain, version, compiled, states, transitions }: Covered): void {
  const key = `${chain}\n${version}`
  let one = noted.get(key)
  if (one === undefined) {
    one = { chain, version, compiled, states: new Set(), transitions: new Set() }
    noted.set(key, one)
  }
  for (const state of states) one.states.add(state)
  for (const transition of transitions) one.transitions.add(transition)
}
