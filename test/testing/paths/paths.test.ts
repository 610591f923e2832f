import { describe, expect, test } from 'vitest'
import { createMachine } from 'xstate'
import { compile } from '../../../src/chain/compile.ts'
import { chain, fromMachine } from '../../../src/index.ts'
import { beginFold, stepInertly } from '../../../src/journal/replay.ts'
import { type Path, coverage, shortestPaths, simplePaths } from '../../../src/testing.ts'
import { explore } from '../../../src/testing/paths/explore.ts'
import { label, partsOf } from '../../../src/testing/paths/machine-parts.ts'
import { waysTo } from '../../../src/testing/paths/paths.ts'
import { statesOf } from '../../../src/testing/paths/visited.ts'
import { everything, extract, inTurn } from './chains.ts'
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
  const ways = waysTo(explore(compiled, 1_000))
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

const ways = waysTo(explore(compile(inTurn.spec), 1_000))
const driven = partsOf(compile(inTurn.spec)).transitions.filter(({ id }) => ways.get(id)?.called === false)

describe('what has to happen for a transition makes the real engine take it', () => {
  test.each(driven.map((one) => [label(one), one] as const))('%s', async (_, { id }) => {
    const t = await drive(inTurn, ways.get(id) as Path)
    expect([...(t.history().visited.get('in-turn')?.transitions ?? [])], t.timeline()).toContain(id)
    await t.stop()
  })
})
