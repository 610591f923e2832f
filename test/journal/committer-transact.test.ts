// Group commit with the host's own rows: one transaction, behind all before it, one at a time, and again where busy.

import { describe, expect, test } from 'vitest'
import type { HostTransaction } from '../../src/definition/host-database.ts'
import { type HostWork, createCommitter } from '../../src/journal/committer.ts'
import type { Batch, Store } from '../../src/journal/store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'

/** A store that tells what was written how, and is busy as often as the test says. */
function rig(busy = 0) {
  const clock = createVirtualClock()
  const told: string[] = []
  const errors: string[] = []
  const published: number[] = []
  let left = busy
  let written: (() => void) | undefined
  const inWords = ({ rows }: Batch): string =>
    rows.length === 0 ? 'nothing' : `${rows[0]?.seq}-${rows.at(-1)?.seq}`
  const store = {
    append(batch: Batch): Promise<void> {
      told.push(inWords(batch))
      return new Promise((resolve) => {
        written = resolve
      })
    },
    transact(work: (transaction: HostTransaction) => Batch): boolean {
      if (left-- > 0) {
        told.push('busy')
        return false
      }
      told.push(`rows and ${inWords(work({} as HostTransaction))}`)
      return true
    },
  }
  const committer = createCommitter(store as unknown as Store, clock, {
    lastSeq: 0,
    failed: ({ code }) => errors.push(code),
    published: (events) => published.push(...events.map(({ seq }) => seq)),
  })
  const submit = (run: string): void => committer.submit({ run, facts: [{ type: 'run.paused' }] })
  const work = (wanted = true): HostWork => ({ wanted, act: () => submit('host') })
  return { clock, told, errors, published, committer, submit, work, written: () => written?.() }
}

describe("a transaction with the host's rows", () => {
  test('waits for the batch in flight, takes what came meanwhile, and ends with its own turn', async () => {
    const { clock, told, published, committer, submit, work, written } = rig()
    submit('a')
    await clock.settle()
    submit('b')
    committer.transact(work())
    submit('c')
    await clock.settle()
    expect(told).toEqual(['1-1'])
    written()
    await clock.settle()
    expect(told).toEqual(['1-1', 'rows and 2-4'])
    expect(published).toEqual([1, 2, 3, 4])
  })

  test('is one for each, in the order of calls, and none for what nobody wants any more', async () => {
    const { clock, told, committer, work } = rig()
    committer.transact(work())
    committer.transact(work(false))
    committer.transact(work())
    let drained = false
    void committer.drained().then(() => (drained = true))
    await clock.settle()
    expect(told).toEqual(['rows and 1-1', 'rows and 2-2'])
    expect(drained).toBe(true)
  })

  test('lets one large batch go ahead, and no second', async () => {
    const { clock, told, committer, submit, work, written } = rig()
    for (let turn = 0; turn < 300; turn++) submit('a')
    committer.transact(work())
    await clock.settle()
    for (let turn = 0; turn < 300; turn++) submit('a')
    written()
    await clock.settle()
    expect(told).toEqual(['1-300', 'rows and 301-601'])
  })

  test('is asked for again a little later where another process writes; others are written meanwhile', async () => {
    const { clock, told, committer, submit, work, written } = rig(3)
    committer.transact(work())
    await clock.settle()
    expect(told).toEqual(['busy'])
    await clock.advance(2)
    submit('a')
    await clock.settle()
    expect(told).toEqual(['busy', 'busy', 'busy', '1-1'])
    written()
    await clock.settle()
    expect(told.at(-1)).toBe('rows and 2-2')
  })

  test('that fails is a failed commit: nothing is written afterwards', async () => {
    const { clock, told, errors, committer, submit } = rig()
    committer.transact({
      wanted: true,
      act() {
        throw new TypeError('no')
      },
    })
    submit('a')
    await clock.settle()
    submit('b')
    await clock.settle()
    expect(errors).toEqual(['STORE_UNAVAILABLE'])
    expect(told).toEqual([])
  })
})
