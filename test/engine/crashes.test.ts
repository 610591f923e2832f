// A bug in the middle of a turn: a crash of that run only, which goes on from what is durable.

import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { assign, fromPromise, setup } from 'xstate'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { AttemptSlot } from '../../src/engine/chains/attempt-slot.ts'
import { LiveRun } from '../../src/engine/runs/live-run.ts'
import { RunGraph } from '../../src/engine/runs/run-graph.ts'
import { StepAttempts } from '../../src/engine/chains/step-attempts.ts'
import { GuestAttempts } from '../../src/engine/guests/guest-attempts.ts'
import type { Fact } from '../../src/journal/event.ts'
import { createRig, type Rig } from './rig.ts'

afterEach(() => void vi.restoreAllMocks())

const bug = (): never => {
  throw new TypeError('a bug of ours')
}

interface Line {
  readonly run?: string
  readonly error?: unknown
}

function createLog(): {
  readonly lines: [Line, string][]
  info(): void
  warn(): void
  error(...line: never): void
} {
  const lines: [Line, string][] = []
  return { lines, info() {}, warn() {}, error: (...line) => void lines.push(line) }
}

const { record } = LiveRun.prototype

/** Has the record of a fact throw, for one run. */
function breakRecord(run: string, throws: (fact: Fact) => boolean): void {
  vi.spyOn(LiveRun.prototype, 'record').mockImplementation(function (this: LiveRun, fact) {
    if (this.runId === run && throws(fact)) bug()
    record.call(this, fact)
  })
}

const leaf = chain('leaf').step('give', async () => 'leaf')
const work = chain<number>('work')
  .needs({ leaf })
  .step('first', async ({ input }) => input + 1)
  .sleep('rest', '1s')
  .parallel('both', { a: (b) => b.step('left', async () => 'l'), b: (b) => b.step('right', async () => 'r') })
  .each(
    'each',
    () => [1, 2, 3],
    async (item) => item * 2,
    { key: String, inFlight: 2 },
  )
  .wait('go')
  .call('callee', leaf, () => undefined)
  .returns(({ steps }) => [steps.first, steps.each])

async function play(rig: Rig, id: string): Promise<unknown> {
  const run = await rig.start(work, 1, { id })
  await rig.until(run.signal('go'))
  return rig.until(run.result())
}

/** Asks again where that crashed the run. */
async function insist<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if ((error as { code?: string }).code !== 'RUN_CRASHED') throw error
    return insist(ask)
  }
}

