import { expect, test } from 'vitest'
import { downstreamOf } from '../../src/analysis/scene.ts'
import { staleBy } from '../../src/analysis/stale.ts'
import type { ChainRecord } from '../../src/observe/chain-record.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'
import { type Made, declare, hard, ran, run, scene, step, surveyed } from './made.ts'

test('times are read of runs that nobody interfered with; the others are counted by why', () => {
  const of = (id: string, given: Partial<RunRecord>): RunRecord => run(id, [ran('c', 0, 1)], given)
  const { runs, excluded, ended, timed } = surveyed({
    ended: [
      of('fork', { origin: { run: 'x', copied: 0 } }),
      of('again', { retries: 1 }),
      of('held', { pausedMs: 1 }),
      of('large', { dropped: 1 }),
      of('held too', { pausedMs: 5 }),
      of('good', {}),
    ],
    strays: 3,
    dropped: { ended: 2, open: 5, attempts: 9 },
  })
  expect(runs.map((one) => one.run)).toEqual(['good'])
  expect(excluded).toEqual([
    { reason: 'forked, with a copied history', count: 1 },
    { reason: 'retried by a person', count: 1 },
    { reason: 'paused or parked meanwhile', count: 2 },
    { reason: 'too large to be kept whole', count: 1 },
    { reason: 'began before the events that were read', count: 3 },
    { reason: 'more than are kept', count: 7 },
  ])
  expect(ended.get('c')).toHaveLength(6)
  expect(timed.get('c')).toHaveLength(1)
  expect(surveyed({}).excluded).toEqual([])
})

test('executions come as they ended, those of a millisecond as their runs were accepted; what goes on is none', () => {
  const of = (id: string, firstSeq: number, ...chains: readonly ChainRecord[]): RunRecord =>
    run(id, chains, { firstSeq })
  const { ended, open, timed } = surveyed({
    ended: [of('a', 3, ran('c', 0, 20)), of('b', 2, ran('c', 0, 10)), of('d', 1, ran('c', 0, 20))],
    open: [
      of(
        'o',
        9,
        ran('c', 0, 5),
        ran('e', 0, undefined),
        ran('f', 0, 5, { status: 'pending' }),
        ran('g', 0, 5, { status: 'running' }),
      ),
    ],
  })
  expect(ended.get('c')?.map((one) => one.run.run)).toEqual(['o', 'b', 'd', 'a'])
  expect(timed.get('c')?.map((one) => one.run.run)).toEqual(['b', 'd', 'a'])
  expect([...ended.keys()]).toEqual(['c'])
  expect(open.map((one) => one.run)).toEqual(['o'])
})

test('what stops with a chain is all that needs, follows or calls it, near ones first, and never itself', () => {
  const { dependents, chains, steps, declared } = scene({
    chains: [
      declare('a', [step('s')]),
      declare('b', [step('s')], { needs: [hard('a')] }),
      declare('c', [], { follows: [hard('b')] }),
      declare('d', [step('ask', { kind: 'call', chain: 'a' }), step('again', { kind: 'call', chain: 'c' })]),
      declare('e', [step('ask', { kind: 'call', chain: 'f' })]),
      declare('f', [step('ask', { kind: 'call', chain: 'e' })]),
    ],
    ended: [run('r', [ran('gone', 0, 1), ran('a', 0, 1)])],
  })
  expect(downstreamOf(dependents, 'a')).toEqual(['b', 'd', 'c'])
  expect(downstreamOf(dependents, 'e')).toEqual(['f'])
  expect(downstreamOf(dependents, 'd')).toEqual([])
  expect(chains).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'gone'])
  expect([...declared.keys()]).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect([...steps.keys()]).toEqual(['a\ns', 'b\ns', 'd\nask', 'd\nagain', 'e\nask', 'f\nask'])
  const nothing = scene({})
  expect([nothing.chains, nothing.declaration]).toEqual([[], undefined])
})

