import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { chain } from '../../src/chain/create-chain.ts'
import { NonRetryable, RetryAfter } from '../../src/kernel/failure.ts'
import { createRig } from './rig.ts'

const flaky = (failures: number) => {
  const calls: number[] = []
  const body = ({ attempt }: { readonly attempt: number }): string => {
    calls.push(attempt)
    if (calls.length <= failures) throw new Error(`failure ${calls.length}`)
    return 'done'
  }
  return { calls, body }
}

describe('steps', () => {
  test('run in order, each commit holding an outcome and the next start', async () => {
    const greet = chain<string>('greet')
      .step('hello', ({ input }) => `hello ${input}`)
      .step('shout', ({ steps }) => `${steps.hello}!`)
    const rig = await createRig([greet])
    expect(await rig.until(rig.supervisor.run(greet, 'you'))).toBe('hello you!')
    expect(rig.told()).toEqual([
      'run.accepted',
      'chain.started greet',
      'attempt.started greet/hello 1',
      'attempt.succeeded greet/hello 1',
      'attempt.started greet/shout 1',
      'attempt.succeeded greet/shout 1',
      'chain.ended greet succeeded',
      'run.ended succeeded',
    ])
  })

  test('are tried again, each after its backoff', async () => {
    const { calls, body } = flaky(2)
    const c = chain('c').step('s', body, { attempts: 3, backoff: { initial: 100, jitter: 'none' } })
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance(99)
    expect(calls).toEqual([1])
    await rig.advance(1)
    expect(calls).toEqual([1, 2])
    await rig.advance(199)
    expect(calls).toEqual([1, 2])
    expect(await rig.until(run.result())).toBe('done')
    expect(rig.now()).toBe(1_000_000 + 300)
  })

  test('fail with their last failure when all attempts are spent', async () => {
    const c = chain('c').step('s', flaky(9).body, { attempts: 2 })
    const rig = await createRig([c])
    const run = await rig.start(c)
    const result = await rig.until(run.settled())
    expect(result).toMatchObject({
      status: 'failed',
      failures: [{ chain: 'c', step: 's', failure: { kind: 'thrown', message: 'failure 2' }, blocked: [] }],
    })
  })

  test('are not tried again after NonRetryable, nor where the predicate says no', async () => {
    const tell: string[] = []
    const never = (name: string, error: Error) => () => {
      tell.push(name)
      throw error
    }
    const a = chain('a').step('s', never('a', new NonRetryable('no')), { attempts: 5 })
    const b = chain('b').step('s', never('b', new TypeError('bug')), {
      attempts: 5,
      backoff: { when: ({ name }) => name !== 'TypeError' },
    })
    const rig = await createRig([a, b])
    for (const one of [a, b]) {
      const run = await rig.start(one)
      expect((await rig.until(run.settled())).status).toBe('failed')
    }
    expect(tell).toEqual(['a', 'b'])
  })

  test('wait as long as RetryAfter asks, whatever the backoff says', async () => {
    let tries = 0
    const c = chain('c').step(
      's',
      () => {
        if (++tries === 1) throw new RetryAfter(7_000)
        return tries
      },
      { attempts: 2, backoff: { initial: 1, jitter: 'none' } },
    )
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toBe(2)
    expect(rig.now()).toBe(1_000_000 + 7_000)
  })

  test('time out with their signal aborted; what they do later is recorded apart', async () => {
    const aborted: boolean[] = []
    const c = chain('c').step(
      's',
      async ({ attempt, signal }) => {
        if (attempt === 2) return 'second'
        await new Promise<void>((resolve) => void rig.clock.at(rig.clock.now() + 3_000, resolve))
        aborted.push(signal.aborted)
        return 'too late'
      },
      { attempts: 2, timeout: '1s', backoff: { initial: 5_000, jitter: 'none' } },
    )
    const rig = await createRig([c], { hibernateAfter: '1m' })
    expect(await rig.until(rig.supervisor.run(c))).toBe('second')
    expect(aborted).toEqual([true])
    expect(rig.told('attempt')).toEqual([
      'attempt.started c/s 1',
      'attempt.failed c/s 1',
      'attempt.settled-late c/s 1',
      'attempt.started c/s 2',
      'attempt.succeeded c/s 2',
    ])
  })

  test('fall back when all attempts are spent', async () => {
    const c = chain<number>('c')
      .step('s', flaky(9).body, { attempts: 2, fallback: ({ input }) => `instead of ${input}` })
      .step('t', ({ steps }) => steps.s)
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, 3))).toBe('instead of 3')
    expect(rig.told('attempt.started')).toContain('attempt.started c/s:fallback 1')
  })

  test('give a fallback the time of an attempt: one that hangs has failed, and the step with it', async () => {
    const c = chain('c').step('s', flaky(9).body, {
      attempts: 2,
      timeout: '5s',
      fallback: () => new Promise<string>(() => {}),
    })
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance('4s')
    expect(rig.told('run.ended')).toEqual([])
    await rig.advance('1h')
    expect(rig.told('attempt.failed').at(-1)).toBe('attempt.failed c/s:fallback 1')
    expect(await rig.until(run.settled())).toMatchObject({
      failures: [{ step: 's', failure: { kind: 'timeout' } }],
    })
  })

  test('may not return what JSON cannot carry: the failure names the path', async () => {
    const c = chain('c').step('s', () => ({ rows: [1, { socket: () => {} }] }), { attempts: 3 })
    const rig = await createRig([c])
    const run = await rig.start(c)
    const result = await rig.until(run.settled())
    const [root] = result.status === 'failed' ? result.failures : []
    expect(root?.failure).toMatchObject({ kind: 'rejected', code: 'PAYLOAD_NOT_SERIALISABLE' })
    expect(root?.failure.message).toContain('output of step "s" of chain "c": rows[1].socket is a function')
    expect(rig.told('attempt.started')).toHaveLength(1)
  })

  test('may not return more than maxPayload', async () => {
    const c = chain('c').step('s', () => 'x'.repeat(200))
    const rig = await createRig([c], { maxPayload: 100 })
    const run = await rig.start(c)
    const result = await rig.until(run.settled())
    expect(result).toMatchObject({ failures: [{ failure: { kind: 'rejected', code: 'PAYLOAD_TOO_LARGE' } }] })
  })

  test('return what their output schema makes of it, or are refused by it', async () => {
    const good = chain('good').step('s', () => 5, { output: z.number().transform((n) => n + 1) })
    const bad = chain('bad').step('s', () => ({ n: 'five' }) as never, {
      output: z.object({ n: z.number() }),
    })
    const rig = await createRig([good, bad])
    expect(await rig.until(rig.supervisor.run(good))).toBe(6)
    const run = await rig.start(bad)
    const result = await rig.until(run.settled())
    expect(result).toMatchObject({ failures: [{ failure: { kind: 'rejected', retryable: false } }] })
    expect(JSON.stringify(result)).toContain('does not fit its schema: n: ')
  })

  test('an attempt and a fallback know how the last attempt failed, and so does each item', async () => {
    const tells = chain('tells')
      .step(
        'one',
        ({ attempt, lastFailure }) => {
          throw new Error(`${attempt} after ${lastFailure?.message ?? 'nothing'}`)
        },
        { attempts: 2, fallback: ({ lastFailure }) => `fell back: ${lastFailure?.message}` },
      )
      .each(
        'items',
        () => ['a', 'b'],
        (item, { attempt, lastFailure }) => {
          if (item === 'b' && attempt === 1) throw new Error('b broke')
          return `${item}: ${lastFailure?.message ?? 'fine'}`
        },
        { attempts: 2 },
      )
      .returns(({ steps }) => [steps.one, ...steps.items])
    const rig = await createRig([tells])
    expect(await rig.until(rig.supervisor.run(tells))).toEqual([
      'fell back: 2 after 1 after nothing',
      'a: fine',
      'b: b broke',
    ])
  })
})

test('a promise of the author that throws where it is listened to fails its step and nothing else', async () => {
  const lazy = {
    // oxlint-disable-next-line unicorn/no-thenable
    then() {
      throw new Error('no connection')
    },
  }
  const c = chain('c').step('query', () => lazy as unknown as Promise<number>)
  const rig = await createRig([c])
  const run = await rig.start(c)
  expect(await rig.until(run.settled())).toMatchObject({
    status: 'failed',
    failures: [{ step: 'query', failure: { message: 'no connection' } }],
  })
  expect(rig.supervisor.state).toBe('running')
})
