// What tests forget and misspell most: a harness says so, and neither hangs nor goes on as if nothing were wrong.

import { expect, test } from 'vitest'
import { chain, fromMachine } from '../../../src/index.ts'
import {
  assertIn,
  assertRun,
  explore,
  type Harness,
  hang,
  harness,
  type HarnessOptions,
  slow,
  succeed,
} from '../../../src/testing.ts'
import { setup } from 'xstate'

const greet = chain('greet')
  .step('ask', () => 'who?', { attempts: 2 })
  .wait('go')

const forgotten: Readonly<Record<string, (t: Harness) => Promise<unknown>>> = {
  'attempt()': (t) => t.attempt('ask'),
  'attempts()': (t) => t.attempts(),
  'end()': (t) => t.end(),
  'again()': (t) => t.again(),
  'occupy()': (t) => t.occupy(),
  'signal()': (t) => t.signal('go'),
  'cancel()': (t) => t.cancel(),
}

test.each(Object.entries(forgotten))(
  'where a process has died and no crash() has made the next one, %s says so',
  async (_, ask) => {
    const t = await harness(greet)
    t.breakCommit('dies-before')
    await (await t.attempt('ask')).succeed('Ada')
    await expect(ask(t)).rejects.toMatchObject({
      code: 'SUPERVISOR_STOPPED',
      message: 'the process has died: `await t.crash()` makes the next one',
    })
    await t.crash()
    await (await t.attempt('ask')).succeed('Ada')
    assertIn(t, 'go')
    await t.stop()
  },
)

test.each(['dies-before', 'dies-after'] as const)(
  'a process that %s the start of another run, or the taking of its slots, keeps nobody waiting',
  async (how) => {
    const t = await harness(greet)
    const first = t.run.id
    t.breakCommit(how)
    await t.again()
    expect(t.run.id).toBe(first)
    await t.crash()
    t.breakCommit(how)
    await t.occupy()
    await t.crash()
    await t.occupy()
    await t.again()
    assertIn(t, 'queued')
    await t.free()
    assertIn(t, 'ask.running')
    await t.stop()
  },
)

const tool = chain('tool').step('turn', () => 1)
const all = chain<number[]>('all', {})
  .step('ask', () => 1, { attempts: 2, backoff: { when: () => true }, compensate: () => {} })
  .step('ship', () => 1, { fallback: () => 2 })
  .each(
    'pack',
    () => [1],
    (one) => one,
  )
  .each('turns', () => [1], tool)
  .call('sub', tool, () => undefined)
  .wait('go')
  .sleep('nap', '1h')
  .sleep('due', () => 5)
  .choose('way', (c) =>
    c
      .when(
        () => true,
        (b) => b.step('high', () => 1),
      )
      .otherwise((b) => b.repeat('again', (r) => r.step('look', () => 1), { until: () => true, max: 2 })),
  )
  .parallel('both', { x: (b) => b.step('x1', () => 1), y: (b) => b.step('y1', () => 1) })
const machine = fromMachine('light', setup({}).createMachine({ initial: 'off', states: { off: {} } }))

const refused = (one: Parameters<typeof harness>[0], steps: HarnessOptions['steps']): Promise<string> =>
  harness(one, { steps: steps ?? {} }).then(
    () => 'nothing was refused',
    (error: Error) => error.message,
  )

test.each([
  ['ask:falback', '"ask" of chain "all" has no such part: give ask or ask:compensation or ask:recovery'],
  ['ask:fallback', '"ask" of chain "all" has no such part'],
  ['ship:compensation', '"ship" of chain "all" has no such part: give ship or ship:fallback'],
  ['ship:recovery', '"ship" of chain "all" has no such part'],
  ['ask:compensation:recovery', '"ask" of chain "all" has no such part'],
  [
    'go',
    '"go" of chain "all" takes no script: it waits for a signal, so send that by t.signal(\'go\', payload)',
  ],
  ['nap', '"nap" of chain "all" takes no script: it sleeps, so let time pass by t.advance()'],
  ['due', '"due" of chain "all" has no such part: give due:due; it sleeps'],
  ['pack:item', '"pack" of chain "all" has no such part: give pack or pack:items'],
  ['turns', "give turns:items; its items are chains, so give scripts to steps of those, as 'tool/step'"],
  ['sub', "give sub:input; it calls a chain, so give scripts to steps of that, as 'tool/step'"],
  ['way', 'give way:choice; it has no function of its own, so give scripts to the steps inside'],
  ['again', 'give again:until; it has'],
  ['both', '"both" of chain "all" takes no script: it has no function of its own'],
  ['returning', 'chain "all" has no returns()'],
  ['tool/turn:output', '"turn" of chain "tool" has no such part: give turn'],
])('a script for %s, which nothing calls, is refused', async (name, said) => {
  const message = await refused(all, { [name]: succeed(1) })
  expect(message).toContain(`steps has "${name}"`)
  expect(message).toContain(said)
})

test('a script for what a machine of your own does is refused', async () => {
  expect(await refused(machine, { anything: succeed(1) })).toContain('machine.provide({ actors })')
})

test('scripts are taken under every name that something calls', async () => {
  const names = ['ask', 'ask:compensation', 'ask:recovery', 'ship:fallback', 'pack', 'pack:items']
  const others = ['turns:items', 'tool/turn', 'sub:input', 'due:due', 'way:choice', 'again:until', 'look']
  const steps = Object.fromEntries([...names, ...others].map((name) => [name, succeed(1)]))
  const ended = chain('ended')
    .step('one', () => 1)
    .returns(() => 2)
  expect(await refused(all, { ...steps })).toBe('nothing was refused')
  const t = await harness(ended, { steps: { one: 'real', returning: succeed(3) } })
  expect((await t.end()).output).toBe(3)
})

test.each([
  ['slow()', slow('1h', succeed(1))],
  ['hang()', hang()],
])('the work of an attempt that is %s is not waited for', async (_, ask) => {
  const t = await harness(greet, { hold: true, steps: { ask } })
  await (await t.attempt('ask')).work()
  await (await t.attempt('ask')).fail('late')
  assertRun(t, 'ask', { attempts: 1, outcome: 'running' })
  const script = [{ at: 'ask', does: 'fail-after-effect' }] as const
  expect((await explore(greet, {}, { steps: { ask }, script })).stories).toBe(1)
})
