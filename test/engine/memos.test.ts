// Who is at work on what is memoised, and who waits for that, while not all runs are back after a start.

import { expect, test } from 'vitest'
import { Memos } from '../../src/engine/memos.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

const none = { keepsake: async () => undefined }

/** Waits until it may go to work, as a chain does; gives up where it is asked without end. */
function createWaiter(memos: Memos, run: string) {
  const worker = { run, place: 'chain' }
  const waiter = {
    asked: 0,
    works: false,
    ask(): void {
      if (++waiter.asked > 10) throw new RangeError(`${run} is asked without end`)
      if (memos.take('key', worker) === undefined) waiter.works = true
      else memos.wait('key', waiter.ask)
    },
    leave: () => memos.leave('key', worker),
  }
  return waiter
}

test('chains whose turn it is before all runs are back are asked once, and go to work one by one after', async () => {
  const clock = createVirtualClock()
  const memos = new Memos({ store: none, clock, most: 10 })
  const before = { run: 'before', place: 'chain' }
  memos.occupy('key', before)
  const [first, second] = [createWaiter(memos, 'first'), createWaiter(memos, 'second')]
  first.ask()
  second.ask()
  memos.leave('key', before)
  await clock.advance(1)
  expect([first, second]).toMatchObject([
    { asked: 2, works: false },
    { asked: 2, works: false },
  ])
  memos.openAll()
  await clock.advance(1)
  expect([first, second]).toMatchObject([
    { asked: 3, works: true },
    { asked: 2, works: false },
  ])
  first.leave()
  await clock.advance(1)
  expect(second).toMatchObject({ asked: 3, works: true })
})

test('where a run and its fork are at the same, the next waits for both', async () => {
  const clock = createVirtualClock()
  const memos = new Memos({ store: none, clock, most: 10 })
  memos.openAll()
  const [origin, fork] = ['origin', 'fork'].map((run) => ({ run, place: 'chain' }))
  memos.occupy('key', origin!)
  memos.occupy('key', fork!)
  memos.occupy('key', fork!)
  const next = createWaiter(memos, 'next')
  next.ask()
  memos.leave('key', origin!)
  await clock.advance(1)
  expect(next).toMatchObject({ asked: 1, works: false })
  memos.vacate('fork')
  await clock.advance(1)
  expect(next).toMatchObject({ asked: 2, works: true })
})
