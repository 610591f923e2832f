// What a reflector is given by functions that misbehave, by many at once and by other versions: no run suffers from it.

import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import type { Suggest } from '../../src/engine/reflector/read-evidence.ts'
import type { JsonPatch, Suggestion } from '../../src/reflection/suggestion.ts'
import { suggested } from '../reflection/suggested.ts'
import { createRig, type Rig, type RigOptions } from './rig.ts'

const c = chain('c').step('s', () => 1, { attempts: 3 })
const patch: readonly JsonPatch[] = [{ op: 'add', path: '/steps/c~1s', value: { attempts: 2 } }]
const test0: JsonPatch = { op: 'test', path: '/version', value: 0 }

const suggestion = (more: object = {}): Suggestion => suggested({ patch, ...more })

async function rigOf(suggest: () => unknown, more: RigOptions & { auto?: true } = {}): Promise<Rig> {
  const { auto, ...options } = more
  const rig = await createRig([c], {
    ...options,
    reflect: { suggest: suggest as Suggest, every: '10s', policy: auto === true ? 'auto' : 'ask' },
  })
  // what it declares is durable by then, however slow its store is
  await rig.advance('1s')
  return rig
}

/** What each of them came to: its answer, or the code of its refusal. */
async function answers(rig: Rig, asked: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const settled = await rig.until(Promise.allSettled(asked))
  return settled.map((one) =>
    one.status === 'fulfilled'
      ? JSON.stringify(one.value ?? 'done')
      : String((one.reason as { code?: unknown }).code ?? one.reason),
  )
}

const thrown = new Error('no')
const hostile: Readonly<Record<string, readonly [suggest: () => unknown, code: string]>> = {
  'gives nothing': [() => undefined, 'BAD_OPTION'],
  'gives a text': [() => 'abc', 'BAD_OPTION'],
  'gives nulls': [() => [null, undefined], 'BAD_OPTION'],
  'never answers': [async () => new Promise(() => {}), 'BAD_OPTION'],
  'answers by a promise that fails': [async () => Promise.reject(thrown), 'Error: no'],
  throws: [
    () => {
      throw thrown
    },
    'Error: no',
  ],
  'names no place': [() => [suggestion({ place: undefined })], 'BAD_OPTION'],
  'names no id': [() => [suggestion({ id: 7 })], 'BAD_OPTION'],
  'gives a patch that is none': [() => [suggestion({ patch: [null] })], 'BAD_OPTION'],
  'would set a concurrency of -1': [
    () => [suggestion({ patch: [{ op: 'replace', path: '/concurrency', value: -1 }] })],
    'BAD_OPTION',
  ],
  'would change what there is not': [
    () => [suggestion({ patch: [{ op: 'add', path: '/nowhere/x', value: 1 }] })],
    'PATCH_REFUSED',
  ],
  'would change every object': [
    () => [suggestion({ patch: [{ op: 'add', path: '/__proto__/x', value: 1 }] })],
    'PATCH_REFUSED',
  ],
  'would change a step that there is not': [
    () => [suggestion({ patch: [{ op: 'add', path: '/steps/gone~1s', value: { attempts: 2 } }] })],
    'BAD_OPTION',
  ],
}

describe('a function that suggests and', () => {
  for (const [what, [suggest, code]] of Object.entries(hostile)) {
    test(`${what} starts no trial under auto, and every run goes on, also after a crash`, async () => {
      const rig = await rigOf(suggest, { auto: true })
      rig.supervisor.reflector.suggestions$.subscribe()
      for (let runs = 0; runs < 2; runs++) {
        expect(await rig.until(rig.supervisor.run(c))).toBe(1)
        await rig.advance('11s')
      }
      const { reflector } = rig.supervisor
      expect(await answers(rig, [reflector.apply('s1'), reflector.apply('s1', { trial: false })])).toEqual([
        code,
        code,
      ])
      expect(rig.told('trial.started', 'config.changed')).toEqual([])
      await rig.crash()
      expect(await rig.until(rig.supervisor.run(c))).toBe(1)
    })
  }
})

