import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layOut } from '../../inspector/graph/layered.ts'
import { foldTime } from '../../inspector/graph/time-scale.ts'

const graphs = fc
  .array(fc.record({ width: fc.integer({ min: 20, max: 240 }), height: fc.integer({ min: 20, max: 90 }) }), {
    minLength: 1,
    maxLength: 30,
  })
  .chain((boxes) => {
    const node = fc.nat({ max: boxes.length - 1 })
    const label = fc.option(fc.record({ width: fc.integer({ min: 10, max: 90 }), height: fc.constant(16) }), {
      nil: undefined,
    })
    const edge = fc
      .record({ from: node, to: node, label })
      .map(({ from, to, label: of }) => ({ from, to, ...(of === undefined ? {} : { label: of }) }))
    return fc.record({ boxes: fc.constant(boxes), edges: fc.array(edge, { maxLength: 60 }) })
  })
const directions = fc.constantFrom('down', 'right')

test('no two boxes of a layout touch, and all lies within its bounds, whatever circles there are', () => {
  fc.assert(
    fc.property(graphs, directions, ({ boxes, edges }, direction) => {
      const { places, width, height } = layOut(boxes, edges, { direction })
      for (const [a, box] of boxes.entries()) {
        const at = places[a]!
        expect(at.x).toBeGreaterThanOrEqual(-0.001)
        expect(at.y).toBeGreaterThanOrEqual(-0.001)
        expect(at.x + box.width).toBeLessThanOrEqual(width + 0.001)
        expect(at.y + box.height).toBeLessThanOrEqual(height + 0.001)
        for (let b = a + 1; b < boxes.length; b++) {
          const other = { ...places[b]!, ...boxes[b]! }
          const apart =
            at.x + box.width <= other.x ||
            other.x + other.width <= at.x ||
            at.y + box.height <= other.y ||
            other.y + other.height <= at.y
          expect(apart, `${a} and ${b}`).toBe(true)
        }
      }
    }),
  )
})

test('without circles every edge leads on: its end lies behind its beginning', () => {
  fc.assert(
    fc.property(graphs, directions, ({ boxes, edges }, direction) => {
      const onward = edges.filter(({ from, to }) => from < to)
      const { places, routes } = layOut(boxes, onward, { direction })
      for (const [index, { from, to }] of onward.entries()) {
        const [start, end] = [places[from]!, places[to]!]
        const { width, height } = boxes[from]!
        if (direction === 'down') expect(start.y + height).toBeLessThanOrEqual(end.y)
        else expect(start.x + width).toBeLessThanOrEqual(end.x)
        const points = routes[index]!.points
        const first = points[0]!
        const last = points.at(-1)!
        // from the border of the one to that of the other
        const [of, into] = direction === 'down' ? [first.y, last.y] : [first.x, last.x]
        expect(of).toBeCloseTo(direction === 'down' ? start.y + height : start.x + width, 6)
        expect(into).toBeCloseTo(direction === 'down' ? end.y : end.x, 6)
      }
    }),
  )
})

const times = fc.array(fc.tuple(fc.nat({ max: 10_000_000 }), fc.nat({ max: 100_000 })), { maxLength: 20 })

test('time on the line never runs back, begins at one end and ends at the other, whatever is folded', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10_000_000 }), times, (length, spans) => {
      const busy = spans.map(([from, long]) => [from, from + long] as const)
      const scale = foldTime(0, length, busy)
      const end = Math.max(length, 1)
      expect(scale.at(0)).toBe(0)
      expect(scale.at(end)).toBeCloseTo(1, 9)
      let before = 0
      for (let step = 0; step <= 100; step++) {
        const at = scale.at((end * step) / 100)
        expect(at).toBeGreaterThanOrEqual(before - 1e-9)
        before = at
      }
      for (const fold of scale.folds) {
        // nothing was at work there
        for (const [from, to] of busy) expect(to <= fold.from || from >= fold.to).toBe(true)
        expect(scale.at(fold.to) - scale.at(fold.from)).toBeLessThanOrEqual(0.5)
      }
    }),
  )
})

test('an hour of waiting does not hide a second of work', () => {
  const scale = foldTime(0, 3_601_000, [
    [0, 500],
    [3_600_500, 3_601_000],
  ])
  expect(scale.folds).toEqual([{ from: 500, to: 3_600_500 }])
  expect(scale.at(500)).toBeGreaterThan(0.45)
  expect(1 - scale.at(3_600_500)).toBeGreaterThan(0.45)
  expect(scale.ticks.every((tick) => tick <= 500 || tick >= 3_600_500)).toBe(true)
})
