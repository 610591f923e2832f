// Services and groups as they are defined: all that is wrong in one error, each with its cure.

import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { ready } from '../../src/chain/edge.ts'
import { type Member, membersOf } from '../../src/chain/members.ts'
import { group, service } from '../../src/chain/service.ts'
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

test('durations are refused where they are given', () => {
  expect(() => service('s', fn, { shutdown: 'soon' as never })).toThrow('shutdown of service "s"')
  expect(() => service('s', fn, { backoff: { factor: 0 } })).toThrow('the backoff of service "s"')
  expect(() => group('g', { period: -1 }, [])).toThrow('period of group "g"')
})

describe('a tree', () => {
  const db = service('db', fn)
  test.each<readonly [string, readonly unknown[], string]>([
    [
      'an id that is none',
      [service('1st', fn)],
      'service "1st": an id is a letter, then letters, digits, "-" and "_", at most 100',
    ],
    [
      'a group of an id that every object has',
      [group('valueOf', {}, [])],
      'group "valueOf": "valueOf" is a name that every object has: choose another',
    ],
    [
      'two of one id, one of them deeper',
      [group('g', {}, [service('a', fn)]), service('a', fn)],
      'service "a": another service, group or chain has this id: ids are unique',
    ],
    [
      'the id of a chain',
      [chain('a').step('s', fn), service('a', fn)],
      'service "a": another service, group or chain has this id: ids are unique',
    ],
    [
      'one service in two places',
      [group('g', {}, [db]), group('h', {}, [db])],
      'service "db" is in the tree twice: give each place a service of its own',
    ],
    [
      'what is neither a service nor a group',
      [group('g', {}, [undefined as never])],
      'a group has a child that is neither a service nor a group: make it with service() or group()',
    ],
    [
      'an unknown restart',
      [service('a', fn, { restart: 'sometimes' as never })],
      'service "a": restart is "sometimes": give permanent, transient or temporary',
    ],
    [
      'a restart that JSON does not know',
      [service('a', fn, { restart: 1n as never })],
      'service "a": restart is 1: give permanent, transient or temporary',
    ],
    [
      'no time to end',
      [service('a', fn, { shutdown: 0 })],
      `service "a": a shutdown of 0 ms gives it no time to end: say 'brutal_kill' for that`,
    ],
    [
      'an unknown strategy',
      [group('g', { strategy: 'all_at_once' as never }, [])],
      'group "g": strategy is "all_at_once": give one of one_for_one, rest_for_one, one_for_all, simple_one_for_one',
    ],
    [
      'a dynamic group of nothing',
      [group('g', { strategy: 'simple_one_for_one' }, [])],
      'group "g": under simple_one_for_one it has one service, the pattern of all its children',
    ],
    [
      'a dynamic group of two',
      [group('g', { strategy: 'simple_one_for_one' }, [service('a', fn), service('b', fn)])],
      'group "g": under simple_one_for_one it has one service, the pattern of all its children',
    ],
    [
      'a dynamic group of groups',
      [group('g', { strategy: 'simple_one_for_one' }, [group('h', {}, [])])],
      'group "g": under simple_one_for_one it has one service, the pattern of all its children',
    ],
    [
      'an intensity below 0',
      [group('g', { intensity: -1 }, [])],
      'group "g": intensity is -1: give a whole number from 0',
    ],
    [
      'half an intensity',
      [group('g', { intensity: 0.5 }, [])],
      'group "g": intensity is 0.5: give a whole number from 0',
    ],
    ['a period of nothing', [group('g', { period: 0 }, [])], 'group "g": period is 0 ms: give more than 0'],
    [
      'no place for any child',
      [group('g', { maxChildren: 0 }, [])],
      'group "g": maxChildren is 0: give a whole number from 1',
    ],
    [
      'half a place',
      [group('g', { maxChildren: 1.5 }, [])],
      'group "g": maxChildren is 1.5: give a whole number from 1',
    ],
    [
      'places that are no number at all',
      [group('g', { maxChildren: Object.create(null) as never }, [])],
      'group "g": maxChildren is {}: give a whole number from 1',
    ],
    [
      'an unknown end',
      [group('g', { autoShutdown: 'soon' as never }, [])],
      'group "g": autoShutdown is "soon": give never, any_significant or all_significant',
    ],
    [
      'a significant child that always comes back',
      [group('g', { autoShutdown: 'any_significant' }, [service('a', fn, { significant: true })])],
      'service "a": it is significant and permanent, so its end would never count: make it transient or temporary',
    ],
    [
      'a significant child of the supervisor itself',
      [service('a', fn, { significant: true, restart: 'transient' })],
      `service "a": it is significant, and its group's autoShutdown is never: give the group any_significant or all_significant`,
    ],
    ['no function', [service('a', undefined as never)], 'service "a" was given no function'],
    [
      'a probe of nothing',
      [service('a', fn, { startup: { period: 1 } as never })],
      'service "a": probe startup has no check: give a function',
    ],
    [
      'a probe all the time',
      [service('a', fn, { alive: { check: fn, period: 0 } })],
      'service "a": probe alive has a period of 0 ms: give more than 0',
    ],
    [
      'a probe that may not even fail once',
      [service('a', fn, { ready: { check: fn, failureThreshold: 0 } })],
      'service "a": probe ready has a failureThreshold that is no whole number from 1',
    ],
    [
      'a probe that may fail half a time',
      [service('a', fn, { ready: { check: fn, failureThreshold: 1.5 } })],
      'service "a": probe ready has a failureThreshold that is no whole number from 1',
    ],
    [
      'a need of nothing',
      [service('a', fn, { needs: [undefined as never] })],
      'service "a" needs something that is no service: make it with service()',
    ],
    [
      'a need of a group',
      [service('a', fn, { needs: [group('g', {}, []) as never] })],
      'service "a" needs something that is no service: make it with service()',
    ],
    [
      'a need of one that starts later',
      [service('a', fn, { needs: [db] }), db],
      'service "a" needs "db", which starts after it and would stop before it: put "db" in front',
    ],
    [
      'a need of one that is started by hand',
      [group('pool', { strategy: 'simple_one_for_one' }, [db]), service('a', fn, { needs: [db] })],
      'service "a" needs "db", of which there may be none or many: need what its children need',
    ],
  ])('with %s is refused, and told how to mend it', (_, members, problem) => {
    expect(refusal(...members)).toBe(`one problem in the chains:\n  - ${problem}`)
  })

  test('may have all that there is', () => {
    const cache = service('cache', fn, { needs: [db], restart: 'transient', shutdown: 'brutal_kill' })
    const pattern = service('worker', fn, { needs: [db], restart: 'temporary' })
    const probe = { check: fn, period: 1, failureThreshold: 1 }
    const pool = group('pool', { strategy: 'simple_one_for_one', maxChildren: 1 }, [pattern])
    const job = service('job', fn, { significant: true, restart: 'transient', alive: probe, needs: [cache] })
    const jobs = group('jobs', { autoShutdown: 'all_significant', intensity: 0, period: 1 }, [job, pool])
    const { root } = membersOf([db, cache, jobs], {})
    expect(root.children.map(({ id }) => id)).toEqual(['db', 'cache', 'jobs'])
  })

  test('takes in front what services and chains need and nobody gave, each once and after what it needs', () => {
    const cache = service('cache', fn, { needs: [db] })
    const queue = service('queue', fn, { needs: [cache, db] })
    const boss = service('boss', fn, { needs: [cache] })
    const needy = chain('c')
      .needs({ queue: ready(queue), boss: ready(boss) })
      .step('s', fn)
    const { root } = membersOf([group('g', {}, [boss]), needy], {})
    expect(root.children.map(({ id }) => id)).toEqual(['db', 'cache', 'queue', 'g'])
    const alone = membersOf([group('g', {}, [boss]), service('late', fn, { needs: [boss] })], {}).root
    expect(alone.children.map(({ id }) => id)).toEqual(['db', 'cache', 'g', 'late'])
  })

  test('is restarted as it is told, or by the defaults', () => {
    expect(membersOf([], {}).root).toMatchObject({ strategy: 'one_for_one', intensity: 1, period: 5_000 })
    expect(membersOf([], { strategy: 'one_for_all', intensity: 3, period: '1m' }).root).toMatchObject({
      strategy: 'one_for_all',
      intensity: 3,
      period: 60_000,
    })
    expect(() => membersOf([], { strategy: 'simple_one_for_one' })).toThrow(
      'one problem in the chains:\n  - the supervisor: put dynamic children in a group of their own',
    )
    expect(() => membersOf([], { period: 'soon' as never })).toThrow('period is "soon"')
  })
})

