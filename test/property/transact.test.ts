// Over random failures, crashes and failed commits: rows of the host and committed outcomes are one to one.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import type { HostDatabase } from '../../src/definition/host-database.ts'
import { createRig } from '../engine/rig.ts'
import { enqueue } from '../../src/sqlite/enqueue.ts'
import { createSqliteStore } from '../../src/sqlite/store.ts'

/** What a body does besides writing, in the order in which bodies run, over all processes. */
const moods = ['well', 'throws', 'failBefore', 'failAfter', 'powerCut', 'promise'] as const
type Mood = (typeof moods)[number]

interface World {
  readonly moods: readonly Mood[]
  /** After which waits of virtual time the process is killed (ms). */
  readonly kills: readonly number[]
  readonly runs: number
}

const worlds: fc.Arbitrary<World> = fc.record({
  moods: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant<Mood>('well') },
      { weight: 3, arbitrary: fc.constantFrom(...moods) },
    ),
    { maxLength: 30 },
  ),
  kills: fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 4 }),
  runs: fc.integer({ min: 1, max: 5 }),
})

async function live({ moods: next, kills, runs }: World): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-'))
  const file = join(folder, 'a.db')
  const store = createSqliteStore(file, { durability: 'normal' })
  await store.open()
  await store.close()
  const db = new DatabaseSync(file)
  db.exec('CREATE TABLE entries (key TEXT NOT NULL)')
  const left = [...next]
  const write = (rows: HostDatabase, { idempotencyKey }: { readonly idempotencyKey: string }): unknown => {
    rows.prepare('INSERT INTO entries (key) VALUES (?)').run(idempotencyKey)
    const mood = left.shift() ?? 'well'
    if (mood === 'throws') throw new Error('no luck')
    if (mood === 'promise') return Promise.resolve(1)
    if (mood !== 'well') rig.store.failNext(mood)
    return idempotencyKey.length
  }
  const backoff = { initial: 20, max: 50 }
  const after = chain('after').transact('note', (rows, context) => write(rows, context), {
    attempts: 2,
    backoff,
  })
  const item = chain<number>('item').transact('line', (rows, context) => write(rows, context), {
    attempts: 3,
    backoff,
  })
  const order = chain<number>('order')
    .step('before', () => 1)
    .transact(
      'book',
      (rows, context) => {
        enqueue(rows, after, undefined, { id: `after-${context.input}` })
        return write(rows, context)
      },
      { attempts: 3, backoff, fallback: () => 'none' },
    )
    .parallel('lines', {
      a: (b) =>
        b.each('all', ({ input }: { readonly input: number }) => [input, input + 1], item, { key: String }),
      b: (b) => b.transact('side', (rows, context) => write(rows, context), { attempts: 2, backoff }),
    })
  const rig = await createRig([order, after], { file, lostAttempts: 1_000 })
  const check = (): void => {
    const rows = db.prepare('SELECT key FROM entries ORDER BY key').all()
    const events = rig.events()
    const outcomes = events.flatMap((event) => {
      if (event.type !== 'attempt.succeeded' || !['book', 'line', 'side', 'note'].includes(event.step))
        return []
      const { run, chain: of, step, item: at } = event
      return [[run, of, step, ...(at === undefined ? [] : [at])].join('/')]
    })
    expect(rows.map(({ key }) => key)).toEqual(outcomes.toSorted())
    expect(new Set(outcomes).size).toBe(outcomes.length)
    const asked = db.prepare("SELECT body ->> 'run' AS run FROM inbox").all()
    const begun = events.flatMap(({ type, run }) =>
      type === 'run.accepted' && run.startsWith('after') ? [run] : [],
    )
    const booked = outcomes.flatMap((key) => (key.endsWith('/book') ? [`after-${key.slice(1, 2)}`] : []))
    expect([...begun, ...asked.map(({ run }) => String(run))].toSorted()).toEqual(booked.toSorted())
  }
  /** A store that failed has taken its supervisor with it, as a killed process. */
  const revive = async (): Promise<void> => {
    while (rig.supervisor.state === 'failed') {
      check()
      await rig.crash()
      await rig.advance(100)
    }
  }
  try {
    for (let n = 0; n < runs; n++) {
      await rig.until(
        rig.supervisor.start(order, n, { id: `r${n}` }).catch(() => 'the store has failed: asked for below'),
      )
    }
    for (const wait of kills) {
      await rig.advance(wait)
      check()
      await rig.crash()
    }
    await rig.advance(50)
    await revive()
    for (let n = 0; n < runs; n++) {
      await rig.until(rig.supervisor.start(order, n, { id: `r${n}` }).catch(() => 0))
      await rig.advance('2s')
      await revive()
    }
    // whatever was to fail has failed: now all end
    left.length = 0
    await rig.advance('10s')
    await revive()
    await rig.advance('10s')
    check()
    const heads = await rig.supervisor.list({ limit: 1_000 })
    expect(heads.filter(({ endedAt }) => endedAt === null)).toEqual([])
    expect(heads.length).toBeGreaterThanOrEqual(runs)
  } finally {
    await rig.store.kill()
    db.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

test(
  'rows are there if and only if their outcome is, at every crash and in the end',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => live(world)),
      { numRuns: 40 },
    )
  },
)
