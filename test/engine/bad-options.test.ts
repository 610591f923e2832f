// What callers may give wrong: each is refused with a code and a cure, and nothing has begun.

import { describe, expect, test } from 'vitest'
import { chain, createSupervisor, type SupervisorOptions } from '../../src/index.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

const one = chain('one').step('s', () => 1)

describe('a supervisor', () => {
  test('is not made of options that make no sense', async () => {
    for (const [given, cure] of [
      [undefined, /chains is no list/],
      [{}, /chains is no list/],
      [{ chains: 5 }, /chains is no list/],
      [{ chains: [one], store: 3 }, /store is neither a file name nor a store/],
      [{ chains: [one], store: null }, /store is neither a file name nor a store/],
      [{ chains: [one], concurrency: 0 }, /concurrency is 0: give a whole number from 1/],
      [
        { chains: [one], maxPayload: Number.NaN, lostAttempts: 'x' },
        /maxPayload is NaN.*lostAttempts is "x"/,
      ],
      [{ chains: [one], actors: { most: 0, redact: 1 } }, /most of actors[^]*redact of actors is a function/],
      [{ chains: [one], analyze: 'auto' }, /analyze/],
      [{ chains: [one], analyze: { policies: 'auto' } }, /did you mean policy/],
      [{ chains: [one], analyze: { policy: 'yes' } }, /policy of analyze is 'off', 'ask' or 'auto'/],
      [{ chains: [one], analyze: { policy: { quarantaine: 'ask' } } }, /did you mean quarantine/],
      [
        { chains: [one], analyze: { policy: { unblock: 'yes' } } },
        /policy of analyze for unblock is 'off', 'ask' or 'auto'/,
      ],
      [
        {
          chains: [one],
          analyze: { policy: 1, every: 'x', rest: -1 },
          reflect: { policy: 1, every: 'x', rest: NaN },
        },
        /policy of analyze[^]*every of analyze[^]*rest of analyze[^]*every of reflect[^]*rest of reflect[^]*policy of reflect/,
      ],
      [{ chains: [one], clock: {} }, /clock has the functions now/],
      [{ chains: [one], actors: { moist: 1 } }, /did you mean most/],
      [
        { chains: [one], logger: 3, inspect: 4 },
        /inspect is a function, or an observer with next; logger has the functions/,
      ],
    ] as const) {
      const made = createSupervisor(given as unknown as SupervisorOptions)
      await expect(made, JSON.stringify(given)).rejects.toMatchObject({
        code: 'BAD_OPTION',
        message: expect.stringMatching(cure) as string,
      })
    }
  })

  test('is made or refused with a code, whatever any option is', async () => {
    const throws = (): never => {
      throw new Error('not to be read')
    }
    const trap = {
      get: throws,
      ownKeys: throws,
      has: throws,
      apply: throws,
      getOwnPropertyDescriptor: throws,
    }
    const values: readonly unknown[] = [
      null,
      Number.NaN,
      '',
      -1,
      Number.POSITIVE_INFINITY,
      [],
      [1],
      10n,
      Symbol('x'),
      'x'.repeat(65_536),
      Object.create(null),
      new Proxy({}, trap),
      new Proxy(() => {}, trap),
    ]
    const names = [
      'concurrency maxPayload lostAttempts maxMemos poison hibernateAfter strategy intensity period role stopOn',
      'recover schedules retryBudget logger inspect telemetry clock actors actors.most actors.redact actors.x',
      'analyze analyze.policy analyze.every analyze.check analyze.hold analyze.rest analyze.x analyze.policy.unblock',
      'reflect reflect.policy reflect.every reflect.rest reflect.suggest reflect.x',
    ].flatMap((line) => line.split(' '))
    const refused: string[] = []
    for (const name of names)
      for (const value of values) {
        const options = name.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value)
        const clock = createVirtualClock()
        try {
          const given = { chains: [one], clock, ...(options as object) } as never
          const made = await supervise(createMemoryStore(), given)
          const end = made.stop({ drain: 0 })
          await clock.advance(1)
          await end
        } catch (error) {
          expect((error as { code?: unknown }).code, `${name}: ${String(error)}`).toMatch(/^[A-Z_]+$/)
          expect(String(error).length).toBeLessThan(1_000)
          refused.push(name)
        }
      }
    expect(new Set(refused)).toEqual(new Set(names))
  })

  test('answers no query that makes no sense', async () => {
    const supervisor = await createSupervisor({ chains: [one] })
    for (const query of [
      null,
      { limit: Number.NaN },
      { limit: -1 },
      { attributes: { a: {} } },
      { status: 'running' },
    ]) {
      await expect(supervisor.list(query as never)).rejects.toMatchObject({ code: 'BAD_OPTION' })
    }
    await expect(supervisor.get(undefined as never)).rejects.toMatchObject({ code: 'BAD_OPTION' })
    await supervisor.stop()
  })

  test('refuses an input that cannot be read', async () => {
    const takes = chain<unknown>('takes').step('s', () => 1)
    const supervisor = await createSupervisor({ chains: [takes] })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    await expect(supervisor.run(takes, proxy)).rejects.toMatchObject({ code: 'PAYLOAD_NOT_SERIALISABLE' })
    await supervisor.stop()
  })
})

test('a run that cannot be read keeps no other from going on', async () => {
  const contents = createMemoryContents()
  const clock = createVirtualClock()
  const nap = chain('nap')
    .sleep('rest', '1s')
    .step('s', () => 'up')
  const first = await supervise(createMemoryStore(contents), { chains: [nap], clock, hibernateAfter: '1h' })
  const starts = [first.start(nap, undefined, { id: 'broken' }), first.start(nap, undefined, { id: 'whole' })]
  await clock.settle()
  await Promise.all(starts)
  const stopped = first.stop({ drain: 0 })
  await clock.advance(1)
  await stopped
  const row = contents.journal.find(({ run, type }) => run === 'broken' && type === 'decision.made')
  Object.assign(row ?? {}, { body: '{' })

  const told: string[] = []
  const logger = {
    info: () => {},
    warn: () => {},
    error: (_: object, message: string) => void told.push(message),
  }
  const next = await supervise(createMemoryStore(contents), { chains: [nap], clock, logger })
  const whole = (await next.get('whole'))!.result()
  await clock.advance('1m')
  expect(await whole).toBe('up')
  expect(told[0]).toContain('run broken cannot be read')
  const end = next.stop()
  await clock.advance('10s')
  await end
})
