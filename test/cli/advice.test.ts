// The commands about what would be better: advice, its patches, apply and dismiss, and compare; on stores of many runs.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { createRig, type Rig } from '../engine/rig.ts'
import { type Place, place } from './spawn.ts'

/** A chain whose step fails for good now and then, and is tried again all the same. */
function futile(rig: () => Rig | undefined, seed = 3): AnyChain {
  const random = createRandom(seed)
  return chain<number>('orders').step(
    'charge',
    async ({ input, attempt }) => {
      await new Promise<void>((resolve) => void rig()?.clock.at(rig()!.now() + 20 + 10 * random(), resolve))
      if (input % 3 === 0) throw Object.assign(new Error('the card expired'), { code: 'ECARD' })
      if (input % 3 === 1 && attempt === 1 && random() < 0.5)
        throw Object.assign(new Error('no line'), { code: 'ELINE' })
      return input
    },
    { attempts: 4, timeout: '1s', backoff: { initial: 200, jitter: 'none' } },
  )
}

async function filled(at: Place, runs: number, timeout?: number): Promise<Rig> {
  let rig: Rig | undefined
  const orders = futile(() => rig)
  rig = await createRig([orders], { file: join(at.folder, 'app.db') })
  if (timeout !== undefined)
    await rig.until(
      rig.supervisor.config.change((draft) => void (draft.steps['orders/charge'] = { timeout })),
    )
  for (let input = 0; input < runs; input++) await rig.until(rig.supervisor.settled(orders, input as never))
  return rig
}

test('report --advice says what would be better, and --patch gives what can be reviewed', async () => {
  const at = place()
  const rig = await filled(at, 300, 900)
  await rig.until(rig.supervisor.stop())
  const { value } = await at.json('report', '--advice', '--store', 'app.db')
  const { suggestions } = value as {
    readonly suggestions: readonly { readonly kind: string; readonly id: string }[]
  }
  const found = suggestions.find(({ kind }) => kind === 'futile-retry')
  expect(found).toMatchObject({ state: 'open', place: { chain: 'orders', step: 'charge' } })
  const { out, code } = await at.run('report', '--advice', '--store', 'app.db')
  expect(code).toBe(0)
  expect(out).toContain(`${found?.id}  futile-retry  open`)
  expect(out).toContain(`catenary apply ${found?.id}`)
  expect(out).toContain('ECARD')
  const patches = JSON.parse(
    (await at.run('report', '--advice', '--patch', '--store', 'app.db')).out,
  ) as object
  expect(patches).toMatchObject({
    overlay: [{ op: 'add', path: '/steps/orders~1charge', value: { timeout: 900 } }],
    suggestions: expect.arrayContaining([
      expect.objectContaining({
        id: found?.id,
        patch: [
          { op: 'test', path: '/version', value: 1 },
          { op: 'add', path: '/steps/orders~1charge/nonRetryable', value: ['ECARD'] },
        ],
      }),
    ]) as unknown,
  })
  expect(await at.run('report', '--patch', '--store', 'app.db')).toMatchObject({ code: 2 })
}, 60_000)

test('a suggestion is left for the executor, which tries it once it is there', async () => {
  const at = place()
  const rig = await filled(at, 300)
  const [found] = await rig.until(rig.supervisor.reflector.suggestions())
  await rig.until(rig.supervisor.stop())
  const left = await at.run('apply', found?.id ?? '', '--store', 'app.db')
  expect(left).toMatchObject({ code: 4, err: expect.stringContaining('left in the inbox') as string })
  expect(await at.run('dismiss', 'another', '--reason', 'no', '--store', 'app.db')).toMatchObject({ code: 4 })
  const second: { rig?: Rig } = {}
  const again = await createRig([futile(() => second.rig)], { file: join(at.folder, 'app.db') })
  second.rig = again
  await again.advance('5s')
  // there was no suggestion "another" to dismiss
  expect(again.told('trial', 'suggestion')).toEqual(['trial.started'])
  const [status] = await again.until(again.supervisor.reflector.trials())
  expect(status).toMatchObject({ suggestion: found?.id, by: 'person', share: 0.1 })
  await again.until(again.supervisor.stop())
}, 60_000)

test('compare says what a change did, lists versions, and refuses sides that it does not know', async () => {
  const at = place()
  const random = createRandom(5)
  let rig: Rig | undefined
  const make = (version: string, base: number): AnyChain =>
    chain('build', { version }).step('compile', async () => {
      await new Promise<void>((resolve) => void rig?.clock.at(rig.now() + base + 30 * random(), resolve))
    })
  const [old, fresh] = [make('1', 100), make('2', 200)]
  rig = await createRig([old], { file: join(at.folder, 'app.db') })
  for (let run = 0; run < 70; run++) await rig.until(rig.supervisor.settled(old, undefined as never))
  const between = rig.now()
  await rig.crash([fresh])
  for (let run = 0; run < 70; run++) await rig.until(rig.supervisor.settled(fresh, undefined as never))
  await rig.until(rig.supervisor.stop())
  const { value } = await at.json('compare', '--store', 'app.db')
  const versions = value as readonly { readonly version: string; readonly n: number }[]
  expect(versions).toMatchObject([
    { chain: 'build', n: 70 },
    { chain: 'build', n: 70 },
  ])
  const [first = '', second = ''] = versions.map(({ version }) => version)
  const slower = await at.run('compare', first.slice(0, 6), second, '--store', 'app.db')
  expect(slower.code).toBe(1)
  expect(slower.out).toMatch(/^build: slower/)
  expect(slower.out).toMatch(/duration {2}\+\d+\.\d % \(/)
  expect(slower.out).toContain('the two are of different times')
  const time = new Date(between).toISOString()
  const { value: byTime } = await at.json('compare', `..${time}`, `${time}..`, '--store', 'app.db')
  expect(byTime).toMatchObject([{ chain: 'build', verdict: 'slower', before: { n: 70 }, after: { n: 70 } }])
  const same = await at.run('compare', 'app.db', 'app.db', '--store', 'app.db')
  expect(same.out).not.toMatch(/slower|faster/)
  for (const sides of [['nothere', first], ['config:x', first], ['x..y', first], [first]])
    expect(await at.run('compare', ...sides, '--store', 'app.db')).toMatchObject({ code: 2 })
}, 60_000)
