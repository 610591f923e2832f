import { expect, test } from 'vitest'
import { breaker } from '../../src/chain/breaker.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { optional, orderOnly } from '../../src/chain/edge.ts'
import { createRig } from '../engine/rig.ts'
import { reportOn } from './journals.ts'

const rows = chain('rows').step('load', () => [1, 2])
const users = chain('users').step('load', () => ['ada'])
const clean = chain('clean').step('wipe', () => undefined)

test('an edge is read, never read, or unknown where nobody could tell', async () => {
  const page = chain('page')
    .needs({ rows, users: optional(users), clean: orderOnly(clean) })
    .step('draw', ({ needs }) => needs.rows.length)
  const idle = chain('idle')
    .needs({ rows })
    .step('wait', () => 1)
  const rig = await createRig([page, idle])
  for (let run = 0; run < 3; run++) await rig.until(rig.supervisor.run(page))
  const { edges, blast } = reportOn(rig).interactions
  expect(
    edges.map(({ from, to, read, observed, n, declared }) => [from, to, read, observed, n, declared]),
  ).toEqual([
    ['rows', 'page', 'yes', 3, 3, true],
    ['users', 'page', 'no', 3, 3, true],
    ['clean', 'page', 'unknown', 3, 3, true],
    // it never ran
    ['rows', 'idle', 'unknown', 0, 0, true],
  ])
  expect(blast).toEqual([
    { chain: 'rows', downstream: 2, chains: ['page', 'idle'] },
    { chain: 'clean', downstream: 1, chains: ['page'] },
    { chain: 'users', downstream: 1, chains: ['page'] },
  ])
})

test('an edge tells whether its consumer joins or brings in, and by which rule', async () => {
  const tidy = chain('tidy')
    .follows({ rows }, { when: 'all_done' })
    .step('go', () => 1)
  const rig = await createRig([rows, tidy])
  await rig.until(rig.supervisor.run(rows))
  expect(reportOn(rig).interactions.edges).toMatchObject([
    { from: 'rows', to: 'tidy', follows: true, rule: 'all_done', read: 'no', n: 1 },
  ])
})

test('an execution that took an output from a memo says nothing of what it would have read', async () => {
  const page = chain('page')
    .needs({ rows })
    .step('draw', ({ needs }) => needs.rows.length, { memo: { ttl: '1h' } })
  const rig = await createRig([page])
  await rig.until(rig.supervisor.run(page))
  await rig.until(rig.supervisor.run(page))
  expect(reportOn(rig).interactions.edges[0]).toMatchObject({ read: 'yes', observed: 2, n: 1 })
})

test('calls, signals and circles of calls are told', async () => {
  const leaf = chain<number>('leaf').wait('go')
  const top = chain('top').call('ask', leaf, () => 1)
  const rig = await createRig([top, leaf])
  const run = await rig.start(top)
  await rig.until(run.signal('go'))
  await rig.until(run.result())
  const { calls, signals, cycles } = reportOn(rig).interactions
  expect(calls).toEqual([{ from: 'top', step: 'ask', to: 'leaf', n: 1 }])
  expect(signals).toEqual([{ name: 'go', chain: 'leaf', n: 1 }])
  expect(cycles).toEqual([])
})

test('ports tell how they answer, how they fail, and how often they are asked for one thing', async () => {
  const bank = breaker('bank', { minimum: 2, window: 10 })
  const pay = chain<number>('pay').step(
    'charge',
    ({ input, attempt }) => {
      if (input === 0 || attempt === 1) throw Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' })
    },
    { uses: ['bank'], attempts: 2, backoff: { initial: 1 }, breaker: bank },
  )
  const rig = await createRig([pay])
  await rig.until(rig.supervisor.settled(pay, 1))
  const [port] = reportOn(rig).integrations
  expect(port).toMatchObject({
    port: 'bank',
    used: [{ chain: 'pay', step: 'charge' }],
    n: 2,
    availability: { estimate: 0.5 },
    errors: [{ class: 'EHOSTUNREACH', n: 1 }],
    amplification: 2,
  })
  await rig.until(rig.supervisor.settled(pay, 0))
  expect(reportOn(rig).integrations[0]?.breakers).toEqual([{ id: 'bank', state: 'opened' }])
})

test('of what stops with a chain a hundred are listed, and all are counted: reports grow with the chains, not their square', async () => {
  const line = [chain('c0').step('s', () => 1, { stub: true })]
  for (let at = 1; at < 300; at++) {
    const before = line[at - 1] as (typeof line)[number]
    line.push(
      chain(`c${at}`)
        .needs({ before: orderOnly(before) })
        .step('s', () => 1),
    )
  }
  const { interactions, actions } = reportOn(await createRig(line))
  expect(interactions.blast[0]).toMatchObject({ chain: 'c0', downstream: 299 })
  for (const { chains } of interactions.blast) expect(chains.length).toBeLessThanOrEqual(100)
  expect(interactions.blast[0]?.chains.slice(0, 2)).toEqual(['c1', 'c2'])
  expect(actions.find(({ kind }) => kind === 'implement')).toMatchObject({ unlocks: 300 })
  for (const { unlocked } of actions) expect(unlocked.length).toBeLessThanOrEqual(100)
})
