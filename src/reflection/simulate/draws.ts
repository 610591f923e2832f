// What was never recorded is drawn from what was, by name: the same place draws the same in every simulation.

import type { AttemptRecord, ChainRecord, RunRecord } from '../../observe/run-record.ts'
import { createRandom } from '../../kernel/random.ts'

/** An attempt's function as it was or would be: how long it takes if nothing cuts it off, and what comes of it. */
export interface Service {
  /** Infinity where it never ended by itself. */
  readonly ms: number
  readonly failure: AttemptRecord['failure']
}

export interface Draws {
  /** In [0, 1), by name. */
  chance(name: string): number
  /** One that took longer than `over` ms; undefined where none did. */
  service(chain: string, step: string, over: number, name: string): Service | undefined
  /** The record of a chain's execution that succeeded; undefined where none did. */
  donor(chain: string, name: string): ChainRecord | undefined
}

/** What an attempt's function did; undefined where that is not known. */
export function serviceOf(attempt: AttemptRecord): Service | undefined {
  const { startedAt, endedAt, outcome, failure, late } = attempt
  if (startedAt === undefined || endedAt === undefined || outcome === undefined) return undefined
  if (outcome === 'aborted' || outcome === 'lost') return undefined
  if (failure?.kind === 'timeout' || failure?.kind === 'deadline') {
    // what failed after its abort may have failed of it
    return late?.outcome === 'succeeded'
      ? { ms: Math.max(0, late.at - startedAt), failure: undefined }
      : undefined
  }
  return { ms: Math.max(0, endedAt - startedAt), failure: outcome === 'succeeded' ? undefined : failure }
}

export function createDraws(records: readonly RunRecord[], seed: number): Draws {
  const services = new Map<string, Service[]>()
  const donors = new Map<string, ChainRecord[]>()
  for (const { chains } of records) {
    for (const chain of chains.values()) {
      if (chain.status === 'succeeded' && chain.startedAt !== undefined)
        listed(donors, chain.chain).push(chain)
      for (const attempt of chain.attempts) {
        const service = attempt.memo ? undefined : serviceOf(attempt)
        if (service !== undefined)
          listed(services, placeOf(chain.chain, attempt.step, attempt.part)).push(service)
      }
    }
  }
  for (const list of services.values()) list.sort((a, b) => a.ms - b.ms)
  const chance = (name: string): number => createRandom(hashOf(`${seed} ${name}`))()
  return {
    chance,
    service(chain, step, over, name) {
      const list = services.get(`${chain}/${step}`) ?? []
      const from = over <= 0 ? 0 : list.findIndex(({ ms }) => ms > over)
      if (from < 0) return undefined
      return list[from + Math.floor(chance(`service ${chain}/${step} ${name}`) * (list.length - from))]
    },
    donor(chain, name) {
      const list = donors.get(chain) ?? []
      return list[Math.floor(chance(`donor ${chain} ${name}`) * list.length)]
    },
  }
}

/** Names a step of a chain, or its fallback. */
export function placeOf(chain: string, step: string, part?: string): string {
  return part === undefined ? `${chain}/${step}` : `${chain}/${step}:${part}`
}

function listed<T>(map: Map<string, T[]>, key: string): T[] {
  let list = map.get(key)
  if (list === undefined) map.set(key, (list = []))
  return list
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193)
  return hash >>> 0
}
