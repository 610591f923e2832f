// What a memo must hold at every moment: one output for all who want the same, and who takes it says whose it is.

import type { Row } from '../../src/journal/store.ts'

interface Body {
  readonly chain?: string
  readonly step?: string
  readonly memo?: string | { readonly run: string }
  readonly status?: string
}

const numberOf = (run: string): number => Number(run.slice('fare-'.length))

/** Of the fares: `ask` once for each of four, the season once for each of two. */
export function wrongMemos(rows: readonly Row[]): readonly string[] {
  const makers = new Map<string, string>()
  return rows.flatMap(({ run, type, body, seq }) => {
    if (!run.startsWith('fare-') || (type !== 'attempt.succeeded' && type !== 'chain.ended')) return []
    const { chain, step, memo, status } = JSON.parse(body) as Body
    const isStep = type === 'attempt.succeeded' && step === 'ask'
    const isChain = type === 'chain.ended' && chain === 'season' && status === 'succeeded'
    if (!isStep && !isChain) return []
    const key = isStep ? `ask ${numberOf(run) % 4}` : `season ${numberOf(run) % 2}`
    const maker = makers.get(key)
    if (typeof memo === 'object')
      return memo.run === maker
        ? []
        : [`${run} has taken ${key} of ${memo.run}, which was made by ${maker} (seq ${seq})`]
    makers.set(key, run)
    return maker === undefined ? [] : [`${key} was made by ${maker}, and again by ${run} (seq ${seq})`]
  })
}