test('a chain that needs a pattern of a dynamic group is refused: there may be none of it', () => {
  const pattern = service('worker', fn)
  const pool = group('pool', { strategy: 'simple_one_for_one' }, [pattern])
  const needy = chain('c')
    .needs({ w: ready(pattern) })
    .step('s', fn)
  expect(refusal(pool, needy)).toBe(
    'one problem in the chains:\n  - chain "c" needs "worker" ready, of which there may be none or many',
  )
})

test('services that need each other, or themselves, are told as a circle', () => {
  const a = service('a', fn)
  const b = service('b', fn, { needs: [a] })
  Object.assign(a.node, { needs: [b.node] })
  expect(refusal(a, b)).toContain('services need each other in a circle: a -> b -> a')
  const self = service('self', fn)
  Object.assign(self.node, { needs: [self.node] })
  expect(refusal(self)).toBe(
    'one problem in the chains:\n  - services need each other in a circle: self -> self',
  )
})

test('what cannot be a service at all is refused where it is said', () => {
  expect(() => service(undefined as never, fn)).toThrow(
    "an id is a text, as in service('poller', fn): this one is undefined",
  )
  expect(() => group(5 as never, {}, [])).toThrow("as in group('intake', {}, [queue]): this one is 5")
  expect(() => service('a', fn, { needs: { db: service('db', fn) } as never })).toThrow(
    'needs of service "a" are no list: give the services, as [one, another]',
  )
  for (const none of [undefined, group('g', {}, []), chain('d')])
    expect(() => chain('c').needs({ n: ready(none as never) })).toThrow(
      'chain "c": need "n" is ready() of what is no service: give it one made with service(id, ...)',
    )
})
