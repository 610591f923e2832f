// Whatever lies in the inbox, the executor goes on: each row is answered, and what comes behind is carried out.

import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { setup } from 'xstate'
import { z } from 'zod'
import { chain, createSupervisor, fromMachine } from '../../src/index.ts'
import { ask } from '../../src/engine/clients/client.ts'
import { createMemoryContents, type MemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { Store } from '../../src/journal/store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

const lamp = setup({}).createMachine({
  id: 'lamp',
  initial: 'off',
  states: { off: { on: { press: 'on' } }, on: { on: { press: 'off' } } },
})
const chains = [
  chain<unknown>('order')
    .wait('approval', z.number(), { reply: ({ signal }) => signal })
    .step('ship', () => 'shipped'),
  chain<unknown>('failing').step('try', () => {
    throw new Error('no')
  }),
  chain('beat', { schedule: { every: '1d' } }).step('count', () => 1),
  fromMachine('lamp', lamp),
]

/** What is there to be met, what is not, and what JavaScript has of its own. */
const words = fc.constantFrom(
  'order',
  'failing',
  'beat',
  'lamp',
  'waits',
  'ended',
  'lit',
  'schedule/beat/default',
  'approval',
  'ship',
  'try',

  '__proto__',
  'constructor',
  'toString',
  '',
  '\0',
  '\ud800',
  'a\nb',
  '\u001b[2J',
  'x'.repeat(201),
  '../..',
  '1',
)
const anything = fc.oneof(
  { weight: 4, arbitrary: words },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  fc.constantFrom<unknown>(
    0,
    -1,
    1e21,
    1e308,
    true,
    null,
    [],
    {},
    [[]],
    '{"$date":1}',
    '{"$',
    '1',
    '"a"',
    '[1]',
  ),
)
const deed = fc.constantFrom(
  'signal',
  'send',
  'cancel',
  'pause',
  'resume',
  'fork',
  'retry',
  'schedule',
  'signal-or-start',
  'start',
  'ask',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
)
const field = fc.constantFrom(
  'run',
  'name',
  'id',
  'payload',
  'input',
  'asks',
  'event',
  'to',
  'reason',
  'as',
  'seq',
  'time',
  'chain',
  'step',
  'act',
  'priority',
  'deadline',
  'attributes',
  'tick',
)
/** Well formed but for what is drawn over it. */
const base = {
  run: 'waits',
  name: 'approval',
  id: 'one',
  event: '{"type":"press"}',
  as: 'fork',
  act: 'trigger',
  chain: 'order',
}
const command = fc
  .tuple(deed, fc.array(fc.tuple(field, anything), { maxLength: 4 }), fc.array(field, { maxLength: 2 }))
  .map(([what, drawn, without]) => {
    const made = new Map<string, unknown>([...Object.entries({ ...base, do: what }), ...drawn])
    for (const name of without) made.delete(name)
    return JSON.stringify(Object.fromEntries(made))
  })
const row = fc.oneof({ weight: 8, arbitrary: command }, fc.string(), fc.json({ maxDepth: 3 }))

async function boot(contents: MemoryContents, clock: ReturnType<typeof createVirtualClock>) {
  const store: Store = { ...createMemoryStore(contents), shared: true }
  const supervisor = await createSupervisor({ chains, store, clock })
  const stop = async (): Promise<void> => {
    const stopped = supervisor.stop({ drain: 0 })
    await clock.settle()
    await stopped
  }
  onTestFinished(stop)
  return { store, supervisor, stop }
}

test('whatever rows are left in the inbox, each is answered, the executor goes on, and so does the next one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (rows) => {
      const contents = createMemoryContents()
      const clock = createVirtualClock()
      const first = await boot(contents, clock)
      for (const [run, of] of [
        ['waits', 'order'],
        ['ended', 'failing'],
        ['lit', 'lamp'],
      ] as const)
        await first.store.post(JSON.stringify({ do: 'start', run, chain: of }), clock.now())
      await clock.advance('1s')
      const entries: number[] = []
      for (const body of rows) entries.push(await first.store.post(body, clock.now()))
      await clock.advance('15s')
      expect(first.supervisor.state).toBe('running')
      for (const entry of entries)
        expect(JSON.parse((await first.store.reply(entry)) ?? 'null')).toMatchObject({
          ok: expect.any(Boolean),
        })
      const asked = ask(first.store, clock, { do: 'start', run: 'behind', chain: 'order' })
      await clock.advance('1s')
      expect(await asked).toEqual({ run: 'behind' })
      const before = (await first.supervisor.list()).map(({ run, status }) => [run, status])
      await first.stop()

      const second = await boot(contents, clock)
      await clock.advance('1s')
      expect(second.supervisor.state).toBe('running')
      expect((await second.supervisor.list()).map(({ run, status }) => [run, status])).toEqual(before)
      await second.stop()
    }),
    { numRuns: Number(process.env['RUNS'] ?? 150) },
  )
})
