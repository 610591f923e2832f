// Events from any place of the journal on: replayed, then live, each once and in order, whoever executes.

import fc from 'fast-check'
import type { Subscription } from 'rxjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chain, createSupervisor, type Supervisor, type SupervisorOptions } from '../../src/index.ts'
import { createMemoryContents, type MemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { Store } from '../../src/journal/store.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { createRig } from './rig.ts'
import { untilAnswered } from './until.ts'

const three = chain<number>('three')
  .step('a', () => 1)
  .sleep('nap', 5)
  .step('b', () => 2)

interface Reading {
  readonly from: number
  readonly seqs: number[]
  readonly by: Subscription
}

function read(supervisor: Supervisor, from: number): Reading {
  const seqs: number[] = []
  const by = supervisor.events({ after: from }).subscribe({
    next: ({ seq }) => void seqs.push(seq),
    error: (error: unknown) => {
      throw error
    },
  })
  return { from, seqs, by }
}

function house(contents: MemoryContents) {
  const clock = createVirtualClock({ now: 1_000_000 })
  const until = async <T>(work: Promise<T>): Promise<T> => untilAnswered(clock, work)
  const reads: number[] = []
  const store = (): Store => {
    const inner = createMemoryStore(contents)
    const counted = <S extends Pick<Store, 'journal'>>(of: S): S => ({
      ...of,
      journal: async (query: { readonly after: number; readonly limit: number }) => {
        reads.push(query.limit)
        return of.journal(query)
      },
    })
    return { ...counted(inner), shared: true, client: () => counted(inner.client?.() ?? inner) }
  }
  const open = async (options: Partial<SupervisorOptions> = {}): Promise<Supervisor> =>
    until(createSupervisor({ chains: [three], store: store(), clock, ...options }))
  return { clock, until, open, reads }
}

const after = (contents: MemoryContents, from: number): readonly number[] =>
  contents.journal.slice(from).map(({ seq }) => seq)

describe.each(['executor', 'client', 'auto', 'auto that stands by'])('of an %s', (who) => {
  test('come each once and in order, whenever somebody begins to read and wherever', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.record({ do: fc.constant('start' as const), runs: fc.integer({ min: 1, max: 60 }) }),
            fc.record({ do: fc.constant('read' as const), back: fc.nat(2_000) }),
            fc.record({ do: fc.constant('leave' as const), which: fc.nat(5) }),
            fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40) }),
          ),
          { minLength: 4, maxLength: 14 },
        ),
        async (deeds) => {
          const contents = createMemoryContents()
          const { clock, until, open } = house(contents)
          const executor = await open(who === 'auto' ? { role: 'auto' } : {})
          const reader =
            who === 'executor' || who === 'auto'
              ? executor
              : await open({ role: who === 'client' ? 'client' : 'auto' })
          const readings: Reading[] = []
          const left: Reading[] = []
          for (const deed of deeds) {
            if (deed.do === 'start') for (let run = 0; run < deed.runs; run++) void executor.start(three, run)
            else if (deed.do === 'read')
              readings.push(read(reader, Math.max(0, contents.journal.length - deed.back)))
            else if (deed.do === 'leave') {
              const [gone] = readings.splice(deed.which, 1)
              gone?.by.unsubscribe()
              if (gone !== undefined) left.push({ ...gone, seqs: [...gone.seqs] })
            } else await clock.advance(deed.ms)
          }
          await clock.advance('5s')
          for (const { from, seqs } of readings) expect(seqs).toEqual(after(contents, from))
          for (const { from, seqs } of left) expect(seqs).toEqual(after(contents, from).slice(0, seqs.length))
          if (reader !== executor) await until(reader.stop())
          await until(executor.stop())
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('events of a supervisor', () => {
  test('are read in pages of 512, and nothing is read for somebody who has left', async () => {
    const contents = createMemoryContents()
    const { clock, until, open, reads } = house(contents)
    const supervisor = await open()
    for (let run = 0; run < 400; run++) void supervisor.start(three, run)
    await clock.advance('5s')
    expect(contents.journal.length).toBeGreaterThan(2_000)
    const all = read(supervisor, 0)
    await clock.advance('1s')
    expect(all.seqs).toHaveLength(contents.journal.length)
    expect(new Set(reads)).toEqual(new Set([512]))
    all.by.unsubscribe()
    reads.length = 0
    const seqs: number[] = []
    const brief = supervisor.events({ after: 0 }).subscribe(({ seq }) => {
      seqs.push(seq)
      if (seq === 5) brief.unsubscribe()
    })
    await clock.advance('5s')
    expect(seqs).toEqual([1, 2, 3, 4, 5])
    expect(reads).toEqual([512])
    await until(supervisor.stop())
  })

  test('go on through a change of the executor, without a gap', async () => {
    const contents = createMemoryContents()
    const { clock, until, open } = house(contents)
    const first = await open()
    const second = await open({ role: 'auto' })
    const all = read(second, 0)
    for (let run = 0; run < 50; run++) void first.start(three, run)
    await clock.advance('100ms')
    await until(first.stop({ drain: 0 }))
    await clock.advance('2s')
    for (let run = 50; run < 90; run++) void second.start(three, run)
    await clock.advance('2s')
    expect(second.state).toBe('running')
    expect(all.seqs).toEqual(after(contents, 0))
    await until(second.stop())
  })

  test('end with the supervisor', async () => {
    const contents = createMemoryContents()
    const { clock, until, open } = house(contents)
    const supervisor = await open()
    let over = false
    supervisor.events({ after: 0 }).subscribe({ complete: () => void (over = true) })
    await clock.advance('1s')
    await until(supervisor.stop())
    expect(over).toBe(true)
  })

  test('reach the others whatever one throws, and it is told once', async () => {
    const told: string[] = []
    const rig = await createRig([three], {
      logger: { info() {}, warn() {}, error: (_, message) => void told.push(message) },
    })
    rig.supervisor.events({ after: 0 }).subscribe(() => {
      throw new Error('mine')
    })
    const seqs: number[] = []
    const by = rig.supervisor.events({ after: 0 }).subscribe(({ seq }) => seqs.push(seq))
    onTestFinished(() => by.unsubscribe())
    const run = await rig.start(three, 1)
    await rig.until(run.result())
    await rig.advance('1s')
    expect(seqs).toEqual(rig.whole().map(({ seq }) => seq))
    expect(told).toEqual(['a subscriber of events() threw, and is told of once: Error: mine'])
  })

  test('that cannot be read are an error for who reads them, and for nobody else', async () => {
    const rig = await createRig([three])
    rig.store.journal = async () => Promise.reject(new Error('no such page'))
    const errors: unknown[] = []
    rig.supervisor.events({ after: 0 }).subscribe({ error: (error: unknown) => errors.push(error) })
    const run = await rig.start(three, 1)
    expect(await rig.until(run.result())).toBe(2)
    expect(errors).toEqual([expect.objectContaining({ message: 'no such page' })])
  })

  test('that are damaged end it for whoever reads them in another process: they are not read again and again', async () => {
    const contents = createMemoryContents()
    const { clock, until, open, reads } = house(contents)
    const executor = await open()
    const run = await until(executor.start(three, 1))
    await until(run.result())
    const row = contents.journal.at(-2)
    Object.assign(row ?? {}, { body: '{"cut":' })
    const client = await open({ role: 'client' })
    const errors: unknown[] = []
    const by = client.events({ after: 0 }).subscribe({ error: (error: unknown) => errors.push(error) })
    onTestFinished(() => by.unsubscribe())
    await clock.advance('1s')
    expect(errors).toEqual([expect.objectContaining({ code: 'STORE_CORRUPT' })])
    const before = reads.length
    await clock.advance('1s')
    // a client looks at the end of the journal all the same
    expect(reads.slice(before).filter((limit) => limit === 512)).toEqual([])
    await until(client.stop())
    await until(executor.stop())
  })

  test.each([undefined, {}, { after: -1 }, { after: 1.5 }, { after: '3' }, { after: 0, to: 3 }])(
    'from %o are refused',
    async (from) => {
      const rig = await createRig([three])
      expect(() => rig.supervisor.events(from as never)).toThrow(/events\(\) (takes|has no option)/)
    },
  )
})
