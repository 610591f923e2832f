import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { compile } from '../../../src/chain/compile.ts'
import { chain, fromMachine } from '../../../src/index.ts'
import { beginFold, stepInertly } from '../../../src/journal/replay.ts'
import { type Path, coverage, shortestPaths, simplePaths } from '../../../src/testing.ts'
import { atlasOf } from '../../../src/testing/paths/coverage.ts'
import { explore } from '../../../src/testing/paths/explore.ts'
import { label, partsOf } from '../../../src/testing/paths/machine-parts.ts'
import { waysTo } from '../../../src/testing/paths/paths.ts'
import { statesOf } from '../../../src/testing/paths/visited.ts'
import { everything, extract, inTurn, saga, wide } from './chains.ts'
import { drive } from './drive.ts'

test('the shortest paths say in words how to come to each state', () => {
  const { paths, complete } = shortestPaths(extract)
  expect(complete).toBe(true)
  expect(paths.map(({ to, happens }) => `${to.at(-1)}: ${happens.join(', ')}`).toSorted()).toEqual([
    'cancelled: the run is cancelled',
    'failed: fetch fails, fetch: fail',
    'fetch.backing-off: fetch fails, fetch: retry',
    'fetch.recovering: fetch fails',
    'fetch.running: ',
    'queued: fetch waits for a slot',
    'succeeded: fetch succeeds',
  ])
})

test('there is a way to every state and every transition that something can take', () => {
  const compiled = compile(everything.spec)
  const ways = waysTo(explore(compiled, { most: 1_000 }))
  const { states, transitions } = partsOf(compiled)
  expect(transitions.length).toBeGreaterThan(90)
  expect(states.filter((state) => !ways.has(state))).toEqual([])
  expect(transitions.filter(({ id }) => !ways.has(id)).map(label)).toEqual([])
})

test.each([extract, everything, inTurn])('every path of $id leads where it says', (one) => {
  const compiled = compile(one.spec)
  const ends = (path: Path): readonly string[] => {
    let { snapshot } = beginFold(compiled, { input: undefined, called: path.called })
    for (const event of path.events) snapshot = stepInertly(compiled.machine, snapshot, event)
    return statesOf(snapshot)
  }
  for (const path of [...shortestPaths(one).paths, ...simplePaths(one).paths])
    expect(ends(path), path.happens.join(', ')).toEqual(path.to)
})

test('simple paths end in a final state, and none is there twice', () => {
  const { paths, complete } = simplePaths(inTurn)
  const all = paths.map(({ happens, called }) => JSON.stringify([called, happens]))
  expect(new Set(all).size).toBe(all.length)
  expect(complete || all.length === 1_000).toBe(true)
  expect(simplePaths(chain('without-steps')).paths.map(({ to }) => to)).toEqual([['succeeded']])
  for (const { to } of paths) expect(['succeeded', 'failed', 'cancelled', 'undone']).toContain(to[0])
})

test('paths are bounded, and say so', () => {
  expect(simplePaths(everything)).toMatchObject({ complete: false })
  expect(simplePaths(everything, { mostPaths: 7 }).paths).toHaveLength(7)
  const few = shortestPaths(everything, { mostStates: 5 })
  expect(few.complete).toBe(false)
  expect(few.paths).toHaveLength(5)
  expect(() => shortestPaths(extract, { mostStates: 0 })).toThrow(
    'mostStates is 0: give a whole number from 1',
  )
})

test('branches side by side have paths to ends, and no search for more of them is without end', () => {
  const { paths, complete } = simplePaths(wide)
  expect(complete).toBe(false)
  expect(paths).toHaveLength(1_000)
  const ends = ['succeeded', 'failed', 'cancelled', 'undone', 'kept']
  expect(paths.filter(({ to }) => !ends.includes(to[0] ?? ''))).toEqual([])
  // none of them is spent on what was cut off
  expect(simplePaths(wide, { mostStates: 300, mostSteps: 1_000 }).paths.length).toBeGreaterThan(150)
  const most = 20
  const few = simplePaths(inTurn, { mostSteps: most })
  expect(few.complete).toBe(false)
  expect(few.paths.length).toBeGreaterThan(0)
  expect(few.paths.length).toBeLessThan(most)
  expect(() => simplePaths(inTurn, { mostSteps: 0 })).toThrow('mostSteps is 0: give a whole number from 1')
})

test('paths are cut where the steps that find them are used up, and only there', () => {
  const all = simplePaths(extract)
  expect(all.complete).toBe(true)
  const enough = [...Array(500).keys()].find((most) => simplePaths(extract, { mostSteps: most + 1 }).complete)
  expect(simplePaths(extract, { mostSteps: (enough ?? 0) + 1 })).toEqual(all)
  const cut = simplePaths(extract, { mostSteps: enough ?? 1 })
  expect(cut).toEqual({ paths: all.paths.slice(0, cut.paths.length), complete: false })
})

test('a machine of your own has no paths without data, and that is said', () => {
  const own = fromMachine('own', createMachine({ id: 'own', initial: 'a', states: { a: { type: 'final' } } }))
  expect(() => shortestPaths(own)).toThrow('machine of your own')
  expect(() => coverage(own)).toThrow('machine of your own')
})

test('what nothing can take is no part: the failure of a decision in which nothing is the author’s', () => {
  const on = (one: Parameters<typeof compile>[0]): readonly string[] =>
    partsOf(compile(one)).transitions.map(label)
  const plain = chain('plain').step('ask', () => 1, { attempts: 2 })
  const own = chain('own-when').step('ask', () => 1, { attempts: 2, backoff: { when: () => true } })
  expect(on(plain.spec)).not.toContain('ask.recovering --failed--> failed')
  expect(on(own.spec)).toContain('ask.recovering --failed--> failed')
})

/** Of the last step of a saga only: all of its eight are alike. */
const driven = [
  { one: inTurn, of: /./ },
  { one: saga, of: /s8|next|stuck/ },
].flatMap(({ one, of }) => {
  const { transitions, ways } = atlasOf(compile(one.spec))
  return transitions
    .map((part) => [one.id, label(part), { one, id: part.id, way: ways.get(part.id) as Path }] as const)
    .filter(([, part, { way }]) => of.test(part) && !way.called)
})

describe('what has to happen for a transition makes the real engine take it', () => {
  test.each(driven)('in %s: %s', async (chainId, _, { one, id, way }) => {
    const t = await drive(one, way)
    expect([...(t.history().visited.get(chainId)?.transitions ?? [])], t.timeline()).toContain(id)
    await t.stop()
  })
})
