// What all runs of one exploration share.

import type { AnyChain } from '../../chain/any-chain.ts'
import { collect } from '../../chain/validate.ts'
import { type ChainSpec, walk } from '../../definition/spec.ts'
import type { HarnessOptions } from '../harness/harness.ts'
import { ownInvariants } from './own-invariants.ts'
import type { Invariant } from './seen.ts'

type Invariants = Readonly<Record<string, Invariant<never, never>>>

interface Given {
  /** What its harnesses are given, but for what is another in each run. */
  readonly options: HarnessOptions<never>
  readonly world: () => unknown
  readonly invariants: Invariants
}

export interface Setting extends Given {
  readonly chain: AnyChain
  readonly specs: ReadonlyMap<string, ChainSpec>
  /** What holds of every run, looked at where it comes to rest. */
  readonly own: Invariants
  /** Of signals that come when they are waited for. */
  readonly payloads: ReadonlyMap<string, Payload>
}

/** What a signal brings, and how that is written. */
export interface Payload {
  readonly value: unknown
  readonly code: string
}

export function settingOf(
  chain: AnyChain,
  signals: Readonly<Record<string, unknown>>,
  given: Given,
): Setting {
  const specs = new Map(collect([chain.spec]).map((spec) => [spec.id, spec]))
  return { ...given, chain, specs, payloads: payloadsOf(specs.values(), signals), own: ownInvariants(specs) }
}

/** What signals bring that steps wait for. @param signals those that the test gives, by name. */
function payloadsOf(
  specs: Iterable<ChainSpec>,
  signals: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, Payload> {
  const payloads = new Map<string, Payload>()
  for (const { entries } of specs)
    for (const entry of walk(entries)) {
      if (entry.kind !== 'wait') continue
      if (Object.hasOwn(signals, entry.name))
        payloads.set(entry.name, { value: signals[entry.name], code: `signals['${entry.name}']` })
      else if (entry.schema === undefined) payloads.set(entry.name, { value: undefined, code: '' })
    }
  return payloads
}
