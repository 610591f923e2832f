// Probes as in Kubernetes, and what waits for readiness: other services, and chains.

import { describe, expect, test } from 'vitest'
import { chain } from '../../../src/chain/create-chain.ts'
import { ready } from '../../../src/chain/edge.ts'
import type { Check } from '../../../src/definition/service.ts'
import { explain, readTimeline } from '../../../src/engine/runs/explain.ts'
import { createRig } from '../rig.ts'
import { byHand, standing } from './hand.ts'

describe('probes', () => {
  test('a service is ready when it says so, if it takes ready; else when it has started', async () => {
    const says = byHand('says', { says: true })
    const plain = byHand('plain')
    const rig = await createRig([says.service, plain.service])
    expect(standing(rig.supervisor)).toEqual(['says unready', 'plain ready'])
    expect(rig.supervisor.healthz().ok).toBe(false)
    says.lives[0]?.context.ready()
    await rig.advance()
    expect(standing(rig.supervisor)).toEqual(['says ready', 'plain ready'])
    expect(rig.supervisor.healthz().ok).toBe(true)
  })

  test('a failed readiness only withholds: after three failures, until it passes again', async () => {
    let ok = true
    const a = byHand('a', { ready: () => ok })
    const rig = await createRig([a.service])
    expect(standing(rig.supervisor)).toEqual(['a ready'])
    ok = false
    await rig.advance('29s')
    expect(standing(rig.supervisor)).toEqual(['a ready'])
    await rig.advance('1s')
    expect(rig.supervisor.healthz()).toMatchObject({
      ok: false,
      services: [{ state: 'unready', failure: 'the probe answered false' }],
    })
    ok = true
    await rig.advance('10s')
    expect(standing(rig.supervisor)).toEqual(['a ready'])
    expect(a.lives).toHaveLength(1)
    expect(rig.told('service.ready', 'service.unready')).toEqual([
      'service.ready a',
      'service.unready a',
      'service.ready a',
    ])
  })

  const sicknesses: readonly (readonly [string, Check, number])[] = [
    ['answers false', () => false, 20_000],
    [
      'throws',
      () => {
        throw new Error('no')
      },
      20_000,
    ],
    ['rejects', async () => Promise.reject(new Error('no')), 20_000],
    ['never answers', async () => new Promise<void>(() => {}), 21_000],
  ]
  test.each(sicknesses)('a liveness that %s three times restarts the service', async (_, check, after) => {
    let sick = false
    const a = byHand('a', { alive: (context) => (sick ? check(context) : true) })
    const rig = await createRig([a.service])
    sick = true
    await rig.advance(10_000 + after - 1)
    expect(a.lives).toHaveLength(1)
    await rig.advance(1)
    sick = false
    await rig.advance()
    expect(a.lives).toHaveLength(2)
    expect(a.lives[0]?.context.signal.aborted).toBe(true)
    expect(rig.told('service.exited')).toEqual(['service.exited a unhealthy'])
    expect(standing(rig.supervisor)).toEqual(['a ready'])
  })

  test('one that passes in between begins the count anew', async () => {
    const answers = [true, false, false, true, false, false, true]
    const a = byHand('a', { alive: () => answers.shift() ?? true })
    const rig = await createRig([a.service])
    await rig.advance('2m')
    expect(a.lives).toHaveLength(1)
    expect(answers).toEqual([])
  })

  test('who is wedged gets its time to end, and then is given up and restarted', async () => {
    const answers = [true, false, false, false]
    const a = byHand('a', { obedient: false, alive: () => answers.shift() ?? true })
    const rig = await createRig([a.service])
    await rig.advance('30s')
    expect(standing(rig.supervisor)).toEqual(['a failing'])
    await rig.advance('4999ms')
    expect(a.lives).toHaveLength(1)
    await rig.advance('1ms')
    expect(a.lives).toHaveLength(2)
    expect(rig.told('service.exited')).toEqual(['service.exited a unhealthy'])
  })

  test('startup suspends the other probes until it passes; failing too often restarts', async () => {
    const asked: string[] = []
    let up = false
    const a = byHand('a', {
      startup: { check: () => (asked.push('startup'), up), period: '1s', failureThreshold: 5 },
      ready: () => void asked.push('ready'),
      alive: () => void asked.push('alive'),
    })
    const rig = await createRig([a.service], { intensity: 5 })
    expect(standing(rig.supervisor)).toEqual(['a starting'])
    await rig.advance('3s')
    expect(asked).toEqual(['startup', 'startup', 'startup', 'startup'])
    up = true
    await rig.advance('1s')
    expect(standing(rig.supervisor)).toEqual(['a ready'])
    expect(asked.slice(4)).toEqual(['startup', 'ready', 'alive'])
    up = false
    a.lives[0]?.fail()
    await rig.advance('4s')
    expect(a.lives).toHaveLength(3)
    expect(rig.told('service.exited')).toEqual(['service.exited a error', 'service.exited a unhealthy'])
  })
})

