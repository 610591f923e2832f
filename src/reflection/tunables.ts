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
  readonly lets?: LimiterTerms & { readonly cost: number }
  readonly memo?: true
  readonly fallback?: true
  readonly transact?: true
  readonly pure?: true
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  /** What it calls. */
  readonly chain?: string
  readonly inFlight?: number
}

/** The chains and steps of a declaration by name. */
export interface DeclaredSteps {
  chain(id: string): DeclaredChain | undefined
  step(chain: string, name: string): DeclaredStep | undefined
}

/** The limiters that have one line for all, with their terms as the code says them. */
export function declaredLimiters({ chains }: Declared): ReadonlyMap<string, LimiterTerms> {
  const terms = new Map<string, LimiterTerms>()
  const unclear = new Set<string>()
  for (const { steps } of chains)
    for (const { limit, lets } of steps) {
      if (limit === undefined) continue
      if (lets === undefined) unclear.add(limit)
      else {
        const { inFlight, rate, per, burst } = lets
        terms.set(limit, { inFlight, rate, per, burst })
      }
    }
  for (const id of unclear) terms.delete(id)
  return terms
}

export function declaredSteps(declaration: Declared): DeclaredSteps {
  const chains = new Map(declaration.chains.map((chain) => [chain.id, chain]))
  const steps = new Map<string, DeclaredStep>()
  for (const chain of declaration.chains)
    for (const step of chain.steps) steps.set(`${chain.id}/${step.name}`, step)
  return { chain: (id) => chains.get(id), step: (chain, name) => steps.get(`${chain}/${name}`) }
}
