import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig } from './rig.ts'

const fails = (): never => {
  throw new Error('broken')
}

describe('choose', () => {
  test('takes the first case that holds, else the last', async () => {
    const c = chain<number>('c').choose('size', (choice) =>
      choice
        .when(
          ({ input }) => input > 10,
          (b) => b.step('big', () => 'big'),
        )
        .when(
          ({ input }) => input > 5,
          (b) => b.step('middle', () => 'middle'),
        )
        .otherwise((b) => b.step('small', () => 'small')),
    )
    const rig = await createRig([c])
    const outputs = []
    for (const size of [20, 7, 1]) outputs.push(await rig.until(rig.supervisor.run(c, size)))
    expect(outputs).toEqual(['big', 'middle', 'small'])
  })
})

describe('call, repeat, sleep, fail and returns', () => {
  test('a called chain gets its input, and fails its caller', async () => {
    const leaf = chain<number>('leaf').step('s', ({ input }) => (input > 1 ? fails() : input))
    const c = chain<number>('c').call('leaf', leaf, ({ input }) => input)
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, 1))).toBe(1)
    const run = await rig.start(c, 2)
    expect(await rig.until(run.settled())).toMatchObject({ failures: [{ chain: 'c', step: 'leaf' }] })
  })

  test('a repeat goes round until it has enough, and fails after its last round', async () => {
    const c = chain<number>('c').repeat('loop', (b) => b.step('s', ({ idempotencyKey }) => idempotencyKey), {
      until: ({ round, input }) => round === input,
      max: 3,
    })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, 2, { id: 'r' }))).toBe('r/c/s/#2')
    const run = await rig.start(c, 9)
    expect(await rig.until(run.settled())).toMatchObject({ failures: [{ failure: { kind: 'exhausted' } }] })
  })

  test('a fallback counts its attempts anew in each round', async () => {
    const c = chain('c').repeat('loop', (b) => b.step('s', fails, { fallback: () => 'ok' }), {
      until: ({ round }) => round === 2,
    })
    const rig = await createRig([c])
    await rig.until(rig.supervisor.run(c))
    expect(rig.told('attempt.started').filter((line) => line.includes('fallback'))).toEqual([
      'attempt.started c/s:fallback/#1 1',
      'attempt.started c/s:fallback/#2 1',
    ])
  })

  test('a sleep ends at its time, also across a crash', async () => {
    const c = chain('c')
      .sleep('nap', '1h')
      .step('s', ({ now }) => now())
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance('30m')
    await rig.crash()
    await rig.advance('29m')
    expect(rig.told('timer')).toEqual([])
    expect(await rig.until((await rig.supervisor.get(run.id))!.result())).toBe(1_000_000 + 3_600_000)
  })

  test('fail ends the chain with its reason, and returns says what it gives', async () => {
    const bad = chain<number>('bad').fail(({ input }) => `${input} is too much`)
    const good = chain('good')
      .step('a', () => 1)
      .step('b', () => 2)
      .returns(({ steps }) => steps.a + steps.b)
    const rig = await createRig([bad, good])
    const run = await rig.start(bad, 7)
    expect(await rig.until(run.settled())).toMatchObject({
      failures: [{ step: 'fail', failure: { kind: 'failed', message: '7 is too much' } }],
    })
    expect(await rig.until(rig.supervisor.run(good))).toBe(3)
  })
})
