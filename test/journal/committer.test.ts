// Group commit: order, atomicity, slices, and what happens when the store fails.

import { describe, expect, test } from 'vitest'
import { createCommitter } from '../../src/journal/committer.ts'
import type { Fact } from '../../src/journal/event.ts'
import type { Batch, Store } from '../../src/journal/store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

const fact = (): Fact => ({ type: 'run.paused' })

/** A store that writes when the test says so. */
function rig(how: 'at once' | 'later' = 'at once') {
  const clock = createVirtualClock()
  const batches: Batch[] = []
  const errors: string[] = []
  const published: number[] = []
  let end: { written(): void; failed(error: Error): void } | undefined
  const append = (batch: Batch): void | Promise<void> => {
    batches.push(batch)
    if (how === 'at once') return undefined
    return new Promise((resolve, reject) => {
      end = { written: resolve, failed: reject }
    })
  }
  const committer = createCommitter({ append } as unknown as Store, clock, {
    lastSeq: 10,
    failed: ({ code }) => errors.push(code),
    published: (events) => published.push(...events.map(({ seq }) => seq)),
  })
  return { clock, batches, errors, published, committer, end: () => end }
}

describe('group commit', () => {
  test('numbers events in the order of the turns, and writes one turn of the loop as one batch', async () => {
    const { clock, batches, committer, published } = rig()
    committer.submit({ run: 'a', facts: [fact(), fact()] })
    committer.submit({ run: 'b', facts: [fact()] })
    await clock.settle()
    expect(batches.map(({ rows }) => rows.map(({ seq, run }) => `${seq}${run}`))).toEqual([
      ['11a', '12a', '13b'],
    ])
    expect(published).toEqual([11, 12, 13])
  })

  test('gathers what comes while a batch is being written', async () => {
    const { clock, batches, committer, end } = rig('later')
    committer.submit({ run: 'a', facts: [fact()] })
    await clock.settle()
    committer.submit({ run: 'b', facts: [fact()] })
    committer.submit({ run: 'c', facts: [fact()] })
    await clock.settle()
    expect(batches).toHaveLength(1)
    end()?.written()
    await clock.settle()
    expect(batches.map(({ rows }) => rows.length)).toEqual([1, 2])
  })

  test('lets nothing take effect before it is durable', async () => {
    const { clock, committer, end } = rig('later')
    let committed = false
    committer.submit({
      run: 'a',
      facts: [fact()],
      committed: () => {
        committed = true
      },
    })
    await clock.settle()
    expect(committed).toBe(false)
    end()?.written()
    await clock.settle()
    expect(committed).toBe(true)
  })

  test('goes on in journal order, in slices', async () => {
    const { clock, committer, published } = rig()
    for (let i = 0; i < 1_000; i++) committer.submit({ run: 'a', facts: [fact()] })
    let drained = false
    void committer.drained().then(() => {
      drained = true
    })
    await clock.settle()
    expect(published).toEqual(Array.from({ length: 1_000 }, (_, i) => 11 + i))
    expect(drained).toBe(true)
  })

  test('takes a snapshot only of the state that a run is left in', async () => {
    const { clock, batches, committer } = rig()
    const snapshot = (body: string) => (seq: number) => ({ run: 'a', seq, body })
    committer.submit({ run: 'a', facts: [fact()], snapshot: snapshot('overtaken by a turn that rests') })
    committer.submit({ run: 'a', facts: [fact()], snapshot: snapshot('left') })
    committer.submit({ run: 'b', facts: [fact()], snapshot: snapshot('overtaken by a turn that does not') })
    committer.submit({ run: 'b', facts: [fact()] })
    await clock.settle()
    expect(batches[0]?.snapshots).toEqual([{ run: 'a', seq: 12, body: 'left' }])
  })

  test('after a failed batch none is written, and nothing takes effect', async () => {
    const { clock, batches, committer, errors, end, published } = rig('later')
    committer.submit({ run: 'a', facts: [fact()] })
    await clock.settle()
    committer.submit({ run: 'b', facts: [fact()] })
    end()?.failed(new Error('disk'))
    await clock.settle()
    committer.submit({ run: 'c', facts: [fact()] })
    await clock.settle()
    expect([batches.length, errors, published]).toEqual([1, ['STORE_UNAVAILABLE'], []])
    await committer.drained()
  })
})
