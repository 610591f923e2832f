import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTimerQueue } from '../../src/kernel/timer-queue.ts'

test('the earliest comes first; of those due together the lower place, and then who was set first', () => {
  const queue = createTimerQueue()
  const fired: string[] = []
  const set = (name: string, due: number, place?: number) =>
    queue.add(due, () => void fired.push(name), place)
  set('b', 5)
  set('placed 2', 5, 2)
  set('a', 1)
  set('c', 5)
  set('placed 1', 5, 1)
  expect([queue.size, queue.nextDue()]).toEqual([5, 1])
  while (queue.size > 0) queue.take()?.()
  expect(fired).toEqual(['a', 'placed 1', 'placed 2', 'b', 'c'])
  expect([queue.take(), queue.nextDue()]).toEqual([undefined, undefined])
})

test('one that was taken back never comes, and counts no more, however often it is taken back', () => {
  const queue = createTimerQueue()
  const back = queue.add(1, () => {
    throw new Error('taken back')
  })
  queue.add(2, () => {})
  back()
  back()
  expect([queue.size, queue.nextDue()]).toEqual([1, 2])
  queue.take()
  back()
  expect(queue.size).toBe(0)
})

test('over any coming and going it is as a sorted list', () => {
  const deed = fc.oneof(
    fc.record({ due: fc.nat(9), place: fc.option(fc.nat(2), { nil: undefined }) }),
    fc.record({ back: fc.nat(20) }),
    fc.constant('take' as const),
  )
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 80 }), (deeds) => {
      const queue = createTimerQueue()
      let model: { due: number; place: number; order: number }[] = []
      const backs: (() => void)[] = []
      let fired: number | undefined
      for (const one of deeds) {
        if (one === 'take') {
          const [first] = model.toSorted(
            (a, b) => a.due - b.due || (a.place < b.place ? -1 : a.place > b.place ? 1 : a.order - b.order),
          )
          fired = undefined
          queue.take()?.()
          expect(fired).toBe(first?.order)
          model = model.filter((each) => each !== first)
        } else if ('back' in one) {
          backs[one.back]?.()
          model = model.filter(({ order }) => order !== one.back)
        } else {
          const order = backs.length
          backs.push(queue.add(one.due, () => void (fired = order), one.place))
          model.push({ due: one.due, place: one.place ?? Infinity, order })
        }
        expect(queue.size).toBe(model.length)
        expect(queue.nextDue()).toBe(
          model.length === 0 ? undefined : Math.min(...model.map(({ due }) => due)),
        )
      }
    }),
  )
})
