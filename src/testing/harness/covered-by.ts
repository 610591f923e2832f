// What the runs of a harness have visited of each machine, as it counts for coverage.

import type { AnyChain } from '../../chain/any-chain.ts'
import { compile } from '../../chain/compile.ts'
import { collect } from '../../chain/validate.ts'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { Covered } from '../paths/registry.ts'
import type { HarnessOptions } from './harness.ts'
import type { History } from './history.ts'

export function compiledBy(chains: readonly AnyChain[]): ReadonlyMap<string, CompiledChain> {
  return new Map(collect(chains.map(({ spec }) => spec)).map((spec) => [spec.id, compile(spec)]))
}

/** What counts for coverage: not what was another chain in the place of the real one. */
export function coveredBy(
  { visited }: History,
  originals: ReadonlyMap<string, CompiledChain>,
  instead: HarnessOptions['needs'] = {},
): readonly Covered[] {
  return [...visited].flatMap(([chain, parts]) => {
    const compiled = originals.get(chain)
    if (compiled === undefined || Object.hasOwn(instead, chain)) return []
    return [{ chain, version: compiled.version, compiled, ...parts }]
  })
}
