// What the simulation's watch over health takes for a lie.

import { describe, expect, test } from 'vitest'
import { chain } from '../../src/index.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createHealthWatch } from '../../src/testing/simulation/health-watch.ts'
import { createProof } from '../../src/testing/simulation/proof.ts'
import type { ChainShape } from '../../src/testing/simulation/shape.ts'
import { createRig } from '../engine/rig.ts'

const step = { kind: 'step', name: 's', attempts: 1, backoff: 0, compensates: false, limited: 0 } as const
const shape: ChainShape = {
  id: 'c',
  entries: [{ ...step, guarded: false, fallback: false }],
  needs: [],
  follows: [],
  rule: 'all_success',
  priority: 0,
  returns: false,
}

/** Runs of one chain: `fails` says how each ends. */
async function journalOf(fails: readonly boolean[]): Promise<readonly JournalEvent[]> {
  const c = chain<boolean>('c').step('s', ({ input }) => {
    if (input) throw new Error('no')
  })
  const rig = await createRig([c])
  for (const [index, input] of fails.entries()) {
    await rig.until((await rig.start(c, input, { id: `run${index}` })).settled())
    await rig.advance(1)
  }
  return rig.whole()
}

interface Told {
  /** What the bodies did; default what the journal says. */
  readonly bodies?: (run: string, failed: boolean) => 'returned' | 'threw'
  /** What the recount does not see. */
  readonly without?: string
}

function breachOf(events: readonly JournalEvent[], { bodies, without }: Told = {}): string | undefined {
  const proof = createProof()
  const histories = new Map<string, JournalEvent[]>()
  const watch = createHealthWatch(proof, new Map([['c', shape]]), histories)
  for (const event of events) {
    watch.see(event)
    if (event.run !== without) histories.set(event.run, [...(histories.get(event.run) ?? []), event])
    if (event.type !== 'attempt.succeeded' && event.type !== 'attempt.failed') continue
    const failed = event.type === 'attempt.failed'
    watch.performed(`${event.run}/c/s`, bodies?.(event.run, failed) ?? (failed ? 'threw' : 'returned'))
  }
  watch.judge(events.at(-1)?.at ?? 0)
  return proof.breach?.message
}

const fails = [false, true, true, false, true, true]

describe('the watch over health', () => {
  test('finds nothing wrong with what is true', async () => {
    expect(breachOf(await journalOf(fails))).toBeUndefined()
    expect(breachOf(await journalOf([true, ...Array.from({ length: 70 }, () => false)]))).toBeUndefined()
  })

  test('hears of a failure that no body had', async () => {
    const events = await journalOf(fails)
    expect(breachOf(events, { bodies: () => 'returned' })).toMatch('never threw')
  })

  test('hears of a success that no body had', async () => {
    const events = await journalOf(fails)
    expect(breachOf(events, { bodies: () => 'threw' })).toMatch('never returned')
  })

  test('hears of executions that were not, or were not counted', async () => {
    const events = await journalOf(fails)
    expect(breachOf(events, { without: 'run2' })).toMatch('it was counted otherwise')
  })
})
