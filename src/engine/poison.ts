// Inputs that fail again and again: counted by chain and input, and not tried again until somebody says so.

import type { ChainSpec } from '../definition/spec.ts'
import type { CompiledChain } from '../definition/compiled-chain.ts'
import type { Fact, PastFailure, Payload, RootFailure } from '../journal/event.ts'
import type { RunState } from '../journal/run-state.ts'
import type { KeepsakeChange, KeepsakeHead } from '../journal/store.ts'
import { canonical, decode, hash } from '../kernel/codec.ts'
import { poisonedFact, shortOf } from './poison-facts.ts'
import type { ChainParent, Effect } from './chains/chain-parent.ts'

/** Most inputs that are counted; the ones that failed longest ago are forgotten. */
const mostCounted = 10_000
/** So many failures are told of, the last ones. */
const toldFailures = 5

interface Count {
  failures: number
  /** The last of them. */
  readonly last: PastFailure[]
}

export interface PoisonHost {
  readonly chain: (id: string) => CompiledChain | undefined
  /** For chains that say nothing of it; undefined where none is. */
  readonly after: number | undefined
}

/** A target of a run, and what it is given. */
interface Target {
  readonly chain: string
  readonly input: Payload | undefined
}

/** A count is in memory before it is durable: the commit that writes it fails with all that is in memory. */
export class Poisons {
  readonly #host: PoisonHost
  /** The one that failed last at the end. */
  readonly #counts = new Map<string, Count>()

  constructor(host: PoisonHost) {
    this.#host = host
  }

  /** Takes in what the store keeps. @returns what it needs not keep any longer. */
  load(heads: readonly KeepsakeHead[]): readonly KeepsakeChange[] {
    for (const { key, body } of heads) this.#counts.set(key, JSON.parse(body) as Count)
    return this.#pushedOut()
  }

  /** Why a run that begins is not tried; undefined where it is. */
  parkingOf({ targets, nodes }: RunState): Extract<Fact, { type: 'run.parked' }> | undefined {
    if (this.#counts.size === 0) return undefined
    for (const key of targets) {
      const node = nodes.get(key)
      const limit = node === undefined ? undefined : this.#limitOf(node.chain)
      if (node === undefined || limit === undefined) continue
      const count = this.#counts.get(this.#keyOf(node))
      if (count !== undefined && count.failures >= limit) return poisonedFact(node.chain, count)
    }
    return undefined
  }

  /** A run has ended: counts its targets that failed, and forgets those that succeeded. Call it within its turn. */
  ended(
    run: Pick<ChainParent, 'keep' | 'afterCommit'>,
    state: RunState,
    failures: readonly RootFailure[],
    at: number,
  ): void {
    for (const key of state.targets) {
      const node = state.nodes.get(key)
      if (node === undefined || this.#limitOf(node.chain) === undefined) continue
      if (node.status === 'succeeded') this.#forget(run, node)
      if (node.status === 'failed' || node.status === 'upstream_failed') {
        const root = failures.find(({ chain, blocked }) => chain === key || blocked.includes(key))
        const effect = this.#count(run, node, shortOf(state.run, at, root ?? failures[0]))
        run.afterCommit(effect)
      }
    }
  }

  #forget(run: Pick<ChainParent, 'keep' | 'afterCommit'>, target: Target): void {
    if (this.#counts.size === 0) return
    const key = this.#keyOf(target)
    const count = this.#counts.get(key)
    if (count === undefined) return
    this.#counts.delete(key)
    run.keep([{ gone: key }])
    run.afterCommit({ committed() {}, dropped: () => void this.#counts.set(key, count) })
  }

  #count(run: Pick<ChainParent, 'keep'>, target: Target, failure: PastFailure): Effect {
    const key = this.#keyOf(target)
    const { failures = 0, last = [] } = this.#counts.get(key) ?? {}
    const count: Count = { failures: failures + 1, last: [...last, failure].slice(-toldFailures) }
    // one that fails again is the newest
    this.#counts.delete(key)
    this.#counts.set(key, count)
    const body = JSON.stringify(count)
    const kept = { kind: 'poison', key, at: failure.at, expiresAt: null, body, payload: null } as const
    run.keep([...this.#pushedOut(), kept])
    return {
      committed() {},
      dropped: () => {
        count.failures--
        count.last.splice(count.last.indexOf(failure), 1)
      },
    }
  }

  #limitOf(id: string): number | undefined {
    const given = this.#host.chain(id)?.spec.poison
    return given === undefined ? this.#host.after : limitIn(given)
  }

  /** A new version of a chain is tried anew. */
  #keyOf({ chain, input }: Target): string {
    const { version } = this.#host.chain(chain) ?? {}
    const value = input === undefined ? undefined : decode(input)
    return `poison:${hash(canonical({ chain, version, input: value }))}`
  }

  #pushedOut(): readonly KeepsakeChange[] {
    const over = this.#counts.size - mostCounted
    if (over <= 0) return []
    return [...this.#counts.keys().take(over)].map((key) => {
      this.#counts.delete(key)
      return { gone: key }
    })
  }
}

function limitIn(poison: NonNullable<ChainSpec['poison']>): number | undefined {
  return poison.after === Infinity ? undefined : poison.after
}
