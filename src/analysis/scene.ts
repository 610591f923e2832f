// What is declared, and what was seen: the one look at a chain's place among the others that several measures share.

import type { ChainDeclaration, Declaration, StepDeclaration } from '../definition/declaration.ts'
import type { CoverageFound } from './coverage.ts'
import type { Slices } from './slices.ts'
import type { Survey } from './survey.ts'

export interface Scene {
  readonly survey: Survey
  /** What was declared last; undefined where the journal tells nothing of it. */
  readonly declaration: Declaration | undefined
  /** By id, what is declared now. */
  readonly declared: ReadonlyMap<string, ChainDeclaration>
  /** All chains, declared ones first. */
  readonly chains: readonly string[]
  /** By chain, the ones that wait for it or call it. */
  readonly dependents: ReadonlyMap<string, ReadonlySet<string>>
  /** By `chain\nstep`. */
  readonly steps: ReadonlyMap<string, StepDeclaration>
  /** What tests have visited; undefined where nothing tells. */
  readonly coverage?: CoverageFound | undefined
}

export function* sceneOf(survey: Survey, coverage?: CoverageFound): Slices<Scene> {
  const { declared: told } = survey.evidence.records
  yield* told.reading()
  const { declaration } = told
  const declared = new Map(declaration?.chains.map((chain) => [chain.id, chain]))
  const dependents = new Map<string, Set<string>>()
  const depends = (on: string, chain: string): void => {
    const own = dependents.get(on)
    if (own === undefined) dependents.set(on, new Set([chain]))
    else own.add(chain)
  }
  const steps = new Map<string, StepDeclaration>()
  for (const chain of declared.values()) {
    for (const need of [...chain.needs, ...chain.follows]) depends(need.chain, chain.id)
    for (const step of chain.steps) {
      steps.set(`${chain.id}\n${step.name}`, step)
      if (step.chain !== undefined) depends(step.chain, chain.id)
    }
    yield
  }
  return {
    survey,
    declaration,
    declared,
    chains: [...new Set([...declared.keys(), ...survey.ended.keys()])],
    dependents,
    steps,
    coverage,
  }
}

/** Most names in one list of what stops, or comes forward, with a chain: how many there are is told besides. */
export const mostListed = 100

/** All that stop where a chain does, near ones first. */
export function downstreamOf(dependents: Scene['dependents'], chain: string): readonly string[] {
  const found = new Set<string>()
  const next = [...(dependents.get(chain) ?? [])]
  for (const one of next) {
    if (one === chain || found.has(one)) continue
    found.add(one)
    next.push(...(dependents.get(one) ?? []))
  }
  return [...found]
}
