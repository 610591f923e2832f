// Runs made by hand, simulated again under what a test says of the config: how long each takes, and what comes of it.

import type { EntryDefinition } from '../../../src/chain/definition.ts'
import type { RunRecord } from '../../../src/observe/run-record.ts'
import type { Simulated } from '../../../src/reflection/simulate/run.ts'
import { simulate } from '../../../src/reflection/simulate/simulate.ts'
import type { DeclaredChain, DeclaredStep, Tunables } from '../../../src/reflection/tunables.ts'
import { chainOf, untuned } from '../viewed.ts'

/** A chain of these steps, the one after the other. */
export function inTurn(
  id: string,
  steps: readonly (string | DeclaredStep)[],
  given: Partial<DeclaredChain> = {},
): DeclaredChain {
  const declared = steps.map((one) => (typeof one === 'string' ? { name: one, kind: 'step' } : one))
  const entries = declared.map(({ name, kind }) => ({ name, kind: kind as EntryDefinition['kind'] }))
  return chainOf(id, declared, { entries, ...given })
}

export interface Otherwise {
  /** What they ran under. */
  readonly recorded?: Partial<Tunables>
  /** What they are simulated under, where that is something else. */
  readonly tunables?: Partial<Tunables>
  readonly pace?: Readonly<Record<string, number>>
  readonly seed?: number
}

export function replayed(
  records: readonly RunRecord[],
  chains: readonly DeclaredChain[],
  { recorded = {}, tunables, pace, seed }: Otherwise = {},
): ReadonlyMap<string, Simulated> {
  const was = { ...untuned, ...recorded }
  const found = simulate(
    { records, declaration: { chains }, recorded: was, ...(seed === undefined ? {} : { seed }) },
    {
      ...(tunables === undefined ? {} : { tunables: { ...was, ...tunables } }),
      ...(pace === undefined ? {} : { pace: new Map(Object.entries(pace)) }),
    },
  )
  if (found === undefined) throw new Error('it came to no end')
  return found
}

/** Of each run that ended: how long it took, and a `!` where it failed. */
export function took(...of: Parameters<typeof replayed>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...replayed(...of)].map(([id, { duration, failed }]) => [id, `${duration}${failed ? '!' : ''}`]),
  )
}
