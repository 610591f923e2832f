// The virtual clock: time moves only when told to, and everything that follows has its turn in order.

import * as fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('time stands still until it is moved', async () => {
  const clock = createVirtualClock({ now: 1_000 })
  await clock.settle()
  expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0])
  await clock.advance('1m')
  expect([clock.now(), clock.monotonic()]).toEqual([61_000, 60_000])
})

test('each timer fires at its own time, and among equals the first that was set', async () => {
  const clock = createVirtualClock()
  const fired: [string, number][] = []
  const set = (name: string, due: number): unknown => clock.at(due, () => fired.push([name, clock.now()]))
  set('late', 30)
  set('first', 10)
  set('second', 10)
  set('beyond', 31)
  expect(clock.pending).toBe(4)
  await clock.advance(30)
  expect(fired).toEqual([
    ['first', 10],
    ['second', 10],
    ['late', 30],
  ])
  expect(clock.pending).toBe(1)
})

test('chained timers all fire within one advance, each at its own time', async () => {
  const clock = createVirtualClock()
  const ticks: number[] = []
  const tick = (): void => {
    ticks.push(clock.now())
    clock.at(clock.now() + 10, tick)
  }
  clock.at(10, tick)
  await clock.advance(45)
  expect(ticks).toEqual([10, 20, 30, 40])
  expect(clock.now()).toBe(45)
})

test('promise chains between timers settle before the next timer fires', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  const sleep = async (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.at(clock.now() + ms, resolve))
  const worker = async (): Promise<void> => {
    for (let round = 1; round <= 3; round++) {
      await sleep(10)
      for (let i = 0; i < 50; i++) await Promise.resolve()
      log.push(`round ${round} at ${clock.now()}`)
    }
  }
  const done = worker()
  clock.at(15, () => log.push('between'))
  await clock.advance(30)
  await done
  expect(log).toEqual(['round 1 at 10', 'between', 'round 2 at 20', 'round 3 at 30'])
})

test('work passed through soon and through immediates settles before the next timer fires', async () => {
  const clock = createVirtualClock()
  const log: string[] = []
  const relay = (left: number): void => {
    if (left > 0) clock.soon(() => relay(left - 1))
    else log.push(`relayed at ${clock.now()}`)
  }
  clock.at(10, () => relay(20))
  clock.at(10, () => setImmediate(() => setImmediate(() => log.push(`immediate at ${clock.now()}`))))
  clock.at(11, () => log.push('next timer'))
  await clock.advance(20)
  expect(log).toEqual(['relayed at 10', 'immediate at 10', 'next timer'])
})

test('soon keeps its order and never fires at once', async () => {
  const clock = createVirtualClock()
  const log: number[] = []
  for (const n of [1, 2, 3]) clock.soon(() => log.push(n))
  expect(log).toEqual([])
  await clock.settle()
  expect(log).toEqual([1, 2, 3])
})

test('a cancelled timer does not fire, and cancelling is idle after it fired', async () => {
  const clock = createVirtualClock()
  const fire = vi.fn<() => void>()
  const cancel = clock.at(10, fire)
  cancel()
  cancel()
  expect(clock.pending).toBe(0)
  const late = clock.at(10, fire)
  await clock.advance(10)
  late()
  expect(fire).toHaveBeenCalledTimes(1)
  expect(clock.pending).toBe(0)
})

test('a timer may cancel another that is due with it', async () => {
  const clock = createVirtualClock()
  const fire = vi.fn<() => void>()
  clock.at(10, () => cancel())
  const cancel = clock.at(10, fire)
  await clock.advance(10)
  expect(fire).not.toHaveBeenCalled()
})

test('a timer whose time has passed fires as soon as things settle, and time does not go back', async () => {
  const clock = createVirtualClock({ now: 100 })
  const fire = vi.fn<() => void>(() => expect(clock.now()).toBe(100))
  clock.at(5, fire)
  expect(fire).not.toHaveBeenCalled()
  await clock.settle()
  expect(fire).toHaveBeenCalledTimes(1)
})

