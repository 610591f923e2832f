// Pause and resume of a run: attempts in flight end, none starts until it is resumed.

import { describe, expect, test } from 'vitest'
import { breaker, chain, createSupervisor, limiter } from '../../src/index.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import type { Run } from '../../src/engine/runs/run.ts'
import { type Rig, createRig } from './rig.ts'

test('a step that a pause held back passes its limiter and its breaker when the run goes on, in the same process', async () => {
  const api = limiter('api', { inFlight: 1 })
  const bank = breaker('bank')
  let end = (): void => {}
  const c = chain<{ region: string }>('c').parallel('both', {
    // keeps the run in memory
    busy: (b) => b.step('long', async () => new Promise<void>((resolve) => void (end = resolve))),
    guarded: (b) =>
      b.wait('go').step('s', () => 'done', {
        limit: { by: api, key: ({ input }) => input.region },
        breaker: { by: bank, key: ({ input }) => input.region },
      }),
  })
  const rig = await createRig([c])
  const run = await rig.start(c, { region: 'eu' })
  await rig.until(run.pause())
  await rig.until(run.signal('go'))
  const told = (): readonly string[] => rig.told('attempt.').filter((line) => line.includes('c/s '))
  expect(told()).toEqual(['attempt.queued c/s 1'])
  await rig.until(run.resume())
  await rig.advance()
  expect(told()).toEqual([
    'attempt.queued c/s 1',
    'attempt.queued c/s 1',
    'attempt.started c/s 1',
    'attempt.succeeded c/s 1',
  ])
  end()
  expect(await rig.until(run.result())).toEqual({ busy: undefined, guarded: 'done' })
})

test('a step that a pause held back runs after the resume, also where every slot is free', async () => {
  const clock = createVirtualClock()
  let finish = (): void => {}
  const two = chain('two')
    .step('first', async () => new Promise<void>((resolve) => (finish = resolve)))
    .step('second', () => 'done')
  const supervisor = await createSupervisor({ chains: [two], clock })
  const run = await supervisor.start(two)
  await clock.settle()
  await run.pause()
  finish()
  await clock.settle()
  expect(await run.status()).toBe('paused')
  await run.resume()
  await clock.settle()
  expect(await run.status()).toBe('succeeded')
  expect(await run.result()).toBe('done')
})

test('a slot that comes to a run which was paused while it waited goes to the next in line', async () => {
  const ends: (() => void)[] = []
  const wait = async (): Promise<void> => new Promise<void>((resolve) => void ends.push(resolve))
  const slow = chain('slow').step('s', wait)
  // one of its steps is at work, and so it stays in memory
  const two = chain('two').parallel('both', { a: (b) => b.step('x', wait), b: (b) => b.step('y', wait) })
  const rig = await createRig([slow, two], { concurrency: 2 })
  const first = await rig.start(slow)
  const paused = await rig.start(two)
  await rig.until(paused.pause())
  ends[0]?.()
  expect((await rig.until(first.settled())).status).toBe('succeeded')
  const last = await rig.start(slow)
  await rig.advance('1s')
  expect(rig.told('attempt.started')).toEqual([
    'attempt.started slow/s 1',
    'attempt.started two/x 1',
    'attempt.started slow/s 1',
  ])
  ends[2]?.()
  expect((await rig.until(last.settled())).status).toBe('succeeded')
})

describe('a deadline that passes while its step waits in line, and its run is paused', () => {
  const next = chain('next').step('s', () => 'done')

  interface Paused {
    readonly rig: Rig
    readonly run: Run
    readonly told: () => readonly string[]
    readonly finish: () => void
  }

  /** @param holds whether the run stays in memory. */
  const paused = async (holds: boolean): Promise<Paused> => {
    let finish = (): void => {}
    const hold = async (): Promise<void> => new Promise((resolve) => (finish = resolve))
    const busy = chain('busy').step('hold', hold)
    const late = { deadline: '10s', fallback: () => 'too late' } as const
    const c = holds
      ? chain('c').parallel('both', {
          hold: (b) => b.step('hold', hold),
          late: (b) => b.step('s', () => 'done', late),
        })
      : chain('c').step('s', () => 'done', late)
    const rig = await createRig([busy, c, next], { concurrency: 1 })
    if (!holds) await rig.start(busy)
    const run = await rig.start(c)
    await rig.until(run.pause())
    await rig.advance('1m')
    return {
      rig,
      run,
      told: () => rig.told('attempt.').filter((line) => line.includes('c/s ')),
      finish: () => finish(),
    }
  }

  for (const [where, holds] of [
    ['in memory', true],
    ['out of memory', false],
  ] as const) {
    test(`fails the step once the run goes on, and not before: ${where}`, async () => {
      const { rig, run, told } = await paused(holds)
      expect(told()).toEqual(['attempt.queued c/s 1'])
      await rig.until(run.resume())
      await rig.advance()
      expect(told()).toEqual(['attempt.queued c/s 1', 'attempt.started c/s 1', 'attempt.failed c/s 1'])
      const failed = rig.events().find(({ type }) => type === 'attempt.failed')
      expect(failed).toMatchObject({ at: 1_060_000, failure: { kind: 'deadline' } })
    })
  }

  test('leaves its place in the line to others', async () => {
    const { rig, run, told, finish } = await paused(true)
    finish()
    expect(await rig.until(rig.supervisor.run(next))).toBe('done')
    await rig.until(run.cancel())
    expect(told()).toEqual(['attempt.queued c/s 1'])
    expect(await rig.until(run.status())).toBe('cancelled')
    expect(await rig.until(rig.supervisor.run(next))).toBe('done')
  })
})
