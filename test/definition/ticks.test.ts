import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { ticksOf } from '../../src/definition/ticks.ts'

/** The first ticks after a time, as instants. */
function after(cron: string, timezone: string, time: string, count: number): readonly string[] {
  const ticks = ticksOf({ cron, timezone })
  const found: string[] = []
  for (let at = ticks.next(Date.parse(time)); at !== undefined && found.length < count; at = ticks.next(at))
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'))
  return found
}

// each: zone, the day before the change, local time within it, and the ticks (UTC)
describe('clocks that are set on: a time that does not exist', () => {
  test.each([
    [
      'Europe/Zurich',
      '2026-03-27T12:00Z',
      '30 2 * * *',
      ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'America/New_York',
      '2026-03-06T12:00Z',
      '30 2 * * *',
      ['2026-03-07T07:30Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
  ])('in %s from %s, %s comes when the gap ends', (zone, from, cron, expected) => {
    expect(after(cron, zone, from, 3)).toEqual(expected)
  })

  test('an hourly tick comes each hour that there is, and two that fall together come once', () => {
    expect(after('0 * * * *', 'Europe/Zurich', '2026-03-28T23:30Z', 3)).toEqual([
      '2026-03-29T00:00Z',
      '2026-03-29T01:00Z',
      '2026-03-29T02:00Z',
    ])
    expect(after('0 2,3 * * *', 'Europe/Zurich', '2026-03-28T22:59Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:00Z',
    ])
  })
})

describe('clocks that are set back: a time that exists twice', () => {
  test.each([
    ['Europe/Zurich', '2026-10-24T12:00Z', '30 2 * * *', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    ['America/New_York', '2026-10-31T12:00Z', '30 1 * * *', ['2026-11-01T05:30Z', '2026-11-02T06:30Z']],
  ])('in %s from %s, %s comes the first time only', (zone, from, cron, expected) => {
    expect(after(cron, zone, from, 2)).toEqual(expected)
  })

  test('what comes all the time goes on through both', () => {
    expect(after('*/30 * * * *', 'America/New_York', '2026-11-01T04:59Z', 5)).toEqual([
      '2026-11-01T05:00Z',
      '2026-11-01T05:30Z',
      '2026-11-01T06:00Z',
      '2026-11-01T06:30Z',
      '2026-11-01T07:00Z',
    ])
  })
})

test('29 February comes in leap years, and the last day of a month is where it is', () => {
  expect(after('0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', 3)).toEqual([
    '2028-02-29T00:00Z',
    '2032-02-29T00:00Z',
    '2036-02-29T00:00Z',
  ])
  expect(after('0 0 L * *', 'UTC', '2028-01-31T12:00Z', 2)).toEqual([
    '2028-02-29T00:00Z',
    '2028-03-31T00:00Z',
  ])
})

test('without a time zone it is UTC, wherever the process runs', () => {
  expect(ticksOf({ cron: '0 3 * * *' }).next(0)).toBe(3 * 3_600_000)
})

const times = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2029-01-01') })
const zones = fc.constantFrom(
  'Europe/Zurich',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'UTC',
)
const crons = fc.constantFrom(
  '* * * * *',
  '*/7 * * * *',
  '30 2 * * *',
  '0 */6 * * *',
  '15 1 1 * *',
  '0 9 * * MON',
  '*/10 * * * * *',
  '0 0 29 2 *',
)

test('ticks are the same seen from either side: the last at or before a time, the next after it', () => {
  fc.assert(
    fc.property(crons, zones, times, (cron, timezone, time) => {
      const ticks = ticksOf({ cron, timezone })
      const next = ticks.next(time) as number
      expect(next).toBeGreaterThan(time)
      expect(ticks.last(next)).toBe(next)
      const last = ticks.last(time) as number
      expect(last).toBeLessThanOrEqual(time)
      expect(ticks.next(last)).toBe(next)
      expect(ticks.last(next - 1)).toBe(last)
      expect(ticks.before(next)).toBe(last)
    }),
    { numRuns: 300 },
  )
})

test('bounds hold for ticks, not for the interval before the first', () => {
  const ticks = ticksOf({
    cron: '0 * * * *',
    from: Date.parse('2026-01-01T10:30Z'),
    until: Date.parse('2026-01-01T12:00Z'),
  })
  const first = Date.parse('2026-01-01T11:00Z')
  expect(ticks.next(0)).toBe(first)
  expect(ticks.last(first - 1)).toBeUndefined()
  expect(ticks.before(first)).toBe(Date.parse('2026-01-01T10:00Z'))
  expect(ticks.next(first + 3_600_000)).toBeUndefined()
  expect(ticks.last(Date.parse('2027-01-01'))).toBe(first + 3_600_000)
})

test('an interval has its ticks at its own multiples, counted from where it begins', () => {
  const whole = fc.integer({ min: -5_000, max: 5_000 })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 900 }),
      fc.option(whole, { nil: undefined }),
      fc.option(whole, { nil: undefined }),
      whole,
      (every, from, until, time) => {
        const ticks = ticksOf({
          every,
          ...(from === undefined ? {} : { from }),
          ...(until === undefined ? {} : { until }),
        })
        const isTick = (at: number): boolean =>
          (at - (from ?? 0)) % every === 0 && at >= (from ?? -Infinity) && at <= (until ?? Infinity)
        // as far away as a tick may be: the bounds are within 5,000 of 0
        const near = Array.from({ length: 12_000 }, (_, i) => i)
        const later = near.map((i) => time + 1 + i).find(isTick)
        const before = near.map((i) => time - i).find(isTick)
        expect([ticks.next(time), ticks.last(time)]).toEqual([later, before])
        if (before !== undefined) expect(ticks.before(before)).toBe(before - every)
      },
    ),
    { numRuns: 100 },
  )
})

