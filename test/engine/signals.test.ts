import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig } from './rig.ts'

const approval = chain('approval')
  .wait('approve', z.object({ by: z.string() }))
  .step('s', ({ steps }) => steps.approve.by)

describe('signals', () => {
  test('move on the step that waits for them', async () => {
    const rig = await createRig([approval])
    const run = await rig.start(approval)
    await rig.advance('1d')
    await rig.until(run.signal('approve', { by: 'ann' }))
    expect(await rig.until(run.result())).toBe('ann')
  })

  test('may come before the wait, and are consumed in order, each once', async () => {
    const c = chain('c')
      .sleep('nap', '1h')
      .wait('a')
      .wait('b', undefined, { timeout: '1h', onTimeout: 'continue' })
    const twice = chain('twice').repeat('loop', (b) => b.wait('a'), { until: ({ round }) => round === 2 })
    const rig = await createRig([c, twice])
    const run = await rig.start(c)
    await rig.until(run.signal('a', 1, { id: 'first' }))
    await rig.until(run.signal('a', 2, { id: 'second' }))
    await rig.until(run.signal('a', 3, { id: 'first' }))
    await rig.until(run.result())
    expect(rig.told('signal')).toEqual([
      'signal.received first',
      'signal.received second',
      'signal.consumed c/a first',
    ])
    const other = await rig.start(twice)
    await rig.until(other.signal('a', 'x', { id: 'x' }))
    await rig.until(other.signal('a', 'y', { id: 'y' }))
    expect(await rig.until(other.result())).toBe('y')
  })

  test('that come too late find the wait timed out, and a finished run refuses them', async () => {
    const c = chain('c')
      .wait('a', undefined, { timeout: '1m', onTimeout: 'continue' })
      .step('s', ({ steps }) => steps.a ?? 'none')
    const strict = chain('strict').wait('a', undefined, { timeout: '1m' })
    const rig = await createRig([c, strict])
    const run = await rig.start(c)
    expect(await rig.until(run.result())).toBe('none')
    await expect(rig.until(run.signal('a', 1))).rejects.toMatchObject({ code: 'RUN_ENDED' })
    const failed = await rig.start(strict)
    expect(await rig.until(failed.settled())).toMatchObject({ failures: [{ failure: { kind: 'timeout' } }] })
  })

  test('wake a run that sleeps in the store, also in the next process', async () => {
    const rig = await createRig([approval])
    const run = await rig.start(approval)
    await rig.advance('1d')
    expect(await rig.until(run.status())).toBe('waiting')
    await rig.crash()
    const again = (await rig.supervisor.get(run.id))!
    await rig.until(again.signal('approve', { by: 'bob' }))
    expect(await rig.until(again.result())).toBe('bob')
  })

  test('are refused where their payload does not fit, or nothing waits for their name', async () => {
    const rig = await createRig([approval])
    const run = await rig.start(approval)
    await expect(rig.until(run.signal('approve', { by: 5 }))).rejects.toMatchObject({
      code: 'SIGNAL_INVALID',
    })
    await expect(rig.until(run.signal('deny', {}))).rejects.toMatchObject({ code: 'SIGNAL_UNKNOWN' })
  })

  test('sent while the run is leaving memory are not lost', async () => {
    const rig = await createRig([approval], { faults: { slowest: 5 } })
    const run = await rig.start(approval)
    const answers = []
    for (let n = 0; n < 20; n++) {
      answers.push(
        run.signal('approve', { by: `${n}` }, { id: `${n}` }).catch((error: { code: string }) => error.code),
      )
      await rig.advance(1)
    }
    const given = await rig.until(Promise.all(answers))
    const kept = rig.told('signal.received').length
    expect(given.filter((answer) => answer === undefined)).toHaveLength(kept)
    expect(new Set(given)).toEqual(new Set([undefined, 'RUN_ENDED']))
  })

  test('that race with the one that ends the run are refused, not journalled after its end', async () => {
    const c = chain('c').wait('a')
    const rig = await createRig([c], { hibernateAfter: '1h' })
    const run = await rig.start(c)
    const answers = [1, 2, 3].map(async (n) =>
      run.signal('a', n).catch((error: { code: string }) => error.code),
    )
    expect(await rig.until(Promise.all(answers))).toEqual([undefined, 'RUN_ENDED', 'RUN_ENDED'])
    expect(rig.told().at(-1)).toBe('run.ended succeeded')
  })
})
