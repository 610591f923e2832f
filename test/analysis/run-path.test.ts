import fc from 'fast-check'
import { expect, test } from 'vitest'
import { criticalPath } from '../../src/analysis/critical.ts'
import { pathOf } from '../../src/analysis/run-path.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import type { ChainRecord } from '../../src/observe/chain-record.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'
import { attempt, ran, run, surveyed, wait } from './made.ts'

const needs = (...keys: readonly string[]): ChainRecord['needs'] =>
  keys.map((key) => ({ name: key, key, kind: 'hard' }))

/** A chain of one step that took all of its time. */
const one = (chain: string, from: number, to: number, before: readonly string[] = []): ChainRecord =>
  ran(chain, from, to, { needs: needs(...before), attempts: [attempt('do', from, to)] })

const pathIn = (of: RunRecord): unknown =>
  Array.from(pathOf(of)?.values() ?? [], ({ chain, step, time, drag, slack }) => [
    chain,
    step,
    time,
    drag,
    slack,
  ])

test('the path goes back from the end over what was waited for last; what is beside it has room', () => {
  // a(0-30) and b(0-80) before c(80-100); d(0-50) before nobody
  const found = pathIn(
    run('r', [one('c', 80, 100, ['a', 'b']), one('b', 0, 80), one('d', 0, 50), one('a', 0, 30)]),
  )
  expect(found).toEqual([
    ['a', 'do', 0, 0, 50],
    ['d', 'do', 0, 0, 50],
    // without b the run waits for a, and d ends when c does without it
    ['b', 'do', 80, 50, undefined],
    ['c', 'do', 20, 20, undefined],
  ])
})

test('what a step saves is no more than what the others leave', () => {
  expect(pathIn(run('r', [one('a', 0, 90), one('b', 90, 100, ['a']), one('d', 0, 97)]))).toEqual([
    ['a', 'do', 90, 3, undefined],
    ['d', 'do', 0, 0, 3],
    ['b', 'do', 10, 3, undefined],
  ])
})

test('between its steps a chain’s time is its own, waits and the time before its first step too', () => {
  const gaps = ran('gaps', 10, 100, {
    readyAt: 5,
    startedAt: 10,
    // what is waited for before the chain began is no step's
    waits: [wait('', 'gate', 5, 10), wait('go', 'signal', 40, 60), wait('open', 'signal', 60, undefined)],
    attempts: [
      attempt('first', 12, 40, { enqueuedAt: 10, startedAt: 12 }),
      attempt('last', 70, 100),
      attempt('open', 100, undefined),
    ],
  })
  expect(pathIn(run('r', [gaps]))).toEqual([
    ['gaps', '', 15, 15, undefined],
    ['gaps', 'first', 30, 30, undefined],
    ['gaps', 'go', 20, 20, undefined],
    ['gaps', 'last', 30, 30, undefined],
  ])
})

test('between steps nobody is beside it, and between a need and being ready there is time of nobody', () => {
  // b was ready 20 after a had ended, which stays so without a
  expect(pathIn(run('r', [one('a', 0, 30), one('b', 50, 80, ['a'])]))).toEqual([
    ['a', 'do', 30, 30, undefined],
    ['b', 'do', 30, 30, undefined],
  ])
  // a need that ended later was not waited for
  expect(pathIn(run('r', [one('late', 0, 90), one('b', 50, 100, ['late'])]))).toEqual([
    ['late', 'do', 0, 0, 10],
    ['b', 'do', 50, 10, undefined],
  ])
})

test('what was called is its caller’s, what never was ready had no time, and a need ends before who needs it', () => {
  const called = ran('called', 0, 40, {
    call: { chain: 'top', step: 'ask' },
    attempts: [attempt('x', 0, 40)],
  })
  const skipped = ran('skipped', 0, 90, { readyAt: undefined })
  const top = ran('top', 0, 50, { waits: [wait('ask', 'call', 0, 40)], attempts: [attempt('end', 40, 50)] })
  // it took no time: it ends in the millisecond in which what it needs does
  const after = ran('after', 50, 50, { needs: needs('top') })
  expect(pathIn(run('r', [after, skipped, called, top]))).toEqual([
    ['top', 'ask', 40, 40, undefined],
    ['top', 'end', 10, 10, undefined],
  ])
  const none = ran('none', 7, undefined, { endedAt: undefined })
  expect(pathIn(run('r', [none]))).toEqual([])
})

test('runs of more than 500 chains are not gone through', () => {
  const many = (n: number): RunRecord =>
    run(
      'r',
      Array.from({ length: n }, (_, at) => ran(`c${at}`, 0, 1)),
    )
  expect(pathOf(many(501))).toBeUndefined()
  expect(pathOf(many(500))?.size).toBe(500)
})