const staleIn = (made: Made): unknown => staleBy(scene({ chains: [declare('made')], ...made }), 'made')

test('what was made by another version than is declared is stale, by the last time that it succeeded', () => {
  const of = (at: number, given: Partial<ChainRecord>): RunRecord =>
    run(`r${at}`, [ran('made', at, at + 1, given)])
  expect(staleIn({ ended: [of(1, { version: '1' }), of(2, { version: '0' })] })).toEqual({
    why: 'what it made last was made by another version than is declared',
    cause: 'version 1',
    from: 'r2',
  })
  expect(staleIn({ ended: [of(1, { version: '0' }), of(2, { version: '1' })] })).toBeUndefined()
  expect(
    staleIn({ ended: [of(1, { version: '1' }), of(2, { version: '0', status: 'failed' })] }),
  ).toBeUndefined()
  expect(staleIn({})).toBeUndefined()
  expect(staleIn({ ended: [of(1, { version: '0' })], chains: [declare('else')] })).toBeUndefined()
})

test('what it used and has been made anew since, of the same and otherwise, makes it stale', () => {
  const source = (at: number, given: Partial<ChainRecord> = {}): ChainRecord =>
    ran('source', at, at + 1, { key: 'source~1', inputHash: 'in', outputHash: 'old', ...given })
  const used = (given: Partial<ChainRecord> = {}, kind: 'hard' | 'optional' | 'order' = 'hard'): RunRecord =>
    run('first', [
      source(0, given),
      ran('made', 1, 2, { needs: [{ name: 'source', key: 'source~1', kind }] }),
    ])
  const newer = (given: Partial<ChainRecord> = {}, ...others: readonly ChainRecord[]): RunRecord =>
    run('second', [source(10, { outputHash: 'new', ...given }), ...others])
  const stale = {
    why: '"source", which it needs, has made something else of the same since, in run second',
    cause: '1 second',
    from: 'first',
  }
  expect(staleIn({ ended: [used(), newer()] })).toEqual(stale)
  expect(staleIn({ ended: [used({}, 'optional'), newer()] })).toEqual(stale)
  expect(staleIn({ ended: [used({}, 'order'), newer()] })).toBeUndefined()
  // of something else, the same again, by another, or by none that succeeded
  expect(staleIn({ ended: [used(), newer({ inputHash: 'other' })] })).toBeUndefined()
  expect(staleIn({ ended: [used(), newer({ outputHash: 'old' })] })).toBeUndefined()
  expect(staleIn({ ended: [used(), newer({ status: 'failed' })] })).toBeUndefined()
  expect(staleIn({ ended: [used({ status: 'failed' }), newer()] })).toBeUndefined()
  expect(staleIn({ ended: [used({ outputHash: undefined }), newer()] })).toBeUndefined()
  // the newest of the same is looked at, with others after it
  expect(staleIn({ ended: [used(), newer(), run('z', [source(20, { inputHash: 'other' })])] })).toEqual(stale)
  // not after it
  expect(
    staleIn({ ended: [used(), run('second', [source(0, { outputHash: 'new' })], { firstSeq: 5 })] }),
  ).toBeUndefined()
  expect(staleIn({ ended: [used({ endedAt: 30 }), newer({ endedAt: 31 })] })).toEqual(stale)
  // the other run makes it anew itself
  const going = ran('made', 12, undefined)
  expect(staleIn({ ended: [used()], open: [newer({}, going)] })).toBeUndefined()
  expect(staleIn({ ended: [used()], open: [newer({}, ran('else', 12, undefined))] })).toEqual(stale)
  const without = run('second', [source(10, { outputHash: 'new' }), going], { endedAt: 40 })
  expect(staleIn({ ended: [used(), without] })).toEqual(stale)
  expect(staleIn({ ended: [used()], open: [newer({}, ran('made', 12, 13, { status: 'failed' }))] })).toEqual(
    stale,
  )
})
