// The part of the config that suggestions read and change, as plain data with its version.

import type { LimiterTerms } from '../../machines/limiter.ts'
import type { EntryDefinition } from '../chain/definition.ts'

export interface StepTunables {
  readonly attempts?: number
  readonly timeout?: number
  /** Classes of failures after which it is not tried again. */
  readonly nonRetryable?: readonly string[]
  /** Its outputs are used again; for so long (ms), or for ever. */
  readonly memo?: { readonly ttl?: number }
  /** Most items of an `each` at once. */
  readonly inFlight?: number
}

export interface Tunables {
  readonly version: number
  /** Most attempts in flight at once. */
  readonly concurrency: number
  /** By `chain/step`. */
  readonly steps: Readonly<Record<string, StepTunables>>
  readonly limiters: Readonly<Record<string, Partial<LimiterTerms>>>
  /** By `consumer<-name`. */
  readonly edges: Readonly<Record<string, 'dropped'>>
}

/** What is read of a declaration: all else of it may be absent. */
export interface Declared {
  readonly chains: readonly DeclaredChain[]
  /** Their terms as the code says them. */
  readonly limiters?: readonly ({ readonly id: string } & LimiterTerms)[]
}

export interface DeclaredChain {
  readonly id: string
  readonly version: string
  readonly needs: readonly { readonly name: string; readonly chain: string; readonly kind: string }[]
  readonly when: string
  readonly steps: readonly DeclaredStep[]
  readonly entries: readonly EntryDefinition[]
  readonly own?: true
}

export interface DeclaredStep {
  readonly name: string
  readonly kind: string
  readonly attempts?: number
  readonly timeout?: number
  readonly backoff?: {
    readonly initial: number
    readonly factor: number
    readonly max: number
    readonly jitter: string
  }
  readonly limit?: string
  readonly memo?: true
  readonly fallback?: true
  readonly transact?: true
  readonly pure?: true
  readonly inFlight?: number
}

/** The chains and steps of a declaration by name. */
export interface DeclaredSteps {
  chain(id: string): DeclaredChain | undefined
  step(chain: string, name: string): DeclaredStep | undefined
}

export function declaredSteps(declaration: Declared): DeclaredSteps {
  const chains = new Map(declaration.chains.map((chain) => [chain.id, chain]))
  const steps = new Map<string, DeclaredStep>()
  for (const chain of declaration.chains)
    for (const step of chain.steps) steps.set(`${chain.id}/${step.name}`, step)
  return { chain: (id) => chains.get(id), step: (chain, name) => steps.get(`${chain}/${name}`) }
}
