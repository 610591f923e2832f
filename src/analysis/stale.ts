// Whether what a chain made last is out of date: made by another version, or of what has been made anew since.

import type { Scene } from './scene.ts'
import type { Execution } from './survey.ts'

export interface Stale {
  readonly why: string
  /** What makes it so: the same for the same reason. */
  readonly cause: string
  /** The run that made it. */
  readonly from: string
}

/**
 * Made anew is told by data alone: the same chain, of the same input, returned something else than was used, in a run
 * that does not itself go on to this chain.
 */
export function staleBy({ survey, declared }: Scene, chain: string): Stale | undefined {
  const last = successOf(survey.ended.get(chain))
  const version = declared.get(chain)?.version
  if (last === undefined || version === undefined) return undefined
  const from = last.run.run
  if (last.chain.version !== version)
    return {
      why: 'what it made last was made by another version than is declared',
      cause: `version ${version}`,
      from,
    }
  for (const { key, kind } of last.chain.needs) {
    if (kind !== 'hard' && kind !== 'optional') continue
    const used = last.run.chains.get(key)
    if (used?.status !== 'succeeded' || used.outputHash === undefined) continue
    const newer = successOf(survey.ended.get(used.chain), (one) => one.chain.inputHash === used.inputHash)
    if (newer === undefined || newer.run === last.run || newer.chain.outputHash === used.outputHash) continue
    if ((newer.chain.endedAt ?? 0) <= (used.endedAt ?? 0)) continue
    const goesOn = [...newer.run.chains.values()].some(
      (one) => one.chain === chain && one.endedAt === undefined,
    )
    if (goesOn && newer.run.endedAt === undefined) continue
    return {
      why: `"${used.chain}", which it needs, has made something else of the same since, in run ${newer.run.run}`,
      cause: `${version} ${newer.run.run}`,
      from,
    }
  }
  return undefined
}

function successOf(
  executions: readonly Execution[] | undefined,
  fits: (one: Execution) => boolean = () => true,
): Execution | undefined {
  return executions?.findLast((one) => one.chain.status === 'succeeded' && fits(one))
}
