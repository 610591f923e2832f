// What callers give with a call may be anything, in plain JavaScript: it is refused, and neither run nor store is harmed.

import { describe, expect, test } from 'vitest'
import { setup } from 'xstate'
import { chain } from '../../src/chain/create-chain.ts'
import { fromMachine } from '../../src/chain/from-machine.ts'
import { createRig } from './rig.ts'

const bug = (): never => {
  throw new Error('bug')
}
const { proxy, revoke } = Proxy.revocable({}, {})
revoke()
const nonsense: readonly (readonly [string, unknown])[] = [
  ['a bigint', 10n],
  ['a symbol', Symbol('x')],
  ['an object that throws as JSON', { toJSON: bug }],
  ['an object that throws as a text', { toString: bug, valueOf: bug }],
  ['a revoked proxy', proxy],
  ['an object without prototype', Object.create(null)],
  ['a function', () => 1],
  ['a number', 1],
  ['null', null],
  ['an empty text', ''],
  ['a text without end', 'x'.repeat(100_000)],
]

type AnyRun = Record<
  'cancel' | 'signal' | 'ask' | 'send' | 'retry',
  (...given: unknown[]) => Promise<unknown>
>

const waits = chain('waits').wait('ok')
const machine = fromMachine(
  'machine',
  setup({}).createMachine({
    initial: 'a',
    states: { a: { on: { go: 'b' } }, b: { type: 'final' } },
  }),
)

const calls: readonly (readonly [string, (run: AnyRun, given: unknown) => Promise<unknown>])[] = [
  ['the id of a signal', async (run, id) => run.signal('ok', 1, { id })],
  ['the name of a signal', async (run, name) => run.signal(name)],
  ['the id of a question', async (run, id) => run.ask('ok', 1, { id })],
  ['the id of an event', async (run, id) => run.send({ type: 'go' }, { id })],
  ['the type of an event', async (run, type) => run.send({ type })],
  ['an event', async (run, event) => run.send(event)],
]

describe('a call that is given nonsense is refused, and harms nothing', () => {
  for (const [what, call] of calls) {
    test.each(nonsense)(`${what}: %s`, async (_, given) => {
      const errors: string[] = []
      const logger = {
        info() {},
        warn() {},
        error: (_line: unknown, message: string) => void errors.push(message),
      }
      const rig = await createRig([waits, machine], { logger })
      const other = await rig.start(waits)
      const run = await rig.start(what.includes('event') ? machine : waits)
      const before = rig.events().length
      await expect(rig.until(call(run as unknown as AnyRun, given))).rejects.toThrow()
      expect(errors).toEqual([])
      expect(rig.events()).toHaveLength(before)
      await rig.until(other.signal('ok', 'fine'))
      expect(await rig.until(other.result())).toBe('fine')
    })
  }

  test.each(nonsense.filter(([, given]) => given !== ''))('the reason of a cancel: %s', async (_, reason) => {
    const rig = await createRig([waits])
    const run = await rig.start(waits)
    await expect(rig.until((run as unknown as AnyRun).cancel(reason))).rejects.toMatchObject({
      code: 'BAD_OPTION',
    })
    expect(await rig.until(run.status())).toBe('waiting')
    await rig.until(run.cancel('enough'))
  })

  test.each(nonsense.filter(([what]) => !what.includes('object') && what !== 'a revoked proxy'))(
    'the attributes of a run: %s',
    async (_, attributes) => {
      const rig = await createRig([waits])
      await expect(rig.start(waits, undefined, { attributes })).rejects.toMatchObject({ code: 'BAD_OPTION' })
      expect(rig.told()).toEqual([])
    },
  )

  test.each(nonsense)('the id of a signal that may start its run: %s', async (_, signalId) => {
    const rig = await createRig([waits])
    const asked = { id: 'r', signal: 'ok', signalId } as never
    await expect(
      rig.until<unknown>(rig.supervisor.signalOrStart(waits, undefined, asked)),
    ).rejects.toMatchObject({ code: 'BAD_OPTION' })
    expect(rig.told('run')).toEqual([])
  })
})
