import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { service } from '../../src/chain/service.ts'
import { ready } from '../../src/chain/edge.ts'
import { createRig } from '../engine/rig.ts'
import { reportOn } from './journals.ts'

test('the ladder says how far each step is built and what is next; a stub is to be written, and what it unlocks', async () => {
  const draft = chain('draft')
    .step('first', () => 1)
    .step('later', () => 2, { stub: true })
  const after = chain('after')
    .needs({ draft })
    .step('go', () => 1)
  const rig = await createRig([after])
  const before = reportOn(rig)
  expect(before.implementation.find(({ chain: id }) => id === 'draft')?.steps).toMatchObject([
    { step: 'first', rung: 'wired', flags: ['unknown'] },
    { step: 'later', rung: 'declared', flags: ['stub', 'unknown'], next: 'it is a stub: write its function' },
  ])
  expect(before.actions).toMatchObject([
    {
      kind: 'implement',
      place: { chain: 'draft', step: 'later' },
      unlocks: 2,
      unlocked: ['draft', 'after'],
      can: false,
    },
  ])
  await rig.until(rig.supervisor.run(after))
  const [first] = reportOn(rig).implementation.find(({ chain: id }) => id === 'draft')?.steps ?? []
  expect(first).toMatchObject({
    rung: 'conformant',
    flags: [],
    next: expect.stringMatching(/whether its chain is well is unknown/) as string,
  } as never)
})

test('what ran under another version than is declared is stale, and what is declared no more is an orphan', async () => {
  const of = (version: string): ReturnType<typeof make> => make(version)
  const make = (version: string) => chain('made', { version }).step('do', () => 1)
  const gone = chain('gone').step('do', () => 1)
  const rig = await createRig([of('1'), gone])
  await rig.until((await rig.start({ id: 'made' } as never)).result())
  await rig.until((await rig.start({ id: 'gone' } as never)).result())
  await rig.crash([of('2')])
  const { implementation, actions } = reportOn(rig)
  expect(implementation.map(({ chain: id, flags }) => [id, flags])).toEqual([
    ['made', ['stale']],
    ['gone', ['orphan']],
  ])
  expect(actions.map(({ kind, place, can }) => [kind, place.chain, can])).toEqual([
    ['re-run-stale', 'made', true],
  ])
})

test('a step that succeeds again and again after a failure with the same input is flaky', async () => {
  const shaky = chain('shaky').step(
    'do',
    ({ attempt }) => {
      if (attempt === 1) throw new Error('once more')
    },
    { attempts: 2, backoff: { initial: 1 } },
  )
  const rig = await createRig([shaky])
  for (let run = 0; run < 3; run++) await rig.until(rig.supervisor.run(shaky))
  expect(reportOn(rig).implementation[0]?.steps[0]?.flags).toEqual(['flaky'])
})

test('actions come in an order in which each can be done, with what is worth most first', async () => {
  const broken = chain('broken', { owner: 'payments' }).step('charge', () => {
    throw new Error('card expired')
  })
  const after = chain('after')
    .needs({ broken })
    .step('go', () => 1)
  const rig = await createRig([after])
  for (let run = 0; run < 12; run++) await rig.until(rig.supervisor.settled(after))
  const { actions } = reportOn(rig)
  expect(actions.map(({ kind, sentence }) => [kind, sentence])).toEqual([
    ['ask-owner', 'ask payments to mend step "charge" of chain "broken": card expired'],
    ['quarantine', 'hold "broken" back until it is mended'],
    ['pause-downstream', 'hold back what needs "broken": after'],
  ])
  const [, quarantine, pause] = actions
  expect(pause?.prerequisites).toEqual([quarantine?.id])
  expect(actions.every(({ policy, state }) => policy === 'off' && state === 'proposed')).toBe(true)
})

test('a run that stands still is to be seen to, and no more once it goes on', async () => {
  const doomed = chain('doomed').step('do', () => {
    throw new Error('no')
  })
  const rig = await createRig([doomed], { poison: { after: 1 } })
  await rig.until(rig.supervisor.settled(doomed))
  const run = await rig.start(doomed)
  await rig.advance()
  expect(reportOn(rig).actions.filter(({ kind }) => kind === 'unblock')).toMatchObject([
    { place: { chain: 'doomed', run: run.id }, can: true, unlocked: [run.id] },
  ])
  await rig.until(run.cancel())
  await rig.advance()
  expect(reportOn(rig).actions.filter(({ kind }) => kind === 'unblock')).toEqual([])
})

test('a diff tells states, practices and times that changed, and nothing else', async () => {
  const steady = chain('steady').step('do', () => 1, { timeout: '1s' })
  const rig = await createRig([steady])
  const first = reportOn(rig)
  expect(first.diff).toEqual({ since: null, entries: [] })
  for (let run = 0; run < 52; run++) await rig.until(rig.supervisor.run(steady))
  const second = reportOn(rig, first)
  expect(second.diff).toEqual({
    since: first.meta.hash,
    entries: [
      { section: 'health', place: 'steady', was: 'unknown', is: 'ok' },
      { section: 'implementation', place: 'steady', was: 'wired', is: 'healthy' },
    ],
  })
  expect(reportOn(rig, second).diff).toEqual({ since: second.meta.hash, entries: [] })
})

const anything = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const

test('each practice that is broken is told with its cure; what keeps to them is not', async () => {
  const database = service(
    'database',
    async ({ signal }) => new Promise((end) => signal.addEventListener('abort', end)),
  )
  const good = chain('good', {
    output: anything,
  })
    .step('read', () => 1, { timeout: '1s', uses: ['shop'], attempts: 1 })
    .step('write', () => 1, { timeout: '1s', attempts: 3, idempotent: true, writes: ['orders'] })
  const bad = chain('bad')
    .needs({ good, up: ready(database) })
    .step('charge', () => 1, { attempts: 3, uses: ['bank'], writes: ['ledger'] })
    .each(
      'many',
      () => [1],
      () => 1,
      { inFlight: 500, timeout: '1s' },
    )
    .wait('checked', anything, { timeout: '1d' })
    .wait('approval')
    .step('end', () => 1, { timeout: '1s', writes: ['mail'] })
  const rig = await createRig([bad, database])
  const { practices } = reportOn(rig)
  expect(practices.map(({ rule, chain: id, step }) => [rule, id, step])).toEqual([
    ['retry-without-idempotency', 'bad', 'charge'],
    ['no-timeout', 'bad', 'charge'],
    ['effect-without-compensation', 'bad', 'charge'],
    ['no-schema', 'bad', 'approval'],
    ['port-without-breaker', 'bad', 'charge'],
    ['unbounded-each', 'bad', 'many'],
    ['wait-without-end', 'bad', 'approval'],
    ['service-without-readiness', 'database', undefined],
  ])
  for (const { cure, sentence } of practices) expect(cure.length * sentence.length).toBeGreaterThan(100)
})
