import { expect, test } from 'vitest'
import { createActor, fromPromise } from 'xstate'
import { analyzerMachine } from '../../machines/analyzer.ts'
import { createWalker } from './walk.ts'

/** An analyzer whose work the test ends. */
function begin() {
  const told: string[] = []
  const ends: Record<string, { resolve: () => void; reject: (error: Error) => void }> = {}
  const work = (name: string) =>
    fromPromise<void>(async () => new Promise<void>((resolve, reject) => (ends[name] = { resolve, reject })))
  const actor = createActor(
    analyzerMachine.provide({
      actors: { collect: work('collect'), evaluate: work('evaluate') },
      actions: {
        begin: () => told.push('begin'),
        publish: () => told.push('publish'),
        refuse: (_, { error }) => told.push(`refuse ${(error as Error).message}`),
      },
    }),
  ).start()
  const settle = async (name: string, error?: Error): Promise<void> => {
    if (error === undefined) ends[name]?.resolve()
    else ends[name]?.reject(error)
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  return { actor, told, settle, at: () => actor.getSnapshot().value }
}

test('it sleeps until it is asked, then collects, evaluates, reports and sleeps again', async () => {
  const { actor, told, settle, at } = begin()
  expect(at()).toBe('idle')
  actor.send({ type: 'ask' })
  expect(at()).toBe('collecting')
  await settle('collect')
  expect(at()).toBe('evaluating')
  await settle('evaluate')
  expect(at()).toBe('idle')
  expect(told).toEqual(['begin', 'publish'])
})

test.each(['collect', 'evaluate'])('who asks while it is at %s begins another round', async (phase) => {
  const { actor, told, settle, at } = begin()
  actor.send({ type: 'ask' })
  if (phase === 'evaluate') await settle('collect')
  actor.send({ type: 'ask' })
  actor.send({ type: 'ask' })
  if (phase === 'collect') await settle('collect')
  await settle('evaluate')
  expect(at()).toBe('collecting')
  await settle('collect')
  await settle('evaluate')
  expect(at()).toBe('idle')
  expect(told).toEqual(['begin', 'publish', 'begin', 'publish'])
})

test.each(['collect', 'evaluate'])('what fails at %s is told, and it can be asked again', async (phase) => {
  const { actor, told, settle, at } = begin()
  actor.send({ type: 'ask' })
  if (phase === 'evaluate') await settle('collect')
  await settle(phase, new Error('no disk'))
  expect(told).toEqual(['begin', 'refuse no disk'])
  expect(at()).toBe('idle')
  actor.send({ type: 'ask' })
  expect(at()).toBe('collecting')
})

test('it ends wherever it is', async () => {
  const { actor, settle } = begin()
  actor.send({ type: 'ask' })
  await settle('collect')
  actor.send({ type: 'stop' })
  expect(actor.getSnapshot().status).toBe('done')
})

test('it comes through each of its states and transitions', () => {
  const walker = createWalker(analyzerMachine)
  const ask = { type: 'ask' } as const
  const stop = { type: 'stop' } as const
  walker.walk(undefined, [
    [ask, 'collecting', { again: false }],
    [ask, 'collecting', { again: true }],
    ['done', 'evaluating', { again: true }],
    ['error', 'collecting', { again: false }],
    ['error', 'idle'],
    [ask, 'collecting'],
    ['done', 'evaluating'],
    ['done', 'idle', { again: false }],
    [stop, 'stopped'],
  ])
  for (const before of [
    [],
    [[ask, 'collecting']],
    [
      [ask, 'collecting'],
      ['done', 'evaluating'],
    ],
  ] as const)
    expect(walker.walk(undefined, [...before, [stop, 'stopped']]).status).toBe('done')
  expect(walker.missing()).toEqual([])
})

test('without work bound to it, it refuses who asks, and says why', async () => {
  const told: unknown[] = []
  const refuse = (_: unknown, { error }: { readonly error: unknown }) => void told.push(error)
  const actor = createActor(analyzerMachine.provide({ actions: { refuse } })).start()
  expect(actor.id).toBeDefined()
  actor.send({ type: 'ask' })
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  expect(told).toEqual([new Error('an analyzer has no work bound to it')])
})