test('where the calendar ends there is no tick, and a tick that is the first has an empty interval', () => {
  const ticks = ticksOf({ cron: '0 0 1 1 *' })
  const [early, late] = [-8e15, 8.639e15]
  expect([ticks.next(late), ticks.last(early), ticks.before(early)]).toEqual([undefined, undefined, early])
})

test('spaces do no harm, nor how a nickname is spelt', () => {
  const first = Date.parse('1970-01-01T03:00Z')
  for (const cron of [' 0 3 * * *', '0 3 * * * ', '0   3 * * *', ' 0 0 3 * * *  '])
    expect(ticksOf({ cron }).next(0)).toBe(first)
  for (const cron of ['@daily', ' @Daily '])
    expect(ticksOf({ cron }).next(0)).toBe(Date.parse('1970-01-02T00:00Z'))
})

test.each(['61 * * * *', '0 0 31 2 *', '@dailyx', 'x@daily'])('%s is refused with its code', (cron) => {
  expect(() => ticksOf({ cron })).toThrow(expect.objectContaining({ code: 'BAD_DEFINITION' }))
})

test('what the parser says is the cause, and its sentence is told without its name', () => {
  const cause = expect.objectContaining({ message: expect.stringMatching(/^CronPattern: /) as unknown })
  const refused = (): unknown => ticksOf({ cron: '61 * * * *' })
  expect(refused).toThrow(expect.objectContaining({ cause }))
  expect(refused).not.toThrow('CronPattern')
  expect(() => ticksOf({ cron: '0 0 31 2 *' })).toThrow(
    /^cron "0 0 31 2 \*" never comes due: no such date exists$/,
  )
})

test.each([
  [{ cron: '61 * * * *' }, /cron "61 \* \* \* \*" cannot be read: Invalid value for minute/],
  [{ cron: '* * * *' }, /has 4 fields/],
  [{ cron: '2026-01-01T00:00:00' }, /has 1 fields/],
  [{ cron: '0 0 31 2 *' }, /never comes due/],
  [{ cron: '0 3 * * *', timezone: 'Mars/Base' }, /timezone "Mars\/Base" is none/],
  [{ cron: '0 3 * * *', every: '1h' as const }, /one of them, and not both/],
  [{}, /give cron or every/],
  [{ every: '1h' as const, timezone: 'UTC' }, /timezone is for cron/],
  [{ cron: 5 as unknown as string }, /cron and timezone are texts/],
  [{ cron: '0 3 * * *', from: '2026-01-01T04:00Z', until: '2026-01-01T05:00Z' }, /no tick between/],
])('the schedule %j is refused', (schedule, why) => {
  expect(() => chain('bad', { schedule })).toThrow(why)
})
