// Every transition of every fragment of a chain's machine is taken by the real engine: the test kit's coverage misses none.

import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { NonRetryable } from '../../src/kernel/failure.ts'
import { coverage, fail, harness, succeed } from '../../src/testing.ts'
import { atlasOf } from '../../src/testing/paths/coverage.ts'
import { drive } from '../testing/paths/drive.ts'

const quick = { initial: '1s', jitter: 'none' } as const
const undo = { compensate: () => {} }

/** Chains in which a path tells all that has to happen. */
const driven: Readonly<Record<string, AnyChain>> = {
  'a step': chain('plain-step').step('a', () => 1),
  'a step that is tried again': chain('retried').step('a', () => 1, { attempts: 2, backoff: quick }),
  'a step with a fallback': chain('with-fallback').step('a', () => 1, {
    attempts: 2,
    backoff: quick,
    fallback: () => 2,
  }),
  'a step with a deadline': chain('with-deadline').step('a', () => 1, {
    attempts: 2,
    backoff: quick,
    deadline: '1h',
  }),
  'a wait': chain('waits').wait('approval', z.string()),
  'a wait that fails in the end': chain('waits-fails').wait('approval', z.string(), { timeout: '1h' }),
  'a wait that goes on in the end': chain('waits-on').wait('approval', z.string(), {
    timeout: '1h',
    onTimeout: 'continue',
  }),
  'a sleep': chain('sleeps').sleep('nap', '1h'),
  'a choice': chain('chooses').choose('way', (c) =>
    c
      .when(
        () => true,
        (b) => b.step('x', () => 1),
      )
      .otherwise((b) => b.step('y', () => 1)),
  ),
  'branches that are cut short': chain('cut').parallel('both', {
    x: (b) => b.step('x1', () => 1),
    y: (b) => b.step('y1', () => 1),
  }),
  'branches that wait for each other': chain('patient').parallel(
    'both',
    { x: (b) => b.step('x1', () => 1), y: (b) => b.step('y1', () => 1) },
    { onFailure: 'wait' },
  ),
  items: chain('items').each(
    'i',
    () => [1],
    (item) => item,
  ),
}

const saga = chain('undone-steps')
  .step('a', () => 1, undo)
  .step('b', () => 1, undo)

/** All ways to its parts, the longest first: they come through the most. */
async function driveAll(one: AnyChain): Promise<void> {
  const { ways } = atlasOf(compile(one.spec))
  const paths = [...ways.values()].filter(({ called }) => !called)
  for (const path of paths.toSorted((a, b) => b.events.length - a.events.length)) {
    const visited = coverage(one).missing.map(({ by }) => by?.join())
    if (visited.includes(path.happens.join())) await (await drive(one, path)).stop()
  }
}

const missing = (one: AnyChain): readonly string[] => coverage(one).missing.map(({ part }) => part)

describe('tests take every transition of', () => {
  test.each(Object.entries(driven))('%s', async (_, one) => {
    await driveAll(one)
    expect(missing(one)).toEqual([])
  })

  test('steps that are undone, by themselves and with who called them', async () => {
    await driveAll(saga)
    const caller = chain('caller')
      .call('sub', saga, () => undefined)
      .step('after', () => 1)
    for (const compensation of ['undone', 'given up'] as const) {
      const t = await harness(caller, { retryBudget: false })
      await (await t.attempt('undone-steps/a')).succeed()
      await (await t.attempt('undone-steps/b')).succeed()
      await (await t.attempt('after')).fail(new NonRetryable('no'))
      const last = await t.attempt('undone-steps/b:compensation')
      if (compensation === 'undone') {
        await last.succeed()
        await (await t.attempt('undone-steps/a:compensation')).succeed()
      } else {
        await last.fail(new NonRetryable('no'))
        await t.cancel()
      }
      await t.stop()
    }
    expect(missing(saga)).toEqual([])
  })

  test('a loop', async () => {
    const loop = chain('loops').repeat('again', (b) => b.step('r', () => 1), { until: () => true, max: 2 })
    await driveAll(loop)
    const t = await harness(loop, { steps: { 'again:until': succeed(false) } })
    await (await t.attempt('r')).succeed()
    await (await t.attempt('r')).succeed()
    expect((await t.end()).status).toBe('failed')
    await t.stop()
    expect(missing(loop)).toEqual([])
  })

  test('a call', async () => {
    const callee = chain('called-once').step('one', () => 1)
    const one = chain('calls').call('other', callee, () => undefined)
    for (const end of ['succeed', 'fail', 'cancel', 'undecided'] as const) {
      const t = await harness(one, { steps: end === 'undecided' ? { 'other:input': fail('no') } : {} })
      if (end === 'succeed') await (await t.attempt('called-once/one')).succeed()
      if (end === 'fail') await (await t.attempt('called-once/one')).fail(new NonRetryable('no'))
      if (end === 'cancel') await t.cancel()
      await t.stop()
    }
    expect(missing(one)).toEqual([])
  })

  test('a failure on purpose', async () => {
    const one = chain('fails')
      .wait('word')
      .fail(() => 'so it is')
    for (const end of ['reason', 'undecided', 'cancel'] as const) {
      const reason = `${one.spec.entries[1]?.name}:reason`
      const t = await harness(one, { steps: end === 'undecided' ? { [reason]: fail('no') } : {} })
      if (end === 'cancel') await t.cancel()
      else await t.signal('word')
      await t.stop()
    }
    expect(missing(one)).toEqual([])
  })
})

test('each machine that is one by itself has a test that walks through all of it', () => {
  const root = dirname(dirname(import.meta.dirname))
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const own = globSync('machines/**/*.ts', { cwd: root }).filter((path) =>
    read(path).includes('createMachine('),
  )
  expect(own.length).toBeGreaterThanOrEqual(7)
  const walked = (path: string): boolean =>
    /missing\(\)\)\.toEqual\(\[\]\)/.test(read(join('test', path.replace(/\.ts$/, '.test.ts'))))
  expect(own.filter((path) => !walked(path))).toEqual([])
})
