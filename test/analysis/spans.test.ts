// Spans against a clock that ticks: each moment is looked at by itself.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Span, covered, merged, swept } from '../../src/analysis/spans.ts'

const span = fc.tuple(fc.nat(20), fc.integer({ min: -3, max: 8 })).map(([from, long]) => ({
  from,
  to: from + long,
}))
const spans = fc.array(span, { maxLength: 6 })
const ticks = Array.from({ length: 40 }, (_, at) => at - 5)
const isAt = (tick: number, { from, to }: Span): boolean => from <= tick && tick < to
const params = { numRuns: 200 }

test('what is covered is each moment in which there is a span, once', () => {
  fc.assert(
    fc.property(spans, (some) => {
      const inSome = ticks.filter((tick) => some.some((one) => isAt(tick, one)))
      expect(covered(some)).toBe(inSome.length)
      const whole = merged(some)
      expect(ticks.filter((tick) => whole.some((one) => isAt(tick, one)))).toEqual(inSome)
      // in order, and with time between them
      for (const [at, one] of whole.entries()) {
        expect(one.to).toBeGreaterThan(one.from)
        if (at > 0) expect(one.from).toBeGreaterThan(whole[at - 1]?.to ?? Infinity)
      }
    }),
    params,
  )
})

test('spans that are given stay as they are', () => {
  const given = [
    { from: 5, to: 9 },
    { from: 1, to: 6 },
  ]
  expect(merged(given)).toEqual([{ from: 1, to: 9 }])
  expect(covered(given)).toBe(8)
  expect(given).toEqual([
    { from: 5, to: 9 },
    { from: 1, to: 6 },
  ])
})

test('each moment is of the one at work that ends last, and alone where nobody else is at work', () => {
  fc.assert(
    fc.property(span, fc.array(spans, { minLength: 1, maxLength: 3 }), (within, of) => {
      const names = ['a', 'b', 'c'].slice(0, of.length)
      const named = new Map(names.map((name, at) => [name, of[at] ?? []]))
      const time = new Map<string, number>()
      const alone = new Map<string, number>()
      const add = (to: Map<string, number>, name: string): unknown => to.set(name, (to.get(name) ?? 0) + 1)
      for (const tick of ticks.filter((one) => isAt(one, within))) {
        const active = names.flatMap((name) => {
          const own = merged(named.get(name) ?? []).find((one) => isAt(tick, one))
          return own === undefined ? [] : [{ name, to: Math.min(own.to, within.to) }]
        })
        const end = Math.max(...active.map(({ to }) => to))
        const last = active.filter(({ to }) => to === end)
        // of several that end together, any
        if (last.length > 1) return
        add(time, last[0]?.name ?? '')
        if (active.length === 1) add(alone, active[0]?.name ?? '')
      }
      const found = swept(within, named)
      expect(found).toEqual({ time, alone })
    }),
    params,
  )
})
