// What a run does next: pure decisions over the state of its graph.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type TriggerRule, triggerRules } from '../../machines/trigger-rules.ts'
import type { ChainStatus, EdgeKind } from './graph.ts'
import { acceptGraph, endNode, startNode } from './graph.ts'
import { advance, rootFailures } from '../../src/supervision/advance.ts'

const none = (): undefined => undefined
const commandsOf = (state: ReturnType<typeof acceptGraph>, settled?: string): unknown[] =>
  advance(state, none, settled).map(({ do: what, ...rest }) =>
    'key' in rest ? `${what} ${rest.key}` : `${what} ${rest.status}`,
  )

describe('a run', () => {
  test('starts what needs nothing, and the rest as its needs succeed', () => {
    const state = acceptGraph({ load: [], left: ['load'], right: ['load'], join: ['left', 'right'] }, [
      'join',
    ])
    expect(commandsOf(state)).toEqual(['start load'])
    endNode(state, 'load', 'succeeded')
    expect(commandsOf(state, 'load')).toEqual(['start left', 'start right'])
    endNode(state, 'left', 'succeeded')
    expect(commandsOf(state, 'left')).toEqual([])
    endNode(state, 'right', 'succeeded')
    expect(commandsOf(state, 'right')).toEqual(['start join'])
    endNode(state, 'join', 'succeeded')
    expect(commandsOf(state, 'join')).toEqual(['end succeeded'])
  })

  test('fails with every failure that began in it, and what each blocked', () => {
    const state = acceptGraph({ a: [], b: [], c: ['a'], d: ['c'], e: ['b'] }, ['d', 'e'])
    endNode(state, 'a', 'failed')
    endNode(state, 'c', 'upstream_failed')
    endNode(state, 'd', 'upstream_failed')
    endNode(state, 'b', 'failed')
    endNode(state, 'e', 'upstream_failed')
    expect(advance(state, none, 'e')).toMatchObject([
      {
        do: 'end',
        status: 'failed',
        failures: [
          { chain: 'a', blocked: ['c', 'd'] },
          { chain: 'b', blocked: ['e'] },
        ],
      },
    ])
  })

  test('does not finish an upstream that nobody waits for any more', () => {
    const state = acceptGraph({ quick: [], slow: [], report: ['quick', 'slow'] }, ['report'])
    startNode(state, 'slow')
    endNode(state, 'quick', 'failed')
    endNode(state, 'report', 'upstream_failed')
    expect(commandsOf(state, 'report')).toEqual(['cancel slow'])
  })

  test('finishes an upstream that somebody else waits for', () => {
    const state = acceptGraph({ quick: [], slow: [], report: ['quick', 'slow'], other: ['slow'] }, [
      'report',
      'other',
    ])
    startNode(state, 'slow')
    endNode(state, 'quick', 'failed')
    endNode(state, 'report', 'upstream_failed')
    expect(commandsOf(state, 'report')).toEqual([])
  })

  test('waits for optional and ordering upstreams to end, however they do, before it runs', () => {
    for (const kind of ['optional', 'order'] as const) {
      const state = acceptGraph({ extra: [], main: [['extra', kind]] }, ['main'])
      expect(commandsOf(state)).toEqual(['start extra'])
      endNode(state, 'extra', 'failed')
      expect(commandsOf(state, 'extra')).toEqual(['start main'])
    }
  })

  test('that is cancelled starts nothing more', () => {
    const state = acceptGraph({ a: [], b: ['a'] }, ['b'])
    state.cancelRequested = true
    expect(commandsOf(state)).toEqual(['settle a', 'settle b'])
  })

  test('asks the author’s rule by name, and fails the chain whose rule throws', () => {
    const state = acceptGraph({ a: [], b: [], own: ['a', 'b'] }, ['own'], { own: 'custom' })
    endNode(state, 'a', 'succeeded')
    const asked: unknown[] = []
    const rule = (upstreams: object): boolean => {
      asked.push(upstreams)
      return false
    }
    expect(advance(state, () => rule, 'a')).toEqual([])
    expect(asked).toEqual([{ a: 'success', b: 'pending' }])
    const broken = advance(
      state,
      () => () => {
        throw new Error('oops')
      },
      'a',
    )
    expect(broken).toMatchObject([
      { do: 'settle', key: 'own', status: 'failed', failure: { message: 'oops' } },
    ])
  })

  test('that has ended, or has something to do yet, does not end again', () => {
    const state = acceptGraph({ a: [], b: [], last: ['b'] }, ['a'])
    endNode(state, 'a', 'succeeded')
    expect(commandsOf(state, 'a')).toEqual([])
    endNode(state, 'b', 'failed')
    // all but one have ended, and that one is to be settled first
    expect(commandsOf(state, 'b')).toEqual(['settle last'])
    endNode(state, 'last', 'upstream_failed')
    expect(commandsOf(state, 'last')).toEqual(['end succeeded'])
    state.ended = 'succeeded' as never
    expect([advance(state, none, 'last'), advance(state, none)]).toEqual([[], []])
  })

  test.each<[readonly ChainStatus[], boolean, string]>([
    [['succeeded', 'succeeded'], false, 'succeeded'],
    [['succeeded', 'skipped'], false, 'succeeded'],
    [['succeeded', 'failed'], false, 'failed'],
    [['upstream_failed', 'succeeded'], false, 'failed'],
    [['succeeded', 'cancelled'], false, 'cancelled'],
    [['cancelled', 'failed'], false, 'failed'],
    [['succeeded', 'succeeded'], true, 'cancelled'],
    [['failed', 'succeeded'], true, 'cancelled'],
  ])('whose targets are %j, and cancelled %s, ends as %s', ([one, other], cancelled, outcome) => {
    const state = acceptGraph({ a: [], b: [] }, ['a', 'b'])
    endNode(state, 'a', one!)
    endNode(state, 'b', other!)
    state.cancelRequested = cancelled
    expect(commandsOf(state)).toEqual([`end ${outcome}`])
  })

  test('says of each chain why it never begins', () => {
    const state = acceptGraph({ a: [], b: [], skips: ['a'], blocked: ['b'] }, ['skips', 'blocked'], {
      skips: 'all_failed',
    })
    endNode(state, 'a', 'succeeded')
    endNode(state, 'b', 'failed')
    expect(advance(state, none)).toEqual([
      { do: 'settle', key: 'skips', status: 'skipped' },
      { do: 'settle', key: 'blocked', status: 'upstream_failed' },
    ])
    state.cancelRequested = true
    expect(advance(state, none, 'a')).toEqual([{ do: 'settle', key: 'skips', status: 'cancelled' }])
  })

  test('leaves chains that were called to their callers', () => {
    const state = acceptGraph({ a: [] }, ['a'])
    startNode(state, 'a')
    const caller = { chain: 'a', step: 'call' }
    const called = { ...state.nodes.get('a')!, key: 'called', call: caller, status: 'pending' as const }
    state.nodes.set('called', called)
    expect(commandsOf(state)).toEqual([])
    endNode(state, 'called', 'failed')
    endNode(state, 'a', 'failed')
    expect(advance(state, none)).toMatchObject([{ do: 'end', failures: [{ chain: 'a' }] }])
  })

  test('lets go of what nobody needs any more: it is not begun, or cancelled, and targets are not', () => {
    const graph = {
      a: [],
      pending: ['a'],
      running: ['a'],
      done: ['a'],
      target: ['a'],
      end: ['a', 'pending', 'running', 'done', 'target'],
    }
    const state = acceptGraph(graph, ['end', 'target'])
    for (const key of ['running', 'target']) startNode(state, key)
    endNode(state, 'done', 'succeeded')
    endNode(state, 'end', 'skipped')
    // what itself still waits for `a` keeps that one wanted
    expect(advance(state, none, 'end')).toEqual([
      { do: 'settle', key: 'pending', status: 'cancelled' },
      { do: 'cancel', key: 'running' },
    ])
    const well = acceptGraph({ quick: [], slow: [], any: ['quick', 'slow'] }, ['any'], { any: 'one_success' })
    startNode(well, 'slow')
    endNode(well, 'any', 'succeeded')
    expect(commandsOf(well, 'any')).toEqual([])
  })

  test('tells each failure that began in it with its step, and what it blocked, however they are knotted', () => {
    const state = acceptGraph(
      { root: [], left: ['root'], right: ['root'], join: ['left', 'right'], fine: [['root', 'order']] },
      ['join', 'fine'],
    )
    endNode(state, 'root', 'failed')
    state.nodes.get('root')!.step = 'fetch'
    for (const key of ['left', 'right', 'join']) endNode(state, key, 'upstream_failed')
    endNode(state, 'fine', 'succeeded')
    const [root, ...others] = rootFailures(state)
    expect(others).toEqual([])
    expect(root).toStrictEqual({
      chain: 'root',
      step: 'fetch',
      failure: { kind: 'thrown', message: 'no', retryable: true },
      blocked: expect.arrayContaining(['left', 'right', 'join']) as unknown,
    })
    expect(root?.blocked).toHaveLength(3)
    delete state.nodes.get('root')!.step
    expect(rootFailures(state)[0]).not.toHaveProperty('step')
  })

  test('fails a chain whose own rule is gone, or answers with a promise, and never tries that again', () => {
    const state = acceptGraph({ a: [], soft: [], own: ['a', ['soft', 'order']] }, ['own'], { own: 'custom' })
    endNode(state, 'a', 'succeeded')
    const failure = (rule: Parameters<typeof advance>[1]): unknown => {
      const [command] = advance(state, rule, 'a')
      return command?.do === 'settle' ? command.failure : command
    }
    expect(failure(none)).toMatchObject({ retryable: false, message: 'chain "own" has no rule "custom"' })
    const later = failure(() => (async () => true) as never)
    expect(later).toMatchObject({ retryable: false })
    expect((later as Error).message).toContain('when of chain "own" returned a promise')
    // it is asked about those that it judges, and runs once the others have ended
    const asked: object[] = []
    const yes = (upstreams: object): boolean => asked.push(upstreams) > 0
    expect(advance(state, () => yes, 'a')).toEqual([])
    expect(asked).toEqual([{ a: 'success' }])
    endNode(state, 'soft', 'failed')
    expect(advance(state, () => yes, 'soft')).toEqual([{ do: 'start', key: 'own' }])
  })

  test('of any graph, rules and ends comes to its end, starts nothing twice, and nothing before its needs', () => {
    const kinds = fc.constantFrom<EdgeKind>('hard', 'hard', 'hard', 'optional', 'order')
    const rule = fc.constantFrom<TriggerRule>(...triggerRules)
    const end = fc.constantFrom<ChainStatus>('succeeded', 'failed')
    const node = fc.record({ needs: fc.array(fc.tuple(fc.nat(6), kinds), { maxLength: 4 }), rule, end })
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(), { minLength: 40 }),
        (nodes, picks) => {
          const edges = Object.fromEntries(
            nodes.map(({ needs }, i) => {
              const unique = new Map(needs.filter(([of]) => of < i).map(([of, kind]) => [`n${of}`, kind]))
              return [`n${i}`, [...unique]]
            }),
          )
          const rules = Object.fromEntries(nodes.map((one, i) => [`n${i}`, one.rule]))
          const state = acceptGraph(edges, [`n${nodes.length - 1}`], rules)
          const started = new Set<string>()
          const running: string[] = []
          let ended: string | undefined
          const obey = (settled?: string): void => {
            for (const command of advance(state, none, settled)) {
              if (command.do === 'end') ended = command.status
              // a command may have been overtaken by what one before it set off
              if (command.do === 'start' && state.nodes.get(command.key)?.status === 'pending') {
                expect(started.has(command.key)).toBe(false)
                started.add(command.key)
                running.push(command.key)
                startNode(state, command.key)
              }
              if (command.do === 'cancel') {
                running.splice(running.indexOf(command.key), 1)
                endNode(state, command.key, 'cancelled')
                obey(command.key)
              }
              if (command.do === 'settle' && state.nodes.get(command.key)?.status === 'pending') {
                endNode(state, command.key, command.status)
                obey(command.key)
              }
            }
          }
          obey()
          for (const pick of picks) {
            const key = running.splice(pick % Math.max(1, running.length), 1)[0]
            if (key === undefined) break
            endNode(state, key, nodes[Number(key.slice(1))]?.end ?? 'succeeded')
            obey(key)
          }
          expect(running).toEqual([])
          expect(ended).toBeDefined()
        },
      ),
    )
  })
})
