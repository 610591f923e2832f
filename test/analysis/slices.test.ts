import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Slices, atOnce, inTurns, sortInSlices } from '../../src/analysis/slices.ts'

/** A hundred pieces of work, each of which takes 1 ms of the clock. */
function* work(clock: { at: number }): Slices<number> {
  for (let piece = 0; piece < 100; piece++) {
    clock.at++
    yield
  }
  return clock.at
}

function clockOf() {
  const clock = { at: 0 }
  const stretches: number[] = []
  let since = 0
  return {
    clock,
    stretches,
    port: {
      monotonic: () => clock.at,
      soon: (fire: () => void) => {
        stretches.push(clock.at - since)
        since = clock.at
        queueMicrotask(fire)
      },
    },
  }
}

test('the host has its turn every few milliseconds, and the result is the same', async () => {
  const { clock, port, stretches } = clockOf()
  expect(await inTurns(work(clock), port)).toBe(100)
  expect(Math.max(...stretches)).toBeLessThanOrEqual(5)
  expect(stretches.length).toBeGreaterThanOrEqual(20)
  expect(atOnce(work({ at: 0 }))).toBe(100)
})

test('work that is wanted no more is left where it is', async () => {
  const { clock, port } = clockOf()
  let wanted = true
  const done = inTurns(work(clock), port, () => wanted)
  wanted = false
  expect(await done).toBeUndefined()
  expect(clock.at).toBeLessThan(10)
})

test('lists are sorted in slices as they are at once, those that compare as equal in their order', () => {
  const places = fc.array(fc.nat(50), { minLength: 900, maxLength: 5_000, size: 'max' })
  fc.assert(
    fc.property(places, (keys) => {
      const list = keys.map((key, place) => ({ key, place }))
      const sorted = list.toSorted((a, b) => a.key - b.key)
      let pieces = 1
      for (const _ of sortInSlices(list, (a, b) => a.key - b.key)) pieces++
      expect(list).toEqual(sorted)
      expect(pieces).toBeGreaterThanOrEqual(keys.length / 1_000)
    }),
    { numRuns: 30 },
  )
})
