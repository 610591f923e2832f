import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import type { ScheduleOptions } from '../../src/chain/schedule.ts'
import { createRig, type Rig } from './rig.ts'

const minute = 60_000
/** Virtual time begins at 16 min 40 s past. */
const first = 17 * minute

interface Seen {
  readonly runId: string
  readonly at: number
  readonly scheduledAt: number
  readonly window: { readonly from: number; readonly to: number } | undefined
}

/** A chain that notes each run, and takes `works` ms. */
function ticking(schedule: Partial<ScheduleOptions> = {}, works = 0) {
  const seen: Seen[] = []
  const beat = chain('beat', { schedule: { every: '1m', ...schedule } })
    .step('note', ({ runId, now, scheduledAt, window }) => {
      seen.push({ runId, at: now(), scheduledAt, window })
    })
    .sleep('work', works)
  return { beat, seen }
}

const minutes = (seen: readonly Seen[]): readonly number[] =>
  seen.map(({ scheduledAt }) => scheduledAt / minute)
const down = async (rig: Rig, minutesDown: number): Promise<void> => {
  rig.clock.kill()
  await rig.store.kill()
  await rig.advance(minutesDown * minute)
}

describe('ticks', () => {
  test.each(['skip', 'queue', 'cancel'] as const)(
    'go on (%s) after the store could not be read as the end of a run was to be heard of',
    async (overlap) => {
      const faults = { failRead: 0 }
      const seen: number[] = []
      const beat = chain('beat', { schedule: { every: '1m', overlap } }).step('note', ({ scheduledAt }) => {
        seen.push((scheduledAt ?? 0) / minute)
        if (seen.length === 1) faults.failRead = 1
      })
      const rig = await createRig([beat], { faults })
      await rig.advance('30s')
      faults.failRead = 0
      await rig.advance('3m')
      expect(rig.store.struck.failRead).toBeGreaterThan(0)
      expect(seen).toEqual([17, 18, 19, 20])
    },
  )

  test('start a run each, named by its tick, that is told its time', async () => {
    const { beat, seen } = ticking()
    const rig = await createRig([beat])
    await rig.advance('3m')
    expect(minutes(seen)).toEqual([17, 18, 19])
    expect(seen[0]).toEqual({
      runId: 'schedule/beat/default/1970-01-01T00:17:00.000Z',
      at: first,
      scheduledAt: first,
      window: undefined,
    })
    expect(await rig.supervisor.list()).toHaveLength(3)
  })

  test('tell the interval that they close, where the schedule has a window', async () => {
    const { beat, seen } = ticking({ window: true })
    const rig = await createRig([beat])
    await rig.advance('1m')
    expect(seen[0]?.window).toEqual({ from: first - minute, to: first })
  })

  test('keep their time and window over a crash of their run', async () => {
    const { beat, seen } = ticking({ window: true, until: first })
    const again = chain('beat', { schedule: { every: '1m', window: true, until: first } })
      .step('note', () => undefined)
      .sleep('work', 10_000)
      .step('later', ({ runId, now, scheduledAt, window }) => {
        seen.push({ runId, at: now(), scheduledAt, window })
      })
    expect(beat.id).toBe(again.id)
    const rig = await createRig([again])
    await rig.advance('25s')
    await rig.crash()
    await rig.advance('1m')
    expect(seen).toMatchObject([{ scheduledAt: first, window: { from: first - minute, to: first } }])
  })

  test('are counted from `from`, and end with `until`', async () => {
    const { beat, seen } = ticking({ from: first + 30_000, until: first + 150_000 })
    const rig = await createRig([beat])
    await rig.advance('10m')
    expect(minutes(seen)).toEqual([17.5, 18.5, 19.5])
    expect(await rig.supervisor.schedules()).toMatchObject([{ next: undefined }])
  })

  test('are spread by jitter, the same each time, and never beyond the next tick', async () => {
    const delays = async (): Promise<readonly number[]> => {
      const { beat, seen } = ticking({ jitter: '10m' })
      const rig = await createRig([beat])
      await rig.advance('20m')
      return seen.map(({ at, scheduledAt }) => at - scheduledAt)
    }
    const once = await delays()
    expect(once.length).toBeGreaterThan(15)
    expect(new Set(once).size).toBeGreaterThan(10)
    for (const delay of once) expect(delay).toBeLessThan(minute)
    expect(await delays()).toEqual(once)
  })

  test('hand on the input of the schedule, also one that is made of the tick', async () => {
    const got: unknown[] = []
    const report = chain<{ of: number }>('report', {
      schedule: { every: '1m', input: ({ window }) => ({ of: window.from }) },
    }).step('note', ({ input }) => void got.push(input))
    const rig = await createRig([report])
    await rig.advance('1m')
    expect(got).toEqual([{ of: first - minute }])
  })

  test('wait for their supervisor where the run before them ended as its process died', async () => {
    const { beat, seen } = ticking({ catchUp: 'all' })
    const rig = await createRig([beat])
    await rig.advance('1m')
    const name = 'schedule/beat/default'
    const note = JSON.parse((await rig.store.note(name)) ?? '') as { readonly last: { readonly run: string } }
    // the run's end is durable, and that its schedule has heard of it is not
    await rig.store.setNote(name, JSON.stringify({ ...note, running: [note.last.run] }))
    await down(rig, 3)
    // it has another one by now, which takes a moment to be known
    const other = chain('other', { schedule: { every: '1d' } }).step('note', () => undefined)
    await rig.crash([beat, other])
    expect(minutes(seen)).toEqual([17, 18, 19, 20])
  })

  test('whose input cannot be made are refused, told, and hold up no later tick', async () => {
    const got: unknown[] = []
    const odd = chain<number>('odd', {
      schedule: {
        every: '1m',
        input: ({ scheduledAt }) => {
          if (scheduledAt === first) throw new Error('no input today')
          return scheduledAt
        },
      },
    }).step('note', ({ input }) => void got.push(input))
    const rig = await createRig([odd])
    await rig.advance('1m')
    expect(await rig.supervisor.schedules()).toMatchObject([
      { refused: { at: first, because: expect.stringContaining('no input today') } },
    ])
    await rig.advance('1m')
    expect(got).toEqual([first + minute])
  })

  test('of several schedules of a chain are told apart', async () => {
    const got: string[] = []
    const both = chain<string>('both', {
      schedule: [
        { id: 'fast', every: '1m', input: 'fast' },
        { id: 'slow', every: '2m', input: 'slow' },
      ],
    }).step('note', ({ input }) => void got.push(input))
    const rig = await createRig([both])
    await rig.advance('4m')
    expect(got.toSorted()).toEqual(['fast', 'fast', 'fast', 'fast', 'slow', 'slow'])
  })

  test('start nothing where the supervisor is told so', async () => {
    const { beat, seen } = ticking()
    const rig = await createRig([beat], { schedules: false })
    await rig.advance('5m')
    expect(seen).toEqual([])
  })
})

