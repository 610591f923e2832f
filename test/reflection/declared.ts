// The declaration of chains, for tests.

import type { AnyChain } from '../../src/chain/any-chain.ts'
import type { Declared, DeclaredStep } from '../../src/reflection/tunables.ts'
import { type EntrySpec, walk } from '../../src/definition/spec.ts'

export function declared(
  chains: readonly AnyChain[],
  concurrency: number,
  limiters: Declared['limiters'] = [],
): Declared {
  return {
    concurrency,
    limiters,
    chains: chains.map(({ spec, definition, version }) => ({
      id: spec.id,
      version,
      priority: spec.priority,
      needs: definition.needs,
      steps: [...walk(spec.entries)].map(stepOf),
      entries: definition.entries,
    })),
  } as never
}

function stepOf(entry: EntrySpec): DeclaredStep {
  const { name, kind } = entry
  if (kind === 'each' || kind === 'step') {
    const { options } = entry
    const { attempts, timeout, backoff, limit, pure, reads, writes } = options
    return {
      name,
      kind,
      attempts,
      backoff,
      reads,
      writes,
      ...(timeout === undefined ? {} : { timeout }),
      ...(limit === undefined ? {} : { limit: limit.by.id }),
      ...(pure ? { pure } : {}),
      ...(options.fallback === undefined ? {} : { fallback: true }),
      ...(kind === 'each' ? { inFlight: entry.inFlight } : {}),
    } as never
  }
  return { name, kind }
}
