// What is kept up as chains end is what a look at the whole graph would find, and `advance` decides the same by both.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tallyOf, type TriggerRule, triggerRules } from '../../machines/trigger-rules.ts'
import type { EdgeKind } from '../../src/definition/spec.ts'
import type { PlanEdge } from '../../src/journal/run-plan.ts'
import { acceptRun, type NodeState, type RunState } from '../../src/journal/run-state.ts'
import { advance } from '../../src/supervision/advance.ts'
import { arrivalOf } from '../../src/journal/arrival.ts'
import { Arrivals, isSettled } from '../../src/supervision/arrivals.ts'

const statuses = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'upstream_failed',
] as const
const kinds = fc.constantFrom<EdgeKind>('hard', 'hard', 'optional', 'order')
const rules = fc.constantFrom<TriggerRule | 'custom'>(...triggerRules, 'custom')

/** Needs may name the same chain twice, by two kinds. */
const plan = fc
  .array(fc.record({ needs: fc.array(fc.tuple(fc.nat(9), kinds), { maxLength: 6 }), rule: rules }), {
    minLength: 1,
    maxLength: 9,
  })
  .map((nodes) =>
    nodes.map(({ needs, rule }, i) => ({
      key: `n${i}`,
      chain: `n${i}`,
      version: '1',
      rule,
      needs: needs
        .filter(([of]) => of < i)
        .map(([of, kind], at): PlanEdge => ({ name: `as${at}`, key: `n${of}`, kind })),
    })),
  )

const moves = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...statuses), fc.boolean()), { maxLength: 40 })

function byLooking(state: RunState, node: NodeState): unknown {
  const hard = node.needs.filter(({ kind }) => kind === 'hard')
  const soft = node.needs.filter(({ kind }) => kind === 'optional' || kind === 'order')
  const at = ({ key }: PlanEdge): ReturnType<typeof arrivalOf> => arrivalOf(state.nodes.get(key))
  return { hard: tallyOf(hard.map(at)), soft: soft.filter((edge) => at(edge) === 'pending').length }
}

const custom = (): ((upstreams: object) => boolean) => (upstreams) =>
  Object.values(upstreams).filter((state) => state === 'success').length > 1

test('whatever chains do, in whatever order, told once or twice', () => {
  fc.assert(
    fc.property(plan, moves, fc.boolean(), (nodes, steps, cancelled) => {
      const state = acceptRun({
        type: 'run.accepted',
        seq: 1,
        at: 0,
        run: 'r',
        targets: [nodes.at(-1)!.key],
        priority: 0,
        config: 0,
        plan: nodes,
      })
      state.cancelRequested = cancelled
      const arrivals = new Arrivals(state.nodes)
      for (const [pick, status, calls] of steps) {
        if (calls) {
          const called = {
            ...state.nodes.get('n0')!,
            key: `call${pick}`,
            needs: [],
            status: 'running' as const,
          }
          state.nodes.set(called.key, called)
          arrivals.moved(called)
        }
        const all = [...state.nodes.values()]
        const node = all[pick % all.length]!
        node.status = status
        arrivals.moved(node)
        arrivals.moved(node)
        for (const one of all) {
          if (one.needs.length > 0) expect(arrivals.of(one.key)).toEqual(byLooking(state, one))
          const waits = all.some(
            (other) => !isSettled(other) && other.needs.some(({ key }) => key === one.key),
          )
          expect(arrivals.wanted(one.key)).toBe(waits)
        }
        expect(arrivals.settled).toBe(all.every(isSettled))
        expect(advance(state, custom, node.key, arrivals)).toEqual(advance(state, custom, node.key))
        expect(advance(state, custom, undefined, arrivals)).toEqual(advance(state, custom))
      }
    }),
  )
})

test('an end costs what it touches, however many others the run has', () => {
  const upstreams = Array.from({ length: 2_000 }, (_, i) => `u${i}`)
  const none = { chain: '', version: '1', rule: 'all_success', needs: [] }
  const state = acceptRun({
    type: 'run.accepted',
    seq: 1,
    at: 0,
    run: 'r',
    targets: ['join'],
    priority: 0,
    config: 0,
    plan: [
      ...upstreams.map((key) => ({ ...none, key })),
      { ...none, key: 'join', needs: upstreams.map((key) => ({ name: key, key, kind: 'hard' as const })) },
    ],
  })
  const arrivals = new Arrivals(state.nodes)
  let looked = 0
  const nodes = new Proxy(state.nodes, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      looked += name === 'get' ? 1 : 1_000
      return value.bind(target) as unknown
    },
  })
  for (const key of upstreams) {
    const node = state.nodes.get(key)!
    node.status = 'succeeded'
    arrivals.moved(node)
    const [command, ...rest] = advance({ ...state, nodes }, () => undefined, key, arrivals)
    expect(rest).toEqual([])
    expect(command).toEqual(key === upstreams.at(-1) ? { do: 'start', key: 'join' } : undefined)
  }
  expect(looked).toBeLessThan(10 * upstreams.length)
})