describe('a tick while the run before it has not ended', () => {
  test('is dropped by `skip`, the default, and told', async () => {
    const { beat, seen } = ticking({}, 90_000)
    const rig = await createRig([beat])
    await rig.advance('5m')
    expect(minutes(seen)).toEqual([17, 19, 21])
    expect(await rig.supervisor.schedules()).toMatchObject([{ skipped: { at: 20 * minute } }])
  })

  test('waits its turn with `queue`, also over a crash', async () => {
    const { beat, seen } = ticking({ overlap: 'queue', until: 19 * minute }, 150_000)
    const rig = await createRig([beat])
    await rig.advance('160s')
    expect(await rig.supervisor.schedules()).toMatchObject([{ queue: [18 * minute, 19 * minute] }])
    await rig.crash()
    await rig.advance('10m')
    expect(minutes(seen)).toEqual([17, 18, 19])
    expect(seen.map(({ at }) => at / minute)).toEqual([17, 19.5, 22])
  })

  test('cancels it also where the process died before the schedule had noted that it began', async () => {
    const { beat } = ticking({ overlap: 'cancel', until: 18 * minute }, 600_000)
    const rig = await createRig([beat])
    await rig.advance('30s')
    const name = 'schedule/beat/default'
    const note = JSON.parse((await rig.store.note(name)) ?? '') as object
    await rig.store.setNote(name, JSON.stringify({ ...note, queue: [first], running: [], last: undefined }))
    await down(rig, 1)
    await rig.crash()
    await rig.advance('5s')
    expect((await rig.supervisor.list()).map(({ status }) => status)).toEqual(['waiting', 'cancelled'])
    expect(rig.told('run.')).toEqual([
      'run.accepted',
      'run.cancel-requested',
      'run.ended cancelled',
      'run.accepted',
    ])
  })

  test('starts beside it with `allow`', async () => {
    const { beat, seen } = ticking({ overlap: 'allow' }, 600_000)
    const rig = await createRig([beat])
    await rig.advance('4m')
    expect(minutes(seen)).toEqual([17, 18, 19, 20])
  })

  test('cancels it with `cancel`, and starts once it has ended', async () => {
    const { beat, seen } = ticking({ overlap: 'cancel', until: 19 * minute }, 600_000)
    const rig = await createRig([beat])
    await rig.advance('4m')
    expect(minutes(seen)).toEqual([17, 18, 19])
    const statuses = (await rig.supervisor.list()).map(({ status }) => status)
    expect(statuses).toEqual(['waiting', 'cancelled', 'cancelled'])
  })

  test('starts all the same where that run is parked', async () => {
    const { beat, seen } = ticking()
    const rig = await createRig([
      chain('beat', { schedule: { every: '1m' } }).step('die', async () => new Promise(() => {})),
    ])
    await rig.advance('30s')
    for (let lost = 0; lost < 3; lost++) await rig.crash()
    expect((await rig.supervisor.list())[0]?.status).toBe('dead-letter')
    await rig.crash([beat])
    await rig.advance('1m')
    expect(minutes(seen)).toEqual([18])
  })
})

