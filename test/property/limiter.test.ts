// Over random comings and goings: a limiter never lets through too much, forgets nobody, and is fair.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { limiter } from '../../src/chain/limiter.ts'
import { createLimiters } from '../../src/execution/limiter.ts'
import { Line } from '../../src/kernel/line.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

const terms = fc.oneof(
  fc.record({ inFlight: fc.integer({ min: 3, max: 6 }) }),
  fc.record({
    rate: fc.integer({ min: 1, max: 20 }),
    per: fc.integer({ min: 1, max: 2_000 }),
    burst: fc.integer({ min: 3, max: 9 }),
  }),
  fc.record({
    inFlight: fc.integer({ min: 3, max: 6 }),
    rate: fc.integer({ min: 1, max: 20 }),
    per: fc.integer({ min: 1, max: 2_000 }),
    burst: fc.integer({ min: 3, max: 9 }),
  }),
)

const deeds = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('ask' as const),
        cost: fc.integer({ min: 0, max: 3 }),
        fair: fc.constantFrom('a', 'b', 'c'),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('return' as const), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(20) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 900 }) }),
    },
  ),
  { maxLength: 120 },
)

test('no more is in flight than slots, no more goes in any time than tokens, and in the end nobody waits', async () => {
  await fc.assert(
    fc.asyncProperty(terms, deeds, async (options, what) => {
      const clock = createVirtualClock()
      const spec = limiter('api', options)
      const limiters = createLimiters({ clock, inspect: undefined }, (_, own) => own)
      const of = limiters.of(spec, '')
      const { inFlight, rate, per, burst } = spec.terms
      const flying: { at: number; cost: number }[] = []
      const went: { at: number; cost: number }[] = []
      const waiting: (() => void)[] = []
      let asked = 0
      let left = 0
      let granted = 0
      const go = (cost: number): void => {
        granted++
        const passed = { at: clock.now(), cost }
        flying.push(passed)
        went.push(passed)
        expect(flying.reduce((all, each) => all + each.cost, 0)).toBeLessThanOrEqual(inFlight ?? Infinity)
        if (rate === null) return
        let sum = 0
        for (const one of went.toReversed()) {
          sum += one.cost
          expect(sum).toBeLessThanOrEqual(burst + ((clock.now() - one.at) * rate) / per + 1e-3)
        }
      }
      for (const deed of what) {
        if (deed.do === 'ask') {
          asked++
          if (of.tryTake(deed.cost)) go(deed.cost)
          else {
            let here = true
            const leave = of.wait(deed.cost, deed.fair, () => {
              here = false
              go(deed.cost)
            })
            waiting.push(() => {
              if (!here) return
              here = false
              left++
              leave()
            })
          }
        } else if (deed.do === 'wait') await clock.advance(deed.ms)
        else if (deed.do === 'leave') waiting[deed.which]?.()
        else {
          const [one] = flying.splice(deed.which % (flying.length || 1), 1)
          if (one === undefined) continue
          if (deed.do === 'release') of.release(one.cost)
          else {
            went.splice(went.indexOf(one), 1)
            of.giveBack(one.cost, one.at)
          }
        }
        expect(of.snapshot.context.waiting).toBe(asked - left - granted)
      }
      for (let rounds = 0; rounds < 500 && of.snapshot.value !== 'open'; rounds++) {
        const one = flying.pop()
        if (one !== undefined) of.release(one.cost)
        await clock.advance(per)
      }
      expect(of.snapshot.value).toBe('open')
      expect(of.snapshot.context.waiting).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('a line is fair: keys take turns, and each key is first come, first served', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('join', 'take', 'leave'), fc.nat(30)),
        { maxLength: 150 },
      ),
      (what) => {
        const line = new Line<{ key: string; number: number }>()
        const leave: (() => boolean)[] = []
        let model: { key: string; number: number }[] = []
        let turns: string[] = []
        let number = 0
        const next = () => {
          turns = turns.filter((key) => model.some((one) => one.key === key) || false)
          return model.find((one) => one.key === turns[0])
        }
        for (const [key, deed, which] of what) {
          if (deed === 'join') {
            const one = { key, number: number++ }
            leave.push(line.join(one, key))
            next()
            if (!turns.includes(key)) turns.push(key)
            model.push(one)
          } else if (deed === 'leave') {
            const gone = model.find((one) => one.number === which)
            expect(leave[which]?.() ?? false).toBe(gone !== undefined)
            model = model.filter((one) => one !== gone)
          } else {
            const first = next()
            expect(line.take()).toEqual(first)
            if (first === undefined) continue
            model = model.filter((one) => one !== first)
            turns = [...turns.slice(1), ...(model.some((one) => one.key === first.key) ? [first.key] : [])]
          }
          expect(line.size).toBe(model.length)
        }
      },
    ),
  )
})
