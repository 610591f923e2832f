// What authors hand over and answer may be odd: it fails what it belongs to, and nothing else.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { breaker } from '../../src/chain/breaker.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { withInput } from '../../src/chain/edge.ts'
import { createRig } from './rig.ts'

const schema = (validate: () => unknown): StandardSchemaV1<unknown, number> => ({
  '~standard': { version: 1, vendor: 'test', validate: validate as () => { value: number } },
})

describe('a schema that answers later with what is no result', () => {
  const nothing = schema(async () => undefined)

  test('fails the attempt', async () => {
    const c = chain('c').step('s', () => 1, { output: nothing })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.settled(c))).toMatchObject({ status: 'failed' })
  })

  test('refuses the input', async () => {
    const c = chain('c', { input: nothing }).step('s', () => 1)
    const rig = await createRig([c])
    await expect(rig.until(rig.supervisor.run(c, 1))).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  test('refuses the signal', async () => {
    const c = chain('c').wait('w', nothing)
    const rig = await createRig([c])
    const run = await rig.start(c)
    await expect(rig.until(run.signal('w', 1))).rejects.toMatchObject({ code: 'SIGNAL_INVALID' })
    expect(await run.status()).not.toBe('failed')
  })
})

test('a logger that throws does not fail the step that speaks to it', async () => {
  const c = chain('c').step('s', ({ log }) => {
    log.info('here')
    return 'done'
  })
  const broken = (): never => {
    throw new Error('no disk for logs')
  }
  const rig = await createRig([c], { logger: { info: broken, warn: broken, error: broken } })
  expect(await rig.until(rig.supervisor.run(c))).toBe('done')
})

describe('an answer that is asked for at once, and is a promise that rejects,', () => {
  const later: () => never = (async () => Promise.reject(new Error('later'))) as never
  const fails = (): never => {
    throw new Error('broken')
  }
  const one = chain('one').step('s', () => 1)
  const chains: readonly (readonly [string, AnyChain, string])[] = [
    [
      'a guard',
      chain('c').choose('x', (x) => x.when(later, (b) => b.step('s', () => 1)).otherwise((b) => b)),
      'guard 1 of choose "x"',
    ],
    [
      'until',
      chain('c').repeat('x', (b) => b.step('s', () => 1), { until: later, max: 2 }),
      'until of repeat "x"',
    ],
    ['the items', chain('c').each('x', later, () => 1), 'items of each "x"'],
    [
      'a key',
      chain('c').each(
        'x',
        () => [1],
        () => 1,
        { key: later },
      ),
      'key of each "x"',
    ],
    ['the time to wake at', chain('c').sleep('x', later), 'until of sleep "x"'],
    [
      'the word of a backoff',
      chain('c').step('x', fails, { attempts: 2, backoff: { when: later } }),
      'when of the backoff',
    ],
    [
      'the key of a concurrency group',
      chain('c', { concurrency: { key: later, limit: 1 } }).step('x', () => 1),
      'the concurrency key of chain "c"',
    ],
    [
      'a trigger rule',
      chain('c')
        .needs({ one }, { when: later })
        .step('x', () => 1),
      'when of chain "c"',
    ],
  ]
  const watchUnhandled = (): unknown[] => {
    const caught: unknown[] = []
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    const keep = (error: unknown): void => void caught.push(error)
    process.on('unhandledRejection', keep)
    onTestFinished(() => {
      process.removeListener('unhandledRejection', keep)
      for (const other of others) process.on('unhandledRejection', other)
    })
    return caught
  }
  const rejectionsTold = async (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve)
    })

  test.each(chains)('fails its run, and ends no process: %s', async (_, c, whose) => {
    const unhandled = watchUnhandled()
    const rig = await createRig([c])
    const run = await rig.start(c)
    const result = await rig.until(run.settled())
    expect(result).toMatchObject({
      status: 'failed',
      failures: [{ failure: { code: 'DECISION_ASYNC', message: expect.stringContaining(whose) as string } }],
    })
    await rejectionsTold()
    expect(unhandled).toEqual([])
  })

  test('refuses a start, where it is the input of what is needed', async () => {
    const unhandled = watchUnhandled()
    const c = chain('c')
      .needs({ one: withInput(one, later) })
      .step('x', () => 1)
    const rig = await createRig([c])
    await expect(rig.start(c)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await rejectionsTold()
    expect(unhandled).toEqual([])
  })

  test('is nothing that a breaker counts by', async () => {
    const unhandled = watchUnhandled()
    const by = breaker('b', { window: 2, minimum: 2, counts: later })
    const c = chain('c').step('x', fails, { attempts: 3, breaker: by, backoff: { initial: 1 } })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.settled(c))).toMatchObject({ status: 'failed' })
    expect(rig.told('breaker')).toEqual(['breaker.opened'])
    await rejectionsTold()
    expect(unhandled).toEqual([])
  })
})

describe('a word on whether to try again that throws', () => {
  const fails = (): never => {
    throw new Error('broken')
  }
  const bug = (): never => {
    throw new Error('bug')
  }
  const backoff = { when: bug }

  test('fails the item of an each, and the run crashes not', async () => {
    const c = chain('c').each('x', () => ['a', 'b'], fails, { attempts: 3, backoff, onFailure: 'collect' })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toMatchObject([
      { status: 'failed', failure: { message: 'broken' } },
      { status: 'failed', failure: { message: 'broken' } },
    ])
  })

  test('is the end of a compensation: the run needs attention, and says what could not be undone', async () => {
    const c = chain('c')
      .step('x', () => 1, { compensate: { run: fails, backoff } })
      .fail('no')
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.settled(c))).toMatchObject({
      status: 'needs-attention',
      detail: 'step "x" of chain "c" could not be undone: broken',
    })
  })
})

test('a key of an item that is no text fails the each, but for a number, which is taken for one', async () => {
  const keyed = (id: string, key: () => unknown): AnyChain =>
    chain(id).each(
      'x',
      () => ['only'],
      (_, { idempotencyKey }) => idempotencyKey,
      { key: key as () => string },
    )
  const number = keyed('number', () => 7)
  const object = keyed('object', () => ({}))
  const rig = await createRig([number, object])
  const run = await rig.start(number, undefined, { id: 'r' })
  expect(await rig.until(run.result())).toEqual(['r/number/x/7'])
  expect(await rig.until((await rig.start(object)).settled())).toMatchObject({
    status: 'failed',
    failures: [{ failure: { code: 'BAD_DEFINITION' } }],
  })
})
