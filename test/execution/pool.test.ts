// The pool: slots are never exceeded, and who waits goes in order of right.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPool } from '../../src/execution/pool.ts'

const plain = { priority: 0, tail: 0, run: 0 }

describe('the pool of slots', () => {
  test('a free slot is taken at once, and none beyond the last', () => {
    const pool = createPool(2)
    expect([pool.tryTake(), pool.tryTake(), pool.tryTake()]).toEqual([true, true, false])
    expect(pool.inFlight).toBe(2)
  })

  test('who waits goes by priority, then by the longest path, then by the earlier run, then in turn', () => {
    const pool = createPool(1)
    pool.tryTake()
    const order: string[] = []
    const wait = (name: string, rank: Partial<typeof plain>): void =>
      void pool.wait({ ...plain, ...rank, granted: () => order.push(name) })
    wait('late run', { run: 9 })
    wait('early run', { run: 1 })
    wait('early run again', { run: 1 })
    wait('long path', { tail: 50, run: 9 })
    wait('urgent', { priority: 1, run: 9 })
    for (let i = 0; i < 5; i++) pool.release()
    expect(order).toEqual(['urgent', 'long path', 'early run', 'early run again', 'late run'])
  })

  test('one that has given up is passed over', () => {
    const pool = createPool(1)
    pool.tryTake()
    const order: string[] = []
    const stop = pool.wait({ ...plain, granted: () => order.push('gone') })
    pool.wait({ ...plain, granted: () => order.push('here') })
    stop()
    stop()
    expect(pool.waiting).toBe(1)
    pool.release()
    expect(order).toEqual(['here'])
  })

  test('a newcomer does not overtake who waits', () => {
    const pool = createPool(1)
    pool.tryTake()
    pool.wait({ ...plain, granted: () => {} })
    pool.resize(1)
    expect(pool.tryTake()).toBe(false)
    expect(pool.outranks({ ...plain, run: 1 })).toBe(true)
    expect(pool.outranks({ ...plain, priority: 1 })).toBe(false)
  })

  test('more slots let more in, fewer let those in flight end', () => {
    const pool = createPool(1)
    pool.tryTake()
    let granted = 0
    for (let i = 0; i < 3; i++) pool.wait({ ...plain, granted: () => granted++ })
    pool.resize(3)
    expect(granted).toBe(2)
    pool.resize(0)
    let idle = false
    pool.whenIdle(() => {
      idle = true
    })
    for (let i = 0; i < 3; i++) pool.release()
    expect([granted, pool.inFlight, idle]).toEqual([2, 0, true])
  })

  test('whatever happens, no more are in flight than there are slots, and nobody waits while one is free', () => {
    const command = fc.oneof(
      fc.record({ do: fc.constant('take' as const) }),
      fc.record({ do: fc.constant('wait' as const), priority: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ do: fc.constant('release' as const) }),
      fc.record({ do: fc.constant('give up' as const), which: fc.nat(20) }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(command, { maxLength: 80 }), (slots, commands) => {
        const pool = createPool(slots)
        const stops: (() => void)[] = []
        let mine = 0
        for (const one of commands) {
          if (one.do === 'take' && pool.tryTake()) mine++
          if (one.do === 'wait')
            stops.push(pool.wait({ ...plain, priority: one.priority, granted: () => mine++ }))
          if (one.do === 'release' && mine > 0) {
            mine--
            pool.release()
          }
          if (one.do === 'give up') stops[one.which]?.()
          expect(pool.inFlight).toBe(mine)
          expect(mine).toBeLessThanOrEqual(slots)
          expect(pool.waiting > 0 && mine < slots).toBe(false)
        }
      }),
    )
  })
})
