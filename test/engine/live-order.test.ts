// What becomes of several parts of a chain in one turn: recorded in an order that the chain's machine takes when folded.

import { describe, expect, test } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { limiter } from '../../src/chain/limiter.ts'
import { foldEvents } from '../../src/journal/replay-run.ts'
import { createRig, type Rig } from './rig.ts'

const never = async (): Promise<never> => new Promise(() => {})

function misfitOf(rig: Rig, run: string, chains: readonly AnyChain[]): unknown {
  const known = new Map(chains.map((one) => [one.id, compile(one.spec)]))
  const events = rig.events().filter((event) => event.run === run)
  return foldEvents(events, (node) => known.get(node.chain))?.divergence
}

const startsOf = (rig: Rig, run: string): readonly string[] =>
  rig.events().flatMap((event) => (event.type === 'attempt.started' && event.run === run ? [event.step] : []))

describe('a chain that is cut short', () => {
  test('starts nothing with what one of its own attempts leaves to another', async () => {
    const api = limiter('api', { inFlight: 2 })
    const other = chain('other').step('s', never, { limit: api })
    const c = chain('c', { deadline: '1m' })
      .step('a', () => 1, { compensate: () => {} })
      .parallel('both', {
        // the branches are left from the last to the first
        small: (b) => b.sleep('nap', '1s').step('small', never, { limit: api }),
        // waits for more than there is, and who came later waits behind it
        large: (b) => b.step('large', never, { limit: { by: api, cost: 2 } }),
      })
    const rig = await createRig([c, other])
    const held = [await rig.start(other), await rig.start(other)]
    await rig.start(c, undefined, { id: 'r' })
    await rig.advance()
    await rig.until(held[0]?.cancel() as Promise<void>)
    await rig.advance('30s')
    expect(startsOf(rig, 'r')).toEqual(['a'])
    await rig.advance('1m')
    expect(startsOf(rig, 'r')).toEqual(['a', 'a:compensation'])
    expect(misfitOf(rig, 'r', [c])).toBeUndefined()
    // what was granted on the way is free again
    await rig.start(other, undefined, { id: 'after' })
    await rig.advance()
    expect(startsOf(rig, 'after')).toEqual(['s'])
  })
})

describe('a chain whose call fails', () => {
  test('decides nothing more of a sibling that failed in the same turn', async () => {
    const api = limiter('api', { inFlight: 1 })
    const callee = chain('callee').fail('no')
    const c = chain('c').parallel('both', {
      call: (b) => b.call('sub', callee),
      step: (b) => b.step('s', never, { deadline: '1m', attempts: 2, limit: { by: api, cost: 2 } }),
    })
    const rig = await createRig([c, callee])
    await rig.start(c, undefined, { id: 'r' })
    await rig.advance()
    expect(rig.told('attempt', 'decision', 'chain.ended')).toEqual([
      'decision.made c/sub:input',
      'decision.made c/s:deadline',
      'attempt.started c/s 1',
      'attempt.failed c/s 1',
      'decision.made c/sub/fail:reason',
      'chain.ended c/sub failed',
      'chain.ended c failed',
    ])
    expect(misfitOf(rig, 'r', [c, callee])).toBeUndefined()
  })
})
