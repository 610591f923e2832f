// Whatever a journal holds, and however little of it: the reflector gives suggestions or none, and never throws.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChainRecord, RunRecord } from '../../src/observe/run-record.ts'
import type { Evidence } from '../../src/reflection/evidence.ts'
import { simulate } from '../../src/reflection/simulate/simulate.ts'
import { whatIf } from '../../src/reflection/simulate/what-if.ts'
import { suggest } from '../../src/reflection/suggest.ts'
import { cleanHistory } from './clean.ts'

type Write<T> = { -readonly [K in keyof T]: T[K] }

/** What may be odd about a record: clocks that were put back, what was cut short, what is of another version. */
const oddities: readonly ((run: Write<RunRecord>, chain: Write<ChainRecord>, at: number) => void)[] = [
  (run) => (run.endedAt = run.acceptedAt - 5_000),
  (run) => (run.endedAt = undefined),
  (run) => (run.status = 'cancelled'),
  (run) => (run.targets = ['elsewhere']),
  (run) => run.chains.clear(),
  (run) => (run.dropped = 3),
  (_, chain) => (chain.version = 'another'),
  (_, chain) => (chain.chain = 'unknown'),
  (_, chain) => (chain.startedAt = undefined),
  (_, chain) => (chain.status = 'running'),
  (_, chain) => (chain.rule = 'custom'),
  (_, chain) => (chain.needs = [{ name: 'gone', key: 'gone', kind: 'hard' }]),
  (_, chain) => chain.attempts.splice(0),
  (_, { attempts }, at) => void Object.assign(attempts[at % attempts.length] ?? {}, { endedAt: 1 }),
  (_, { attempts }, at) => void Object.assign(attempts[at % attempts.length] ?? {}, { startedAt: undefined }),
  (_, { attempts }, at) => void Object.assign(attempts[at % attempts.length] ?? {}, { outcome: 'aborted' }),
  (_, { attempts }, at) =>
    void Object.assign(attempts[at % attempts.length] ?? {}, { outcome: 'lost', failure: undefined }),
  (_, { attempts }, at) =>
    void Object.assign(attempts[at % attempts.length] ?? {}, { attempt: 7, took: undefined }),
  (_, { attempts }, at) =>
    void Object.assign(attempts[at % attempts.length] ?? {}, { waits: [{ for: 'slot', ms: -50 }] }),
]

const odd = fc.record({
  seed: fc.nat({ max: 1000 }),
  odds: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 200 }),
})

function disturbed(seed: number, odds: readonly (readonly [number, number])[]): Evidence {
  const evidence = cleanHistory(seed, 60)
  for (const [which, where] of odds) {
    const run = evidence.records[where % evidence.records.length] as RunRecord
    const chains = [...run.chains.values()]
    const chain = chains[which % Math.max(1, chains.length)]
    if (chain !== undefined) oddities[which % oddities.length]?.(run, chain, where)
  }
  return evidence
}

describe('of histories that are as odd as may be', () => {
  test('suggestions are made or not, and all numbers of theirs are numbers', () => {
    fc.assert(
      fc.property(odd, ({ seed, odds }) => {
        for (const { gain, evidence } of suggest(disturbed(seed, odds)))
          for (const value of [
            gain.low,
            gain.estimate,
            gain.high,
            evidence.low,
            evidence.value,
            evidence.high,
          ])
            expect(Number.isFinite(value)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('the simulation comes to an end, and no run takes less than no time', () => {
    fc.assert(
      fc.property(odd, ({ seed, odds }) => {
        const { records, declaration, config } = disturbed(seed, odds)
        const history = { records, declaration, recorded: config }
        for (const { duration } of simulate(history)?.values() ?? [])
          expect(duration).toBeGreaterThanOrEqual(0)
        const answer = whatIf(history, [{ op: 'replace', path: '/concurrency', value: 3 }])
        if (answer.answered) expect(Number.isFinite(answer.gains.duration.estimate)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('nothing is said where there is nothing', () => {
    const { declaration, config, now } = cleanHistory(1, 30)
    expect(suggest({ records: [], declaration, config, now })).toEqual([])
    expect(suggest({ records: [], declaration: { chains: [] }, config, now })).toEqual([])
  })
})