describe('ticks that passed unattended', () => {
  const table = [
    ['none', 'skip', []],
    ['none', 'queue', []],
    ['none', 'allow', []],
    ['none', 'cancel', []],
    ['last', 'skip', [22]],
    ['last', 'queue', [22]],
    ['last', 'allow', [22]],
    ['last', 'cancel', [22]],
    ['all', 'skip', [18]],
    ['all', 'queue', [18, 19, 20, 21, 22]],
    ['all', 'allow', [18, 19, 20, 21, 22]],
    ['all', 'cancel', [22]],
  ] as const

  test.each(table)('with catchUp %s and overlap %s start %j', async (catchUp, overlap, expected) => {
    const { beat, seen } = ticking({ catchUp, overlap, until: 22 * minute })
    const rig = await createRig([beat])
    await rig.advance('30s')
    await down(rig, 5)
    await rig.advance('20s')
    await rig.crash()
    await rig.advance('10m')
    expect(minutes(seen)).toEqual([17, ...expected])
  })

  test('are dropped where they are longer ago than catchUpWithin', async () => {
    const { beat, seen } = ticking({ catchUp: 'all', catchUpWithin: '150s', until: 22 * minute })
    const rig = await createRig([beat])
    await rig.advance('30s')
    await down(rig, 5)
    await rig.crash()
    await rig.advance('10m')
    expect(minutes(seen)).toEqual([17, 20, 21, 22])
  })

  test('of years start a thousand runs at most', async () => {
    const { beat, seen } = ticking({ catchUp: 'all', overlap: 'allow', catchUpWithin: '4000d' })
    const rig = await createRig([beat])
    await rig.advance('30s')
    await down(rig, 5 * 365 * 24 * 60)
    await rig.crash()
    expect(seen).toHaveLength(1001)
    expect(seen.at(-1)?.scheduledAt).toBe(Math.floor(rig.now() / minute) * minute)
  })

  test('are caught up also where nothing died but the clock jumped', async () => {
    const { beat, seen } = ticking()
    const rig = await createRig([beat])
    await rig.advance('30s')
    rig.jump(600_000)
    await rig.advance('1m')
    expect(minutes(seen)).toEqual([17, 27, 28])
  })
})

