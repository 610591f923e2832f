import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import type { ScheduleOptions } from '../../src/chain/schedule.ts'
import { createRig, type Rig } from '../engine/rig.ts'

const minute = 60_000
const begin = 1_000_000

const beat = (options: Partial<ScheduleOptions>, works: number) =>
  chain('beat', { schedule: { every: '1m', ...options } })
    .step('note', () => undefined)
    .sleep('work', works)

const down = async (rig: Rig, ms: number): Promise<void> => {
  rig.clock.kill()
  await rig.store.kill()
  await rig.advance(ms)
  await rig.crash()
}

/** The ticks that have a run, in minutes, oldest first: each run's acceptance counts. */
const started = (rig: Rig): readonly number[] =>
  rig
    .events()
    .filter(({ type }) => type === 'run.accepted')
    .map(({ run }) => Date.parse(run.slice('schedule/beat/default/'.length)) / minute)

const ticksBetween = (after: number, until: number): readonly number[] => {
  const found: number[] = []
  for (let at = Math.floor(after / minute) + 1; at * minute <= until; at++) found.push(at)
  return found
}

/** Never on a tick, so that it is certain on which side of it a death is. */
const beside = (time: number): number => Math.floor(time / 10) * 10 + 1

interface Spell {
  readonly up: number
  readonly down: number
}

const spells = fc.array(
  fc.record({ up: fc.integer({ min: 0, max: 400_000 }), down: fc.integer({ min: 0, max: 900_000 }) }),
  { minLength: 1, maxLength: 6 },
)

/** Lives through the spells; @returns when each ended, as `[born, died]` pairs. */
async function live(rig: Rig, plan: readonly Spell[]): Promise<readonly (readonly [number, number])[]> {
  const lives: (readonly [number, number])[] = []
  for (const spell of plan) {
    const born = rig.now()
    await rig.advance(beside(born + spell.up) - born)
    lives.push([born, rig.now()])
    await down(rig, beside(rig.now() + spell.down) - rig.now())
  }
  return lives
}

describe('over any downtimes, every tick that is wanted has exactly one run', () => {
  test('with catchUp all', async () => {
    await fc.assert(
      fc.asyncProperty(spells, fc.constantFrom('queue', 'allow'), async (plan, overlap) => {
        const rig = await createRig([beat({ catchUp: 'all', overlap }, 0)], { faults: { slowest: 30 } })
        await live(rig, plan)
        await rig.advance(minute - (rig.now() % minute) + 30_000)
        expect(started(rig)).toEqual(ticksBetween(begin, rig.now()))
      }),
      { numRuns: 25 },
    )
  })

  test('with catchUp last: all while it lived, and of each downtime the latest', async () => {
    await fc.assert(
      fc.asyncProperty(spells, async (plan) => {
        const rig = await createRig([beat({}, 0)])
        const lives = await live(rig, plan)
        const end = rig.now()
        await rig.advance('1s')
        const wanted = lives.flatMap(([born, died], index) => {
          const back = lives[index + 1]?.[0] ?? end
          return [...ticksBetween(born, died), ...ticksBetween(died, back).slice(-1)]
        })
        expect(started(rig)).toEqual([...wanted, ...ticksBetween(end, rig.now())])
      }),
      { numRuns: 25 },
    )
  })

  test('with runs that take their time, none twice', async () => {
    const overlap = fc.constantFrom('skip', 'queue', 'allow', 'cancel')
    const catchUp = fc.constantFrom('none', 'last', 'all')
    await fc.assert(
      fc.asyncProperty(spells, overlap, catchUp, async (plan, during, after) => {
        const rig = await createRig([beat({ overlap: during, catchUp: after }, 100_000)], {
          faults: { slowest: 30 },
        })
        await live(rig, plan)
        const runs = started(rig)
        expect(new Set(runs).size).toBe(runs.length)
        expect(runs).toEqual(runs.toSorted((a, b) => a - b))
      }),
      { numRuns: 25 },
    )
  })
})

test('a process that dies anywhere between a tick and its run starts it once, and knows that it goes on', async () => {
  let more = true
  for (let steps = 0; more; steps++) {
    const rig = await createRig([beat({}, 90_000)], { faults: { slowest: 0 } })
    const tick = 17 * minute
    await rig.advance(tick - rig.now() - 1)
    rig.jump(1)
    more = await rig.steps(steps)
    await rig.crash()
    await rig.advance(50_000)
    expect(started(rig), `after ${steps} steps`).toEqual([17])
    // the run goes on for 90 s, so the next tick is skipped, by whoever lives then
    await rig.advance('30s')
    expect(started(rig), `after ${steps} steps`).toEqual([17])
    expect(await rig.supervisor.schedules(), `after ${steps} steps`).toMatchObject([
      { skipped: { at: 18 * minute } },
    ])
    expect(steps).toBeLessThan(200)
  }
})
