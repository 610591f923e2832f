import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig, type Rig } from './rig.ts'

const later = async (rig: () => Rig, ms: number): Promise<void> =>
  new Promise((resolve) => void rig().clock.at(rig().clock.now() + ms, resolve))

const fails = (): never => {
  throw new Error('broken')
}

describe('parallel', () => {
  test('gives the outputs of its branches by name', async () => {
    const c = chain<number>('c').parallel('both', {
      a: (b) => b.step('x', ({ input }) => input + 1),
      b: (b) => b.step('y', ({ input }) => input * 2),
    })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.run(c, 5))).toEqual({ a: 6, b: 10 })
  })

  test('aborts the siblings of a failed branch and settles before it fails', async () => {
    let rig: Rig
    const c = chain('c').parallel('both', {
      a: (b) => b.step('x', async () => fails()),
      b: (b) => b.step('stubborn', async () => later(() => rig, 3_000)),
    })
    rig = await createRig([c])
    const run = await rig.start(c)
    await rig.advance(2_999)
    expect(rig.told('chain.ended')).toEqual([])
    await rig.advance(1)
    expect(rig.told('attempt.settled-late', 'settling', 'chain.ended')).toEqual([
      'attempt.settled-late c/stubborn 1',
      'settling.ended c/both:settling',
      'chain.ended c failed',
    ])
    expect((await rig.until(run.settled())).status).toBe('failed')
  })

  test('cancels what a branch has called when a sibling fails', async () => {
    const called = chain('called')
      .sleep('nap', 60_000)
      .step('after', () => 1)
    const c = chain('c').parallel('both', {
      a: (b) => b.sleep('soon', 1_000).step('x', async () => fails()),
      b: (b) => b.call('sub', called),
    })
    const rig = await createRig([called, c])
    const run = await rig.start(c)
    await rig.advance(10_000)
    expect(rig.told('chain.ended').toSorted()).toEqual([
      'chain.ended c failed',
      'chain.ended c/sub cancelled',
    ])
    expect((await rig.until(run.settled())).status).toBe('failed')
    await rig.advance(60_000)
    expect(rig.told('attempt.started').filter((line) => line.includes('c/sub'))).toEqual([])
  })

  test('waits no longer than five seconds for a branch that does not heed its signal', async () => {
    const c = chain('c').parallel('both', {
      a: (b) => b.step('x', async () => fails()),
      b: (b) => b.step('deaf', async () => new Promise(() => {})),
    })
    const rig = await createRig([c])
    await rig.start(c)
    await rig.advance(4_999)
    expect(rig.told('chain.ended')).toEqual([])
    await rig.advance(1)
    expect(rig.told('chain.ended')).toEqual(['chain.ended c failed'])
  })

  test('lets the other branches end where it is told to wait', async () => {
    let rig: Rig
    const c = chain('c').parallel(
      'both',
      { a: (b) => b.step('x', fails), b: (b) => b.step('y', async () => later(() => rig, 60_000)) },
      { onFailure: 'wait' },
    )
    rig = await createRig([c])
    const run = await rig.start(c)
    expect((await rig.until(run.settled())).status).toBe('failed')
    expect(rig.told('attempt')).toContain('attempt.succeeded c/y 1')
  })

  test('journals a decision after what began beside it, so that its failure finds it begun', async () => {
    const c = chain('c').parallel('both', {
      a: (b) => b.fail('no'),
      b: (b) => b.step('x', () => 1),
    })
    const rig = await createRig([c])
    const run = await rig.start(c)
    expect((await rig.until(run.settled())).status).toBe('failed')
    expect(rig.told('attempt.started', 'decision')).toEqual([
      'attempt.started c/x 1',
      'decision.made c/fail:reason',
    ])
  })

  test('settles until the aborted items of an each have ended', async () => {
    let rig: Rig
    const c = chain('c').parallel('both', {
      a: (b) => b.step('x', async () => fails()),
      b: (b) =>
        b.each(
          'stubborn',
          () => [1, 2],
          async (item) => later(() => rig, item * 1_000),
        ),
    })
    rig = await createRig([c])
    await rig.start(c)
    await rig.advance(1_999)
    expect(rig.told('chain.ended')).toEqual([])
    await rig.advance(1)
    expect(rig.told('attempt.settled-late', 'settling', 'chain.ended')).toEqual([
      'attempt.settled-late c/stubborn/0 1',
      'attempt.settled-late c/stubborn/1 1',
      'settling.ended c/both:settling',
      'chain.ended c failed',
    ])
  })
})
