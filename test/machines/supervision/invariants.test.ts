// Over random supervisors and whatever may happen to them, in any order and at any moment: what always holds.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AdminCall } from '../../../machines/supervision/admin.ts'
import {
  beginSupervision,
  type SupervisionCommand,
  type SupervisionEvent,
} from '../../../machines/supervision/state.ts'
import { supervise } from '../../../machines/supervision/supervise.ts'
import { groups, ids } from './arbitrary.ts'
import { child } from './world.ts'

/** One thing that may happen: what it is depends on what can, so that most of them mean something. */
const happenings = fc.array(
  fc.record({
    pick: fc.nat(),
    which: fc.nat(),
    reason: fc.constantFrom('normal', 'shutdown', 'error', 'killed'),
    after: fc.integer({ min: 0, max: 2_000 }),
  }),
  { maxLength: 80 },
)

interface Pending {
  readonly child: string
  readonly life: number
}

test('no orphan, one end, reversed stops, a budget that is kept, an answer to each call', () => {
  fc.assert(
    fc.property(groups({}, true), fc.boolean(), happenings, (drawn, dynamic, story) => {
      const spec = dynamic
        ? { ...drawn, strategy: 'simple_one_for_one' as const, children: [], maxChildren: 3 }
        : drawn
      const of = beginSupervision(spec)
      const alive = new Map<string, number>()
      const starting: Pending[] = []
      const stopping: Pending[] = []
      const waiting = new Set<string>()
      const asked = new Set<string>()
      const attempts: number[] = []
      const stops: string[] = []
      let ends = 0
      let calls = 0
      let at = 0

      const obey = (order: SupervisionCommand): void => {
        if (order.do !== 'reply') expect(ends, 'nothing after the end').toBe(0)
        switch (order.do) {
          case 'start':
            expect(alive.has(order.child), `${order.child} runs already`).toBe(false)
            alive.set(order.child, order.life)
            starting.push(order)
            if (order.why === 'restart' && spec.strategy.endsWith('one_for_one')) attempts.push(at)
            return
          case 'shutdown':
          case 'kill':
            expect(alive.get(order.child)).toBe(order.life)
            if (!stopping.some((one) => one.child === order.child)) stopping.push(order)
            if (of.phase === 'stopping') stops.push(order.child)
            return
          case 'back-off':
            expect(waiting.has(order.child)).toBe(false)
            waiting.add(order.child)
            return
          case 'forget-back-off':
            expect(waiting.delete(order.child)).toBe(true)
            return
          case 'reply':
            expect(asked.delete(order.call)).toBe(true)
            return
          case 'ended':
            ends++
            expect([...alive.keys()], 'orphans').toEqual([])
            expect([...waiting], 'waits without a supervisor').toEqual([])
            return
          default:
        }
      }
      const hear = (event: SupervisionEvent): void => {
        const order = [...of.children.keys()]
        stops.length = 0
        for (const command of supervise(of, event)) obey(command)
        // each event stops one child at most, and all of a dynamic group at once
        const wanted = order.filter((id) => stops.includes(id))
        if (!dynamic && stops.length > 1) expect([...new Set(stops)]).toEqual(wanted.toReversed())
        expect(of.restarts.length).toBeLessThanOrEqual(
          spec.intensity + (of.phase === 'stopping' || ends > 0 ? 1 : 0),
        )
        expect(of.restarting).toBe(
          [...of.children.values()].filter(({ status }) => status === 'restarting').length,
        )
      }
      const endLife = (one: Pending, reason: string): void => {
        alive.delete(one.child)
        const index = stopping.findIndex(({ child: id }) => id === one.child)
        if (index >= 0) stopping.splice(index, 1)
        hear({ type: 'exited', child: one.child, life: one.life, reason, at })
      }
      const settleStart = (index: number, works: boolean): void => {
        const one = starting.splice(index, 1)[0]!
        if (!works) alive.delete(one.child)
        hear(works ? { type: 'started', ...one, at } : { type: 'start-failed', ...one, reason: 'broken', at })
      }
      const ask = (call: AdminCall): void => {
        const name = `call ${++calls}`
        asked.add(name)
        hear({ type: 'admin', call: name, ask: call, at })
      }
      hear({ type: 'start', at })
      for (const { pick, which, reason, after } of story) {
        at += after
        const running = [...alive].filter(([id]) => !starting.some((one) => one.child === id))
        const id = ids[which % ids.length]!
        switch (pick % 8) {
          case 0:
          case 1:
            if (starting.length > 0) settleStart(0, which % 4 > 0)
            break
          case 2:
          case 3: {
            const [victim, life] = running[which % Math.max(1, running.length)] ?? []
            if (victim !== undefined && life !== undefined) endLife({ child: victim, life }, reason)
            break
          }
          case 4:
            if (stopping.length > 0) endLife(stopping[which % stopping.length]!, reason)
            break
          case 5: {
            const due = [...waiting][which % Math.max(1, waiting.size)]
            if (due !== undefined && waiting.delete(due)) hear({ type: 'due', child: due, at })
            break
          }
          case 6:
            if (stopping.length > 0) hear({ type: 'deadline', ...stopping[0]!, at })
            break
          default: {
            const call = (
              ['start-child', 'terminate-child', 'restart-child', 'delete-child', 'count-children'] as const
            )[which % 5]!
            if (call === 'start-child') ask({ ask: call, spec: child(id) })
            else if (call === 'count-children') ask({ ask: call })
            else ask({ ask: call, child: id })
          }
        }
      }
      // whatever happened: a stop ends it
      hear({ type: 'stop', at })
      for (let turn = 0; ends === 0 && turn < 1_000; turn++) {
        if (starting.length > 0) settleStart(0, true)
        else if (stopping.length > 0) endLife(stopping[0]!, 'killed')
        else throw new Error(`it waits for nothing in ${of.phase}`)
      }
      expect(ends).toBe(1)
      expect([...asked], 'calls without an answer').toEqual([])
      for (const [index, last] of attempts.entries()) {
        const within = attempts.slice(0, index + 1).filter((one) => last - one <= spec.period)
        expect(within.length).toBeLessThanOrEqual(spec.intensity)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('an ended supervisor was stopped in the reverse of its start order', () => {
  fc.assert(
    fc.property(groups(), (spec) => {
      const of = beginSupervision({ ...spec, autoShutdown: 'never' })
      const started: string[] = []
      const stopped: string[] = []
      const hear = (event: SupervisionEvent): void => {
        for (const order of supervise(of, event)) {
          if (order.do === 'start') {
            started.push(order.child)
            hear({ type: 'started', child: order.child, at: 0 })
          }
          if (order.do === 'shutdown' || order.do === 'kill') {
            stopped.push(order.child)
            hear({ type: 'exited', child: order.child, reason: 'shutdown', at: 0 })
          }
        }
      }
      hear({ type: 'start', at: 0 })
      hear({ type: 'stop', at: 0 })
      expect(stopped).toEqual(started.toReversed())
    }),
  )
})
