import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Line } from '../../src/kernel/line.ts'

test('keys take turns, and within a key who came first goes first', () => {
  const line = new Line<string>()
  for (const one of ['a1', 'a2', 'a3']) line.join(one, 'a')
  line.join('b1', 'b')
  line.join('none')
  const order = []
  for (let next = line.take(); next !== undefined; next = line.take()) order.push(next)
  expect(order).toEqual(['a1', 'b1', 'none', 'a2', 'a3'])
  expect([line.size, line.first()]).toEqual([0, undefined])
})

test('who leaves says so once; a key of which all have left comes last when it comes again', () => {
  const line = new Line<string>()
  const leave = line.join('a1', 'a')
  line.join('b1', 'b')
  expect([leave(), leave()]).toEqual([true, false])
  line.join('a2', 'a')
  expect([line.first(), line.size]).toEqual(['b1', 2])
  const last = line.join('b2', 'b')
  expect([line.take(), line.take(), line.take()]).toEqual(['b1', 'a2', 'b2'])
  expect(last()).toBe(false)
})

test('over any coming and going it is as a list of lists', () => {
  const deed = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c').map((join) => ({ join })) },
    { weight: 2, arbitrary: fc.nat(30).map((leave) => ({ leave })) },
    { weight: 1, arbitrary: fc.constant('take' as const) },
  )
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 80, size: 'max' }), (deeds) => {
      const line = new Line<number>()
      let model: [string, number[]][] = []
      const leaves: (() => boolean)[] = []
      const tidy = (): void => void (model = model.filter(([, places]) => places.length > 0))
      for (const one of deeds) {
        if (one === 'take') {
          const turn = model.shift()
          expect(line.take()).toBe(turn?.[1].shift())
          if (turn !== undefined) model.push(turn)
        } else if ('join' in one) {
          const value = leaves.length
          leaves.push(line.join(value, one.join))
          const queue = model.find(([key]) => key === one.join)
          if (queue === undefined) model.push([one.join, [value]])
          else queue[1].push(value)
        } else if (leaves.length > 0) {
          const value = one.leave % leaves.length
          const queue = model.find(([, places]) => places.includes(value))
          expect(leaves[value]?.()).toBe(queue !== undefined)
          queue?.[1].splice(queue[1].indexOf(value), 1)
        }
        tidy()
        expect(line.size).toBe(model.reduce((sum, [, places]) => sum + places.length, 0))
        expect(line.first()).toBe(model[0]?.[1][0])
      }
    }),
  )
})
