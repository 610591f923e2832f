// Services and groups as they are defined: all that is wrong in one error, each with its cure.

import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { ready } from '../../src/chain/edge.ts'
import { type Member, membersOf } from '../../src/chain/members.ts'
import { group, service, type Service } from '../../src/chain/service.ts'
import { CatenaryError } from '../../src/kernel/errors.ts'

const fn = (): void => {}

function refusal(...members: readonly unknown[]): string {
  try {
    membersOf(members as readonly Member[], {})
  } catch (error) {
    if (CatenaryError.is(error) && error.code === 'BAD_DEFINITION') return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

test('all problems of a tree come in one error, beside those of chains', () => {
  const message = refusal(
    service('1st', fn),
    service('twin', fn),
    group('twin', { strategy: 'all_at_once' as never, intensity: -1, period: 0, maxChildren: 0 }, []),
    service('odd', fn, {
      restart: 'sometimes' as never,
      shutdown: 0,
      alive: { check: fn, period: 0, failureThreshold: 0 },
    }),
    service('none', undefined as never),
    group('empty', {}, [undefined as never]),
    chain('c').step('1x', fn),
  )
  for (const part of [
    '"1st": an id is a letter',
    'group "twin": another service, group or chain has this id',
    'strategy is "all_at_once"',
    'intensity is -1',
    'period is 0 ms',
    'maxChildren is 0',
    'restart is "sometimes"',
    "say 'brutal_kill'",
    'probe alive has a period of 0 ms',
    'failureThreshold',
    'service "none" was given no function',
    'a child that is neither a service nor a group',
    '"1x" cannot name a step',
  ])
    expect(message).toContain(part)
})

test('significant children that could never count are refused', () => {
  const permanent = service('p', fn, { significant: true })
  const transient = service('t', fn, { significant: true, restart: 'transient' })
  expect(refusal(group('g', { autoShutdown: 'any_significant' }, [permanent]))).toMatch(
    'significant and permanent',
  )
  expect(refusal(transient)).toMatch('autoShutdown is never')
})

test('needs that could never be met are refused: circles, later siblings, patterns of dynamic groups', () => {
  const late = service('late', fn)
  expect(refusal(service('early', fn, { needs: [late] }), late)).toMatch('put "late" in front')
  const pattern = service('worker', fn)
  const pool = group('pool', { strategy: 'simple_one_for_one' }, [pattern])
  expect(refusal(pool, service('boss', fn, { needs: [pattern] }))).toMatch('none or many')
  expect(
    refusal(
      pool,
      chain('c')
        .needs({ w: ready(pattern) })
        .step('s', fn),
    ),
  ).toMatch('none or many')
  const needs: Service[] = []
  const a = service('a', fn, { needs })
  const b = service('b', fn, { needs: [a] })
  Object.assign(a.node, { needs: [b.node] })
  expect(refusal(a, b)).toMatch('services need each other in a circle: a -> b -> a')
})

test('a hard edge to a service is refused, with the cure', () => {
  const permanent = service('db', fn)
  const job = service('job', fn, { restart: 'transient' })
  const message = refusal(
    chain('c')
      .needs({ db: permanent as never, job: job as never })
      .step('s', fn),
  )
  expect(message).toMatch('so that one would wait for ever: need ready(db)')
  expect(message).toMatch('whose end is no output: need ready(job)')
  expect(() => chain('d').follows({ db: ready(permanent) })).toThrow('joins no run')
})

test('a dynamic group has one pattern, and a service one place', () => {
  const one = service('one', fn)
  expect(refusal(group('pool', { strategy: 'simple_one_for_one' }, []))).toMatch(
    'the pattern of all its children',
  )
  expect(refusal(group('g', {}, [one]), group('h', {}, [one]))).toMatch('in the tree twice')
  expect(() => membersOf([one], { strategy: 'simple_one_for_one' })).toThrow('a group of their own')
})

test('durations are refused where they are given', () => {
  expect(() => service('s', fn, { shutdown: 'soon' as never })).toThrow('shutdown of service "s"')
  expect(() => service('s', fn, { backoff: { factor: 0 } })).toThrow('the backoff of service "s"')
  expect(() => group('g', { period: -1 }, [])).toThrow('period of group "g"')
})
