// What all harnesses of this process have visited of each machine, by the version of its chain.

import type { Visited } from './visited.ts'

/** One version of one chain. */
export interface Covered extends Visited {
  readonly chain: string
  readonly version: string
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

/** Adds to what was visited. */
export function note({ chain, version, states, transitions }: Covered): void {
  const key = `${chain}\n${version}`
  let one = noted.get(key)
  if (one === undefined) noted.set(key, (one = { chain, version, states: new Set(), transitions: new Set() }))
  for (const state of states) one.states.add(state)
  for (const transition of transitions) one.transitions.add(transition)
}