describe('a run whose turn throws', () => {
  test('records nothing of that turn, goes on from what is durable, and says so', async () => {
    const logger = createLog()
    const rig = await createRig([work], { logger })
    vi.spyOn(StepAttempts.prototype, 'outcome').mockImplementationOnce(bug)
    const other = rig.supervisor.run(work, 5, { id: 'other' })
    const run = await rig.start(work, 1, { id: 'hit' })
    await rig.until(run.signal('go'))
    await rig.until((await rig.supervisor.get('other'))!.signal('go'))
    expect(await rig.until(run.result())).toEqual([2, [2, 4, 6]])
    expect(await rig.until(other)).toEqual([6, [2, 4, 6]])
    expect(logger.lines).toHaveLength(1)
    expect(logger.lines[0]?.[1]).toContain('a bug of ours')
    expect(logger.lines[0]?.[0].error).toBeInstanceOf(TypeError)
    expect(rig.told('attempt.lost')).toEqual(['attempt.lost leaf/give 1'])
  })

  test.for([
    ['at its end', () => vi.spyOn(RunGraph.prototype, 'advance')],
    ['when its commit arrives', () => vi.spyOn(AttemptSlot.prototype, 'committed')],
  ] as const)('%s ends as if nothing had been', async ([, spy]) => {
    const rig = await createRig([work])
    const warm = await rig.start(work, 1, { id: 'hit' })
    spy().mockImplementationOnce(bug)
    await rig.until(warm.signal('go'))
    expect(await rig.until(warm.result())).toEqual([2, [2, 4, 6]])
  })

  test('wherever that is, ends as if nothing had been', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 45 }),
        fc.integer({ min: 1, max: 45 }),
        async (first, gap) => {
          const rig = await createRig([work], { hibernateAfter: 0 })
          let count = 0
          breakRecord('hit', () => {
            count++
            return count === first || count === first + gap
          })
          expect(await play(rig, 'other')).toEqual([2, [2, 4, 6]])
          const run = await insist(async () => rig.start(work, 1, { id: 'hit' }))
          await insist(async () => rig.until(run.signal('go', undefined, { id: 'go' })))
          expect(await rig.until(run.result())).toEqual([2, [2, 4, 6]])
          vi.restoreAllMocks()
        },
      ),
      { numRuns: 60 },
    )
  })

  test('again and again is parked as a dead letter that says why and what to do; others go on', async () => {
    const rig = await createRig([work])
    breakRecord('hit', ({ type }) => type === 'attempt.succeeded')
    const run = await rig.start(work, 1, { id: 'hit' })
    const end = await rig.until(run.settled())
    expect(end).toMatchObject({ status: 'dead-letter' })
    expect(end).toHaveProperty('detail', 'it crashed 3 times in a row, at last with TypeError: a bug of ours')
    expect(end).toHaveProperty('cure', expect.stringContaining('start another'))
    expect(await play(rig, 'other')).toEqual([2, [2, 4, 6]])
    expect(await run.status()).toBe('dead-letter')
    await rig.until(run.cancel())
    expect(await run.status()).toBe('cancelled')
  })

  test('so that not even its parking is recorded is left as it is; who asks is told', async () => {
    const rig = await createRig([work])
    const run = await rig.start(work, 1, { id: 'hit' })
    breakRecord('hit', () => true)
    await expect(rig.until(run.pause())).rejects.toMatchObject({ code: 'RUN_CRASHED' })
    await expect(rig.until(run.pause())).rejects.toMatchObject({ code: 'RUN_CRASHED' })
    vi.restoreAllMocks()
    await rig.crash()
    expect(await rig.until((await rig.supervisor.get('hit'))!.status())).toBe('running')
  })

  test('on its very first is not accepted: its caller is told', async () => {
    const rig = await createRig([work])
    breakRecord('hit', ({ type }) => type === 'run.accepted')
    await expect(rig.start(work, 1, { id: 'hit' })).rejects.toMatchObject({ code: 'RUN_CRASHED' })
    expect(await rig.supervisor.get('hit')).toBeUndefined()
    vi.restoreAllMocks()
    expect(await play(rig, 'hit')).toEqual([2, [2, 4, 6]])
  })

  test('by a command says so to who asked, and takes the command when asked again', async () => {
    const rig = await createRig([work])
    const run = await rig.start(work, 1, { id: 'hit' })
    breakRecord('hit', ({ type }) => type === 'run.paused')
    await expect(rig.until(run.pause())).rejects.toMatchObject({
      code: 'RUN_CRASHED',
      cause: new TypeError('a bug of ours'),
    })
    vi.restoreAllMocks()
    await rig.until(run.pause())
    await rig.advance()
    expect(await run.status()).toBe('paused')
  })

  test('keeps its place in its concurrency group, and lets nobody else in', async () => {
    const limited = chain<string>('limited', { concurrency: { key: () => '', limit: 1 } })
      .step('s', async () => 1)
      .sleep('nap', '1h')
    const rig = await createRig([limited])
    vi.spyOn(StepAttempts.prototype, 'outcome').mockImplementationOnce(bug)
    await rig.start(limited, '', { id: '1' })
    await rig.start(limited, '', { id: '2' })
    const started = (): readonly string[] =>
      rig.events().flatMap(({ type, run }) => (type === 'chain.started' ? [run] : []))
    await rig.advance('59m')
    expect(started()).toEqual(['1'])
    await rig.advance('2m')
    expect(started()).toEqual(['1', '2'])
  })

  test('as a dead letter leaves its concurrency group', async () => {
    const limited = chain('limited', { concurrency: { key: () => '', limit: 1 } }).step('s', async () => 1)
    const rig = await createRig([limited])
    breakRecord('hit', ({ type }) => type === 'attempt.succeeded')
    const run = await rig.start(limited, undefined, { id: 'hit' })
    const next = rig.supervisor.run(limited, undefined, { id: 'next' })
    expect(await rig.until(run.settled())).toMatchObject({ status: 'dead-letter' })
    expect(await rig.until(next)).toBe(1)
  })

  test("is one with a user's own machine as well", async () => {
    const machine = setup({
      types: { context: {} as { got: number } },
      actors: { ask: fromPromise(async () => 41) },
    }).createMachine({
      context: { got: 0 },
      initial: 'asking',
      states: {
        asking: {
          invoke: {
            src: 'ask',
            onDone: { target: 'resting', actions: assign({ got: ({ event }) => event.output + 1 }) },
          },
        },
        resting: { after: { 1_000: 'done' } },
        done: { type: 'final' },
      },
      output: ({ context }) => context.got,
    })
    const guest = fromMachine('guest', machine)
    const rig = await createRig([guest])
    vi.spyOn(GuestAttempts.prototype, 'outcome').mockImplementationOnce(bug)
    expect(await rig.until(rig.supervisor.run(guest))).toBe(42)
    breakRecord('hit', ({ type }) => type === 'machine.advanced')
    await expect(rig.start(guest, undefined, { id: 'hit' })).rejects.toMatchObject({ code: 'RUN_CRASHED' })
  })

  test('holds no slot', async () => {
    const rig = await createRig([work], { concurrency: 1 })
    breakRecord('hit', ({ type }) => type === 'attempt.succeeded')
    const run = await rig.start(work, 1, { id: 'hit' })
    expect(await rig.until(run.settled())).toMatchObject({ status: 'dead-letter' })
    expect(await play(rig, 'other')).toEqual([2, [2, 4, 6]])
  })
})

test('whoever waits for the same work, or its turn, does not wait for a run that crashed and is gone', async () => {
  const begun = async (crashAt: number): Promise<number> => {
    const held = { memo: {}, concurrency: { limit: 1 } }
    const whole = chain<number>('whole', held).step('work', () => 'whole')
    const step = chain<number>('step').step('work', () => 'step', { memo: {} })
    const top = chain<number>('top')
      .needs({ whole, step })
      .step('show', ({ needs }) => `${needs.whole} ${needs.step}`)
    const rig = await createRig([top], { logger: createLog() })
    let seen = 0
    breakRecord('hit', () => ++seen === crashAt)
    const first = rig.supervisor.start(top, 1, { id: 'hit' }).catch(() => undefined)
    const second = await rig.start(top, 1, { id: 'other' })
    expect(await rig.until(second.result()), `crashed at ${crashAt}`).toBe('whole step')
    const hit = await rig.until(first)
    if (hit !== undefined) expect(await rig.until(hit.result()), `crashed at ${crashAt}`).toBe('whole step')
    vi.restoreAllMocks()
    return seen
  }
  const all = await begun(Infinity)
  expect(all).toBeGreaterThan(8)
  for (let crashAt = 1; crashAt <= all; crashAt++) await begun(crashAt)
})
