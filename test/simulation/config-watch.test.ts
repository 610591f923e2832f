// What the simulation's watch over the config takes for a breach in a journal.

import { describe, expect, test } from 'vitest'
import { breaker, chain } from '../../src/index.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createConfigWatch } from '../../src/testing/simulation/config-watch.ts'
import { createProof } from '../../src/testing/simulation/proof.ts'
import { createRig } from '../engine/rig.ts'

/** Three attempts are in flight, there is room for one only since, and an open breaker refuses a fourth; forked there. */
async function forkedWithinRefusal(): Promise<readonly JournalEvent[]> {
  const bank = breaker('bank', { minimum: 1 })
  const busy = chain('busy').step('hold', async () => new Promise<void>(() => {}))
  const c = chain('c').step('s', () => Promise.reject(new Error('down')), {
    breaker: bank,
    attempts: 2,
    backoff: { initial: '1s', jitter: 'none' },
  })
  const rig = await createRig([busy, c], { concurrency: 4 })
  for (const id of ['one', 'two', 'three']) await rig.start(busy, undefined, { id })
  const run = await rig.start(c)
  const change = rig.supervisor.config.change((draft) => {
    draft.concurrency = 1
  })
  await rig.until(change)
  await rig.advance('1m')
  const refused = rig.events().findLast(({ type }) => type === 'attempt.started')
  await rig.until(run.fork({ at: refused?.seq ?? 0, id: 'fork' }))
  return rig.events()
}

function breachOf(events: readonly JournalEvent[]): string | undefined {
  const proof = createProof()
  const watch = createConfigWatch(proof, { concurrency: 4, hibernateAfter: 0 })
  for (const event of events) watch.see(event)
  return proof.breach?.message
}

describe('the watch over the config', () => {
  test('judges no start that a fork has copied, whose refusal it may have cut off', async () => {
    const events = await forkedWithinRefusal()
    const copied = events.filter(({ run, type }) => run === 'fork' && type === 'attempt.started')
    expect(copied.at(-1)).toMatchObject({ attempt: 2, inFlight: 3, config: 1 })
    expect(breachOf(events)).toBeUndefined()
  })

  test('judges no attempt that took what was made before, which needs no slot', async () => {
    const busy = chain('busy').step('hold', async () => new Promise<void>(() => {}))
    const made = chain('made').step('work', () => 1, { memo: {} })
    const rig = await createRig([busy, made], { concurrency: 4 })
    await rig.until((await rig.start(made)).result())
    for (const id of ['one', 'two', 'three']) await rig.start(busy, undefined, { id })
    const change = rig.supervisor.config.change((draft) => {
      draft.concurrency = 1
    })
    await rig.until(change)
    await rig.until((await rig.start(made, undefined, { id: 'again' })).result())
    const events = rig.events()
    expect(events.findLast(({ type }) => type === 'attempt.started')).toMatchObject({
      inFlight: 3,
      config: 1,
    })
    expect(breachOf(events)).toBeUndefined()
    const other = events.filter(({ run, type }) => run !== 'again' || type !== 'attempt.succeeded')
    expect(breachOf(other)).toMatch('is number 3 of 1 in flight')
  })

  test('judges a start of any other run, and what a fork starts itself', async () => {
    const events = await forkedWithinRefusal()
    const own = events.findLast(({ type }) => type === 'attempt.started') as JournalEvent
    for (const run of ['another', 'fork']) {
      const started = { ...own, run, seq: own.seq + 1000, inFlight: 3, config: 1 } as JournalEvent
      expect(breachOf([...events, started, { ...own, seq: own.seq + 1001, type: 'run.resumed' }])).toMatch(
        'is number 3 of 1 in flight',
      )
    }
  })
})