describe('a schedule', () => {
  test('that is paused starts nothing, also after a restart, and drops what passed', async () => {
    const { beat, seen } = ticking()
    const rig = await createRig([beat])
    await rig.until(rig.supervisor.schedule(beat).pause())
    await rig.advance('3m')
    await rig.crash()
    await rig.advance('3m')
    expect(seen).toEqual([])
    expect(await rig.supervisor.schedules()).toMatchObject([{ paused: true, next: undefined }])
    await rig.until(rig.supervisor.schedule(beat).resume())
    await rig.advance('1m')
    expect(minutes(seen)).toEqual([23])
  })

  test('can be triggered, also while it is paused, and then holds up the next tick', async () => {
    const { beat, seen } = ticking({}, 90_000)
    const rig = await createRig([beat])
    const run = await rig.until(rig.supervisor.schedule(beat).trigger())
    expect(run.id).toMatch(/^schedule\/beat\/default\/now\//)
    await rig.advance('3m')
    expect(minutes(seen)).toEqual([1_000_000 / minute, 19])
  })

  test('that is not there is refused, with those there are', async () => {
    const { beat } = ticking()
    const rig = await createRig([beat])
    await expect(rig.supervisor.schedule(beat, 'nightly').pause()).rejects.toMatchObject({
      code: 'SCHEDULE_UNKNOWN',
      message: expect.stringContaining('schedule/beat/default'),
    })
  })

  test('that was changed in code begins anew: ticks that passed are not caught up', async () => {
    const { beat } = ticking()
    const rig = await createRig([beat])
    await rig.advance('30s')
    await down(rig, 10)
    const changed = ticking({ every: '2m' })
    await rig.crash([changed.beat])
    await rig.advance('2m')
    expect(minutes(changed.seen)).toEqual([28])
  })

  test('that was taken out of the code starts nothing, and goes on where it comes back', async () => {
    const { beat, seen } = ticking()
    const rig = await createRig([beat])
    await rig.advance('30s')
    await rig.crash([chain('beat').step('note', () => undefined)])
    await rig.advance('5m')
    expect(await rig.supervisor.schedules()).toEqual([])
    await rig.crash([beat])
    await rig.advance('1m')
    expect(minutes(seen)).toEqual([17, 22, 23])
  })

  test('says how it stands', async () => {
    const { beat } = ticking()
    const rig = await createRig([beat])
    await rig.advance('1m')
    expect(await rig.supervisor.schedules()).toEqual([
      {
        chain: 'beat',
        id: 'default',
        timing: { every: minute },
        overlap: 'skip',
        catchUp: 'last',
        paused: false,
        next: 18 * minute,
        last: { run: 'schedule/beat/default/1970-01-01T00:17:00.000Z', at: first, status: 'succeeded' },
        queue: [],
        skipped: undefined,
        refused: undefined,
      },
    ])
  })

  test('with all that is wrong with it is refused in one error', () => {
    expect(() =>
      chain('bad', {
        schedule: [
          { id: 'a b', every: '1ms' },
          { id: 'x', every: '1m', overlap: 'maybe' as 'skip', from: 'never' },
        ],
      }),
    ).toThrow(/an id is a letter[\s\S]*at least 1000[\s\S]*overlap is one of[\s\S]*from is no date/)
  })
})

describe('a cron schedule', () => {
  test.each([
    [
      'does not exist',
      '2026-03-28',
      ['2026-03-29T01:00:00.000Z after 23.5 h', '2026-03-30T00:30:00.000Z after 23.5 h'],
    ],
    [
      'comes twice',
      '2026-10-24',
      ['2026-10-25T00:30:00.000Z after 24 h', '2026-10-26T01:30:00.000Z after 25 h'],
    ],
  ])('catches up the night when its time %s, once', async (_, day, expected) => {
    const times: string[] = []
    const nightly = chain('nightly', {
      schedule: {
        cron: '30 2 * * *',
        timezone: 'Europe/Zurich',
        window: true,
        catchUp: 'all',
        catchUpWithin: '3d',
      },
    }).step('note', ({ scheduledAt, window }) => {
      times.push(`${new Date(scheduledAt).toISOString()} after ${(scheduledAt - window!.from) / 3_600_000} h`)
    })
    const rig = await createRig([])
    await down(rig, (Date.parse(`${day}T12:00Z`) - rig.now()) / minute)
    await rig.crash([nightly])
    await down(rig, 2 * 24 * 60)
    await rig.crash([nightly])
    await rig.advance('1s')
    expect(times).toEqual(expected)
  })

  test('runs at its time while the process lives, over the change', async () => {
    const times: string[] = []
    const nightly = chain('nightly', { schedule: { cron: '30 2 * * *', timezone: 'America/New_York' } }).step(
      'note',
      ({ now }) => void times.push(new Date(now()).toISOString()),
    )
    const rig = await createRig([nightly])
    rig.jump(Date.parse('2026-03-07T12:00Z') - rig.now())
    await rig.advance('61s')
    times.length = 0
    await rig.advance('2d')
    expect(times).toEqual(['2026-03-08T07:00:00.000Z', '2026-03-09T06:30:00.000Z'])
  })
})