test('a timer years away, beyond 31 bits of milliseconds, fires on its day', async () => {
  const clock = createVirtualClock({ now: Date.parse('2026-01-01') })
  let firedAt = ''
  clock.at(Date.parse('2036-01-01'), () => {
    firedAt = new Date(clock.now()).toISOString()
  })
  await clock.advance(2 ** 31)
  expect(firedAt).toBe('')
  expect(await clock.next()).toBe(true)
  expect(firedAt).toBe('2036-01-01T00:00:00.000Z')
})

test('next jumps to the next timer and says whether there was one', async () => {
  const clock = createVirtualClock()
  const fired: number[] = []
  for (const due of [500, 20, 20]) clock.at(due, () => fired.push(due))
  clock.at(Number.POSITIVE_INFINITY, () => fired.push(-1))
  expect(await clock.next()).toBe(true)
  expect([clock.now(), fired]).toEqual([20, [20, 20]])
  expect(await clock.next()).toBe(true)
  expect(await clock.next()).toBe(false)
  expect([clock.now(), fired]).toEqual([500, [20, 20, 500]])
})

test('calls that overlap wait for each other', async () => {
  const clock = createVirtualClock()
  const seen: number[] = []
  for (const due of [10, 20, 30]) clock.at(due, () => seen.push(clock.now()))
  await Promise.all([clock.advance(10), clock.advance(10), clock.next()])
  expect(seen).toEqual([10, 20, 30])
  expect(clock.now()).toBe(30)
})

test('what a timer throws rejects the call that fired it, and the clock goes on', async () => {
  const clock = createVirtualClock()
  clock.at(10, () => {
    throw new Error('boom')
  })
  clock.at(20, () => {})
  await expect(clock.advance(30)).rejects.toThrow('boom')
  expect(clock.now()).toBe(10)
  await clock.advance(10)
  expect([clock.now(), clock.pending]).toEqual([20, 0])
})

test('the seed decides the random numbers', () => {
  const numbers = (seed?: number): number[] => {
    const clock = createVirtualClock(seed === undefined ? {} : { seed })
    return [clock.random(), clock.random(), clock.random()]
  }
  expect(numbers(7)).toEqual(numbers(7))
  expect(numbers(7)).not.toEqual(numbers(8))
  expect(numbers()).toEqual(numbers(1))
})

test('it moves on under fake timers too', async () => {
  vi.useFakeTimers()
  const clock = createVirtualClock()
  const fire = vi.fn<() => void>()
  clock.at(10, fire)
  await clock.advance(10)
  expect(fire).toHaveBeenCalledTimes(1)
})

test('a time that is none is refused', async () => {
  const clock = createVirtualClock()
  expect(() => clock.at(Number.NaN, () => {})).toThrow('due at NaN')
  await expect(clock.advance(-1)).rejects.toThrow('advance is -1: give 0 or more milliseconds')
})

test('any timers, some cancelled, fire in the order of their due times and of being set', async () => {
  const timer = fc.record({ due: fc.nat({ max: 20 }), cancelled: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(timer, { maxLength: 30 }), async (timers) => {
      const clock = createVirtualClock()
      const fired: number[] = []
      const cancels = timers.map(({ due }, index) => clock.at(due, () => fired.push(index)))
      for (const [index, { cancelled }] of timers.entries()) if (cancelled) cancels[index]!()
      await clock.advance(20)
      const expected = [...timers.keys()].filter((index) => !timers[index]!.cancelled)
      expect(fired).toEqual(expected.toSorted((a, b) => timers[a]!.due - timers[b]!.due || a - b))
      expect(clock.pending).toBe(0)
    }),
  )
})

test('a clock that is set ahead or back moves the time, and no time passes', async () => {
  const clock = createVirtualClock({ now: 10_000 })
  const fired: number[] = []
  clock.at(15_000, () => fired.push(clock.now()))
  clock.jump(-4_000)
  expect([clock.now(), clock.monotonic()]).toEqual([6_000, 0])
  await clock.advance('8s')
  expect(fired).toEqual([])
  clock.jump(60_000)
  await clock.settle()
  expect(fired).toEqual([74_000])
  expect(clock.monotonic()).toBe(8_000)
  expect(() => clock.jump(NaN)).toThrow('jump is NaN')
})