/** Layers of chains: each needs some of the layer before. */
const graphs = fc.array(
  fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(7), fc.nat(4)), { minLength: 1, maxLength: 3 }),
  {
    minLength: 1,
    maxLength: 4,
  },
)

test('times on the path add up to the run; drag and slack are what a run with another step would have shown', () => {
  fc.assert(
    fc.property(graphs, (layers) => {
      interface Planned {
        readonly key: string
        readonly ms: number
        readonly lag: number
        readonly before: readonly string[]
      }
      const plan: Planned[] = layers.flatMap((layer, at) =>
        layer.map(([ms, of, lag], place) => ({
          key: `c${at}-${place}`,
          ms,
          lag: at === 0 ? 0 : lag,
          before: (layers[at - 1] ?? []).flatMap((_, i) =>
            ((of >> i) & 1) === 1 ? [`c${at - 1}-${i}`] : [],
          ),
        })),
      )
      const endsWith = (
        other: (key: string, ms: number) => number,
      ): ReadonlyMap<string, readonly [number, number]> => {
        const spans = new Map<string, readonly [number, number]>()
        for (const { key, ms, lag, before } of plan) {
          const from =
            Math.max(0, ...before.map((need) => spans.get(need)?.[1] ?? 0)) + (before.length > 0 ? lag : 0)
          spans.set(key, [from, from + other(key, ms)])
        }
        return spans
      }
      const endOf = (spans: ReadonlyMap<string, readonly [number, number]>): number =>
        Math.max(...Array.from(spans.values(), ([, to]) => to))
      const spans = endsWith((_, ms) => ms)
      const end = endOf(spans)
      const lags = new Map(plan.map(({ key, lag, before }) => [key, before.length > 0 ? lag : 0]))
      const made = run(
        'r',
        plan.map(({ key, before }) => {
          const [from, to] = spans.get(key) ?? [0, 0]
          return one(key, from, to, before)
        }),
      )
      let onPath = 0
      for (const { chain, time, drag, slack } of pathOf(made)?.values() ?? []) {
        if (slack === undefined) {
          onPath += time + (lags.get(chain) ?? 0)
          expect(drag).toBe(end - endOf(endsWith((key, ms) => (key === chain ? 0 : ms))))
        } else {
          const longer = (by: number): number => endOf(endsWith((key, ms) => (key === chain ? ms + by : ms)))
          expect(longer(slack)).toBe(end)
          expect(longer(slack + 1)).toBe(end + 1)
        }
      }
      expect(onPath).toBe(end)
    }),
    { numRuns: 60 },
  )
})

test('over runs, a place tells on how many paths it was, its share and drag, and its room where it was off them', () => {
  const runs = [
    run('r1', [one('a', 0, 60), one('b', 0, 40)]),
    run('r2', [one('a', 0, 60), one('b', 0, 50)]),
    run('r3', [one('a', 0, 20), one('b', 0, 80)]),
    // it took no time at all
    run('r4', [one('a', 0, 0)], { endedAt: 0 }),
  ]
  const { n, path } = atOnce(criticalPath(surveyed({ ended: runs })))
  expect(n).toBe(3)
  expect(path).toMatchObject([
    // 120 of 200, saving 20, 10 and nothing
    { chain: 'a', step: 'do', n: 2, share: { estimate: 0.6 }, drag: { estimate: 10 }, slack: 60 },
    // 80 of 200, saving 60 once
    { chain: 'b', step: 'do', n: 1, share: { estimate: 0.4 }, drag: { estimate: 20 }, slack: 15 },
  ])
  for (const { share, drag } of path)
    for (const { estimate, low = Infinity, high = -Infinity } of [share, drag]) {
      expect(low).toBeLessThanOrEqual(estimate)
      expect(high).toBeGreaterThanOrEqual(estimate)
    }
})

test('the last 200 runs are gone through, the 30 places that took most are told, times of no step without one', () => {
  const runs = Array.from({ length: 201 }, (_, at) =>
    run(
      `r${at}`,
      at === 0 ? [one('old', 0, 9)] : [ran('idle', 0, 5), ...(at < 41 ? [one(`c${at}`, 0, 10 + at)] : [])],
    ),
  )
  const { n, path } = atOnce(criticalPath(surveyed({ ended: runs })))
  expect(n).toBe(200)
  expect(path).toHaveLength(30)
  expect(path[0]).toMatchObject({ chain: 'idle', n: 160, slack: 25.5 })
  expect(path[0]).not.toHaveProperty('step')
  expect(path.slice(1).map(({ chain }) => chain)).toEqual(
    Array.from({ length: 29 }, (_, at) => `c${40 - at}`),
  )
})