describe('readiness', () => {
  test('a service starts when what it needs is ready, each time anew', async () => {
    const db = byHand('db', { says: true })
    const api = byHand('api', { needs: [db.service] })
    const rig = await createRig([db.service, api.service])
    expect(standing(rig.supervisor)).toEqual(['db unready', 'api waiting'])
    expect(api.lives).toHaveLength(0)
    db.lives[0]?.context.ready()
    await rig.advance()
    expect(standing(rig.supervisor)).toEqual(['db ready', 'api ready'])
    db.lives[0]?.fail()
    await rig.advance('10s')
    api.lives[0]?.fail()
    await rig.advance()
    expect(standing(rig.supervisor)).toEqual(['db unready', 'api waiting'])
    await rig.until(rig.supervisor.stop())
  })

  test('a chain waits until the services that it needs are ready at the same moment, and says so', async () => {
    const db = byHand('db', { says: true })
    const web = byHand('web', { says: true })
    const load = chain('load')
      .needs({ db: ready(db.service), web: ready(web.service) })
      .step('read', () => 'rows')
    const rig = await createRig([load, db.service, web.service], { intensity: 9 })
    const run = await rig.start(load)
    await rig.advance('1m')
    const { sentence, causes } = await run.explain()
    expect(sentence).toMatch('waits since')
    expect(causes).toMatchObject([{ kind: 'service', chain: 'load', on: ['db', 'web'] }])
    db.lives[0]?.context.ready()
    await rig.advance()
    db.lives[0]?.fail()
    await rig.advance()
    web.lives[0]?.context.ready()
    await rig.advance()
    expect(rig.told('chain')).toEqual([])
    db.lives[1]?.context.ready()
    expect(await rig.until(run.result())).toBe('rows')
    expect(explain(await readTimeline(rig.store, run.id), [], rig.now()).causes[0]?.kind).toBe('ended')
  })

  test('a chain whose service goes while it stands in line does not begin, and holds up nobody behind it', async () => {
    const db = byHand('db', { says: true })
    const ends: (() => void)[] = []
    const held = async (): Promise<void> => new Promise((resolve) => void ends.push(resolve))
    const concurrency = { key: (input: { readonly group: string }) => input.group, limit: 1 }
    const load = chain<{ readonly group: string }>('load', { concurrency })
      .needs({ db: ready(db.service) })
      .step('read', held)
    const rig = await createRig([load, db.service], { intensity: 9 })
    db.lives[0]?.context.ready()
    await rig.advance()
    const first = await rig.start(load, { group: 'g' })
    const second = await rig.start(load, { group: 'g' })
    await rig.advance()
    expect(ends).toHaveLength(1)
    db.lives[0]?.fail()
    await rig.advance()
    ends[0]?.()
    await rig.until(first.result())
    await rig.advance()
    expect(ends).toHaveLength(1)
    expect((await rig.until(second.explain())).causes).toMatchObject([{ kind: 'service', on: ['db'] }])
    const third = await rig.start(load, { group: 'g' })
    await rig.until(second.cancel())
    db.lives[1]?.context.ready()
    await rig.advance()
    expect(ends).toHaveLength(2)
    ends[1]?.()
    await rig.until(third.result())
    expect(rig.told('chain.ended')).toEqual([
      'chain.ended load succeeded',
      'chain.ended load cancelled',
      'chain.ended load succeeded',
    ])
  })

  test('a chain that waits for a service is cancelled at once, and one that a crash meets waits again', async () => {
    const db = byHand('db', { says: true })
    const load = chain('load')
      .needs({ db: ready(db.service) })
      .step('read', () => 'rows')
    const rig = await createRig([load, db.service])
    const cancelled = await rig.start(load)
    const { id } = await rig.start(load)
    await rig.until(cancelled.cancel())
    expect(await rig.until(cancelled.status())).toBe('cancelled')
    await rig.crash()
    expect(rig.told('chain.started')).toEqual([])
    db.lives.at(-1)?.context.ready()
    await rig.advance('1s')
    expect(await rig.until((async () => (await rig.supervisor.get(id))?.status())())).toBe('succeeded')
  })

  test('services that a chain needs and nobody gave are taken in', async () => {
    const db = byHand('db')
    const api = byHand('api', { needs: [db.service] })
    const load = chain('load')
      .needs({ api: ready(api.service) })
      .step('read', () => 'rows')
    const rig = await createRig([load])
    expect(standing(rig.supervisor)).toEqual(['db ready', 'api ready'])
    expect(await rig.until(rig.supervisor.run(load))).toBe('rows')
  })
})
