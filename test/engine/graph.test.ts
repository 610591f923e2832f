import { describe, expect, test } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { optional, orderOnly, withInput } from '../../src/chain/edge.ts'
import type { TriggerRule } from '../../machines/trigger-rules.ts'
import { createRig } from './rig.ts'

const ok = (id: string) => chain(id).step('s', () => id)
const bad = (id: string) =>
  chain(id).step('s', async () => {
    throw new Error(`${id} broke`)
  })
const skipped = (id: string) =>
  chain(id)
    .needs({ x: ok(`${id}0`) }, { when: 'all_failed' })
    .step('s', () => id)

/** How a chain ends that needs these under this rule. */
async function under(when: TriggerRule, upstreams: readonly AnyChain<undefined>[]): Promise<string> {
  const needs = Object.fromEntries(upstreams.map((one) => [one.id, one]))
  const judged = chain('judged')
    .needs(needs, { when })
    .step('s', () => 1)
  const rig = await createRig([judged])
  const run = await rig.start(judged)
  await rig.until(run.settled())
  const end = rig.events().find((event) => event.type === 'chain.ended' && event.chain === 'judged')
  return end !== undefined && 'status' in end ? end.status : 'none'
}

describe('needs', () => {
  test('carry outputs, and run an upstream once for all who need it', async () => {
    const a = ok('a')
    const b = chain('b')
      .needs({ a })
      .step('s', ({ needs }) => `${needs.a}b`)
    const c = chain('c')
      .needs({ a, b })
      .step('s', ({ needs }) => `${needs.a}${needs.b}c`)
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toBe('aabc')
    expect(rig.told('chain.started')).toEqual(['chain.started a', 'chain.started b', 'chain.started c'])
  })

  test('with another input run the same chain again', async () => {
    const double = chain<number>('double').step('s', ({ input }) => input * 2)
    const c = chain<number>('c')
      .needs({ one: double, ten: withInput(double, (n: number) => n * 10) })
      .step('s', ({ needs }) => [needs.one, needs.ten])
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, 3))).toEqual([6, 60])
  })

  test('that are optional or only order wait, and never block', async () => {
    const c = chain('c')
      .needs({ a: optional(bad('a')), b: orderOnly(bad('b')) })
      .step('s', ({ needs }) => Object.keys(needs as object))
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toEqual(['a'])
    expect(rig.told('chain').at(-1)).toBe('chain.ended c succeeded')
  })

  test('several targets give their outputs by chain', async () => {
    const [a, b] = [ok('a'), ok('b')]
    const rig = await createRig([a, b])
    const run = await rig.start([a, b])
    expect(await rig.until(run.result())).toEqual({ a: 'a', b: 'b' })
  })
})

