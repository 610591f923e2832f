// The test that a counterexample prints shows the same as the exploration that found it, whatever options that had.

import { expect, test } from 'vitest'
import { chain } from '../../../src/index.ts'
import * as kit from '../../../src/testing.ts'
import { explore } from '../../../src/testing.ts'
import { timelineOf } from './run-code.ts'

const few = { stories: 20, drawn: 0 } as const

test('a counterexample prints the options without which it does not show the same', async () => {
  const all = chain('all').each(
    'send',
    () => [...Array(12).keys()],
    () => 1,
  )
  const unqueued = ({ timeline }: kit.Seen): boolean => !timeline.includes('waits for slot')
  const crowded = await explore(all, { 'nobody waits for a slot': unqueued }, few)
  expect(crowded.counterexample?.code).toContain('harness(all, { hold: true, concurrency: 8 })')
  expect(await timelineOf(crowded, { all })).toBe(crowded.counterexample?.timeline)

  const call = chain('call').step('ask', () => 1, { attempts: 3, backoff: { initial: '1m' } })
  const tries = ({ timeline }: kit.Seen): boolean => !timeline.includes('backs off')
  const late = await explore(call, { 'asked once': tries }, { ...few, seed: 2 })
  expect(late.counterexample?.code).toContain('harness(call, { hold: true, seed: 2 })')
  expect(await timelineOf(late, { call })).toBe(late.counterexample?.timeline)
})

test('a counterexample prints each option that was given', async () => {
  const slow = chain('slow').step('wait', () => 1, { timeout: '1h' })
  const beside = chain('beside').step('x', () => 1)
  const start = { deadline: '30m' } as const
  const hurried = ({ timeline }: kit.Seen): boolean => !timeline.includes('30 min')
  const given = {
    ...few,
    start,
    chains: [beside],
    retryBudget: false as const,
    input: 5n as never,
    logger: undefined as never,
  }
  const found = await explore(slow, { 'in half an hour': hurried }, given)
  expect(found.counterexample?.code).toContain(
    'harness(slow, { hold: true, input, retryBudget: false, start, chains })',
  )
  const names = { slow, start, chains: [beside], input: 5n }
  expect(await timelineOf(found, names)).toBe(found.counterexample?.timeline)
})

test('flaky draws anew in each story and in each harness', async () => {
  const moody = chain('moody').step('ask', () => 1, { attempts: 9 })
  const steps = { ask: kit.flaky(0.5, kit.succeed(1), { seed: 4 }) }
  const told: string[][] = []
  for (let times = 0; times < 2; times++) {
    const timelines: string[] = []
    told.push(timelines)
    const noting = ({ timeline, end }: kit.Seen): boolean => end === undefined || timelines.push(timeline) > 0
    await explore(moody, { noting }, { steps, stories: 12, drawn: 4 })
  }
  expect(told[0]).toEqual(told[1])
  expect(told[0]?.join()).toContain('fails: flaky by seed 4')
  const ended = ({ end }: kit.Seen): boolean => end === undefined
  const found = await explore(moody, { 'never ends': ended }, { ...few, steps })
  expect(await timelineOf(found, { moody, steps })).toBe(found.counterexample?.timeline)
})