describe('many at once', () => {
  const slow = { faults: { slowest: 20 } }

  test('who want the same tried begin one trial', async () => {
    const rig = await rigOf(() => [suggestion()], slow)
    const { reflector } = rig.supervisor
    const got = await answers(
      rig,
      Array.from({ length: 10 }, async () => reflector.apply('s1')),
    )
    expect(new Set(got).size).toBe(1)
    expect(got[0]).toContain('trial')
    expect(rig.told('trial.started')).toHaveLength(1)
  })

  test('who want what would mix tried begin one trial, and the others are told which', async () => {
    const both = [suggestion(), suggestion({ id: 's2' })]
    const rig = await rigOf(() => both, slow)
    const { reflector } = rig.supervisor
    const got = await answers(rig, [reflector.apply('s1'), reflector.apply('s2')])
    expect(got[1]).toBe('SUGGESTION_REFUSED')
    expect(rig.told('trial.started')).toHaveLength(1)
  })

  test('who want it put into the config have it put there once', async () => {
    const rig = await rigOf(() => [suggestion({ patch: [test0, ...patch] })], slow)
    const { reflector } = rig.supervisor
    const got = await answers(
      rig,
      Array.from({ length: 10 }, async () => reflector.apply('s1', { trial: false })),
    )
    expect(new Set(got)).toEqual(new Set(['{"config":1}']))
    expect(rig.told('config.changed', 'suggestion.applied')).toHaveLength(2)
  })

  test('who say no end its trial once', async () => {
    const rig = await rigOf(() => [suggestion()], slow)
    const { reflector } = rig.supervisor
    await rig.until(reflector.apply('s1'))
    const got = await answers(
      rig,
      Array.from({ length: 10 }, async () => reflector.dismiss('s1', 'no')),
    )
    expect(new Set(got)).toEqual(new Set(['"done"']))
    expect(rig.told('trial.ended', 'suggestion.dismissed')).toHaveLength(2)
  })

  test('who put it there and try it: there is nothing to try', async () => {
    const rig = await rigOf(() => [suggestion()], slow)
    const { reflector } = rig.supervisor
    const got = await answers(rig, [reflector.apply('s1', { trial: false }), reflector.apply('s1')])
    expect(got).toEqual(['{"config":1}', 'SUGGESTION_REFUSED'])
    expect(rig.told('trial.started')).toEqual([])
  })
})

test('what is no id, no option and no reason is refused, and nothing is recorded', async () => {
  const rig = await rigOf(() => [suggestion()])
  const reflector = rig.supervisor.reflector as unknown as Record<
    'apply' | 'dismiss',
    (...given: unknown[]) => Promise<unknown>
  >
  const analyzer = rig.supervisor.analyzer as unknown as Record<
    'act' | 'undo' | 'dismiss',
    (...given: unknown[]) => Promise<unknown>
  >
  const before = rig.events().length
  const got = await answers(rig, [
    ...[null, undefined, '', 7, [], {}, NaN].flatMap((id) => [reflector.apply(id), reflector.dismiss(id)]),
    ...[null, 'yes', [], { trial: 1 }, { trail: true }].map(async (options) =>
      reflector.apply('s1', options),
    ),
    ...[null, 7, {}, 'x'.repeat(65_536)].flatMap((why) => [
      reflector.dismiss('s1', why),
      analyzer.undo('a', why),
      analyzer.dismiss('a', why),
    ]),
    analyzer.act(null),
  ])
  expect(new Set(got)).toEqual(new Set(['BAD_OPTION']))
  expect(rig.events()).toHaveLength(before)
})

describe('a trial that another version began', () => {
  const started = { id: 't1', suggestion: 's1', share: 1, by: 'person' }
  const plans: Readonly<Record<string, string | null>> = {
    'says nothing': null,
    'cannot be read': '{"sugg',
    'is in another form': '{"proposal":{"chain":"c"},"start":7}',
    'is about no place': JSON.stringify({ suggestion: suggestion({ place: {} }), start: {} }),
    'is about a chain that is gone': JSON.stringify({
      suggestion: suggestion({
        place: { chain: 'gone' },
        patch: [{ op: 'add', path: '/steps/gone~1s', value: { attempts: 2 } }],
      }),
      start: { objective: 'attempts', guardrails: [], single: true, classes: [] },
    }),
  }
  for (const [what, payload] of Object.entries(plans))
    test(`and that ${what} is ended, and no run takes part in it`, async () => {
      const contents = createMemoryContents()
      const rig = await rigOf(() => [], { contents })
      await rig.until(rig.supervisor.run(c))
      contents.addRow({
        seq: (contents.journal.at(-1)?.seq ?? 0) + 1,
        run: '',
        type: 'trial.started',
        at: rig.now(),
        body: JSON.stringify(started),
        payload,
      })
      await rig.crash()
      expect(await rig.until(rig.supervisor.run(c))).toBe(1)
      expect(rig.events().filter(({ type }) => type === 'trial.ended')).toMatchObject([
        { id: 't1', verdict: 'stopped', why: 'what it was about is gone' },
      ])
      expect(rig.events().some((event) => event.type === 'run.accepted' && event.arm !== undefined)).toBe(
        false,
      )
      const report = await rig.until(rig.supervisor.analyzer.report())
      expect(report.experiments).toMatchObject([{ id: 't1', state: 'stopped', pairs: 0 }])
    })
})