describe('trigger rules', () => {
  const cases: readonly [TriggerRule, readonly AnyChain<undefined>[], string][] = [
    ['all_success', [ok('a'), ok('b')], 'succeeded'],
    ['all_success', [ok('a'), bad('b')], 'upstream_failed'],
    ['all_success', [ok('a'), skipped('b')], 'skipped'],
    ['all_failed', [bad('a'), bad('b')], 'succeeded'],
    ['all_failed', [ok('a'), bad('b')], 'skipped'],
    ['all_done', [ok('a'), bad('b')], 'succeeded'],
    ['always', [ok('a')], 'succeeded'],
    ['one_success', [bad('a'), ok('b')], 'succeeded'],
    ['one_success', [bad('a'), bad('b')], 'upstream_failed'],
    ['one_failed', [ok('a'), bad('b')], 'succeeded'],
    ['one_failed', [ok('a')], 'skipped'],
    ['one_done', [skipped('a'), ok('b')], 'succeeded'],
    ['none_failed', [ok('a'), skipped('b')], 'succeeded'],
    ['none_failed', [ok('a'), bad('b')], 'upstream_failed'],
    ['none_failed_min_one_success', [skipped('a')], 'skipped'],
    ['none_skipped', [ok('a'), bad('b')], 'succeeded'],
    ['none_skipped', [ok('a'), skipped('b')], 'skipped'],
    ['all_skipped', [skipped('a')], 'succeeded'],
    ['all_done_min_one_success', [ok('a'), bad('b')], 'succeeded'],
    ['all_done_min_one_success', [bad('a')], 'upstream_failed'],
  ]
  for (const [index, [rule, upstreams, end]] of cases.entries()) {
    const names = upstreams.map(({ id }) => id).join(' and ')
    test(`${rule} over ${names} number ${index} ends ${end}`, async () => {
      expect(await under(rule, upstreams)).toBe(end)
    })
  }

  test('read settled upstreams, with their failures', async () => {
    const c = chain('c')
      .needs({ a: bad('a'), b: ok('b') }, { when: 'all_done' })
      .step('s', ({ needs }) => needs)
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c))).toMatchObject({
      a: { status: 'failed', failure: { message: 'a broke' } },
      b: { status: 'succeeded', output: 'b' },
    })
  })

  test('an upstream that nobody needs after a verdict is cancelled', async () => {
    const slow = chain('slow').sleep('nap', '1h')
    const c = chain('c')
      .needs({ slow, b: bad('b') })
      .step('s', () => 1)
    const rig = await createRig([c])
    const run = await rig.start(c)
    await rig.until(run.settled())
    expect(rig.told('chain.ended')).toEqual([
      'chain.ended b failed',
      'chain.ended c upstream_failed',
      'chain.ended slow cancelled',
    ])
    expect(rig.now()).toBe(1_000_000)
  })
})

describe('failures', () => {
  test('are told with every root, and all that each blocked', async () => {
    const [a, b] = [bad('a'), bad('b')]
    const c = chain('c')
      .needs({ a })
      .step('s', () => 1)
    const d = chain('d')
      .needs({ c })
      .step('s', () => 1)
    const e = chain('e')
      .needs({ b })
      .step('s', () => 1)
    const rig = await createRig([d, e])
    const run = await rig.start([d, e])
    const result = await rig.until(run.settled())
    expect(result).toMatchObject({
      status: 'failed',
      failures: [
        { chain: 'b', step: 's', failure: { message: 'b broke' }, blocked: ['e'] },
        { chain: 'a', step: 's', failure: { message: 'a broke' }, blocked: ['c', 'd'] },
      ],
    })
  })

  test('do not undo what was done, nor stop a run whose target takes them', async () => {
    const report = chain('report')
      .needs({ a: bad('a') }, { when: 'all_done' })
      .step('s', ({ needs }) => needs.a.status)
    const rig = await createRig([report])
    expect(await rig.until(rig.supervisor.run(report))).toBe('failed')
  })
})

describe('follows', () => {
  test('join every run that holds their upstreams, and do not decide how it ends', async () => {
    const a = bad('a')
    const alert = chain('alert')
      .follows({ a }, { when: 'one_failed' })
      .step('tell', () => 'told')
    const rig = await createRig([a, alert])
    const run = await rig.start(a)
    expect((await rig.until(run.settled())).status).toBe('failed')
    expect(rig.told('chain.ended')).toEqual(['chain.ended a failed', 'chain.ended alert succeeded'])
  })

  test('are skipped where nothing went wrong', async () => {
    const a = ok('a')
    const alert = chain('alert')
      .follows({ a }, { when: 'one_failed' })
      .step('tell', () => 'told')
    const rig = await createRig([a, alert])
    expect(await rig.until(rig.supervisor.run(a))).toBe('a')
    expect(rig.told('chain.ended')).toContain('chain.ended alert skipped')
  })

  test('an upstream whose derived input is nothing gets nothing, not the run’s', async () => {
    const up = chain<string | undefined>('up').step('tell', ({ input }) => input ?? 'nothing')
    const down = chain<string>('down')
      .needs({ up: withInput(up, () => undefined) })
      .step('read', ({ needs, input }) => `${needs.up} for ${input}`)
    const rig = await createRig([down])
    expect(await rig.until(rig.supervisor.run(down, 'you'))).toBe('nothing for you')
  })
})
