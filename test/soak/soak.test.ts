// The soak in short; `npm run soak -- --full` is the long form, and holds memory to its bar.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chain, createSupervisor } from '../../src/index.ts'
import { driftOf, medianOf } from './drift.ts'
import { type Ends, expectedEnds } from './load.ts'
import { judge, type Rest, soak, soakAsleep, type Stretch } from './soak.ts'

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-soak-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('runs of every kind end as they should, told stretch by stretch', async () => {
  const told: number[] = []
  const soaked = await soak(
    { chain, createSupervisor },
    { folder: freshFolder(), runs: 100, parts: 4, rest: 0, tell: ({ runs }) => void told.push(runs) },
  )
  expect(soaked.rests.map(({ runs }) => runs)).toEqual([100])
  expect(soaked.ends).toEqual({ succeeded: 90, failed: 5, cancelled: 5 })
  expect(told).toEqual([25, 50, 75, 100])
  for (const { rss, heap, store } of soaked.stretches) expect(Math.min(rss, heap, store)).toBeGreaterThan(0)
})

describe('a soak', () => {
  const flat = { seconds: 1, rss: 100, heap: 20, writer: 5, loop: { p99: 2, longest: 9 }, store: 1 }
  const held = { files: 20, timers: 1, listeners: 9 }
  const ends = { succeeded: 18, failed: 1, cancelled: 1 }
  const problemsOf = (
    of: (at: number) => Partial<Stretch>,
    { found = ends, rests = [] }: { found?: Ends; rests?: readonly Rest[] } = {},
  ): readonly string[] => {
    const stretches = Array.from({ length: 20 }, (_, at) => ({
      ...flat,
      ...held,
      runs: (at + 1) * 50_000,
      ...of(at),
    }))
    return judge(stretches, { rests, ends: found, expected: ends, most: 5 }).problems
  }

  test('passes where all is flat once it is warm, or falls', () => {
    expect(problemsOf(() => ({}))).toEqual([])
    expect(problemsOf((at) => (at < 2 ? { rss: 50, heap: 10, files: 10 } : {}))).toEqual([])
    expect(problemsOf((at) => ({ rss: 200 - at, heap: 20 - at / 10, timers: at < 10 ? 2 : 1 }))).toEqual([])
  })

  test('fails where the heap rises by more than 5 %', () => {
    expect(problemsOf((at) => ({ heap: 20 + at / 20 }))).toEqual([])
    expect(problemsOf((at) => ({ heap: 20 + at / 10 }))).toEqual(['heap rises by 7.6 %, more than 5'])
  })

  test('fails where more is resident at rest than when it was warm, whatever V8 keeps under load', () => {
    const at = (rss: number): { rests: readonly Rest[] } => ({
      rests: [
        { runs: 100_000, rss: 100 },
        { runs: 1_000_000, rss },
      ],
    })
    expect(problemsOf((stretch) => ({ rss: 300 + stretch * 5 }), at(104))).toEqual([])
    expect(problemsOf(() => ({}), at(90))).toEqual([])
    expect(problemsOf(() => ({}), at(106))).toEqual(['resident memory at rest rises by 6.0 %, more than 5'])
  })

  test.for(['files', 'timers', 'listeners'] as const)('fails where %s are left behind', (what) => {
    const from = held[what]
    expect(problemsOf((at) => ({ [what]: from + at }))).toEqual([
      `${what} grow from ${from + 3} to ${from + 19}`,
    ])
  })

  test('tells nothing of memory before it is warm', () => {
    expect(problemsOf((at) => ({ runs: at * 2_000, heap: 20 + at }))).toEqual([])
  })

  test('fails where a run has ended otherwise than it should', () => {
    const found = { ...ends, succeeded: 17, failed: 2 }
    expect(problemsOf(() => ({}), { found }).join()).toContain('runs have ended as {"succeeded":17')
  })
})

test('runs that sleep are counted once they all do', async () => {
  const told: number[] = []
  const { runs, rss, rested } = await soakAsleep(
    { chain, createSupervisor },
    { folder: freshFolder(), runs: 99, parts: 2, rest: 0, tell: (slept) => void told.push(slept.runs) },
  )
  expect([runs, ...told]).toEqual([99, 50, 99])
  expect(Math.min(rss, rested)).toBeGreaterThan(0)
})

test('each kind of run has its share', () => {
  expect(expectedEnds(1_000_000)).toEqual({ succeeded: 900_000, failed: 50_000, cancelled: 50_000 })
})

test('a drift is what the line of least squares rises from end to end', () => {
  expect(driftOf([100, 100, 100])).toEqual({ mean: 100, rise: 0, spread: 0 })
  const rising = driftOf([95, 100, 105])
  expect(rising.rise).toBeCloseTo(10)
  expect(rising.spread).toBeCloseTo((105 / 95 - 1) * 100)
  expect(driftOf([105, 100, 95]).rise).toBeCloseTo(-10)
  expect(driftOf([100, 130, 100]).rise).toBeCloseTo(0) // a peak in the middle is no drift
  expect(medianOf([9, 1, 5])).toBe(5)
})
