// Whoever watches a busy supervisor is given what is committed as it is committed, and does not read it from the store again.

import { expect, test } from 'vitest'
import type { Report } from '../../src/analysis/report.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { createEvidenceReader } from '../../src/engine/reflector/read-evidence.ts'
import { toRow } from '../../src/journal/encoding.ts'
import { createRig, type Rig } from './rig.ts'

const one = chain('one').step('only', () => 1)

/** Counts what is read of the journal. */
function counted(rig: Rig): { rows: number } {
  const read = rig.store.journal.bind(rig.store)
  const of = { rows: 0 }
  rig.store.journal = async (query) => {
    const rows = await read(query)
    of.rows += rows.length
    return rows
  }
  return of
}

async function runs(rig: Rig, count: number): Promise<void> {
  await rig.until(Promise.all(Array.from({ length: count }, async () => rig.supervisor.run(one))))
}

test('an analyzer that is listened to takes events in as they come, and says the same as one that reads them', async () => {
  const rig = await createRig([one])
  const reports: Report[] = []
  const watching = rig.supervisor.analyzer.report$.subscribe((report) => reports.push(report))
  await rig.advance('1ms')
  const of = counted(rig)
  for (let turn = 0; turn < 5; turn++) {
    await runs(rig, 200)
    await rig.advance('3s')
  }
  const told = rig.whole().length
  expect(told).toBeGreaterThan(4_000)
  // but for the last of a burst, which may be read before it is told of
  expect(of.rows).toBeLessThan(told / 20)
  const last = reports.at(-1)!
  watching.unsubscribe()
  expect(last.meta.seq).toBe(rig.whole().at(-1)?.seq)
  expect(last.meta.runs.used).toBe(1_000)

  await rig.crash()
  const read = await rig.until(rig.supervisor.analyzer.report())
  expect(read.performance.steps.map(({ step, n }) => [step, n])).toEqual(
    last.performance.steps.map(({ step, n }) => [step, n]),
  )
  expect(read.health.map(({ state }) => state)).toEqual(last.health.map(({ state }) => state))
  await rig.until(rig.supervisor.stop())
})

test('a reflector that is far behind goes on with the latest, and still knows what carries no run', async () => {
  const rig = await createRig([one])
  const declared = rig.whole().filter(({ type }) => type === 'engine.declared')
  expect(declared).toHaveLength(1)
  let last = 0
  let facts: ReturnType<typeof toRow>[] = []
  const asked: number[] = []
  const { read } = createEvidenceReader(
    () => ({
      lastSeq: async () => last,
      rows: async (_, after) => facts.filter(({ seq }) => seq > after),
      journal: async ({ after }) => {
        asked.push(after)
        return []
      },
    }),
    rig.clock,
  )
  expect(await rig.until(read())).toBeUndefined()
  facts = declared.map((event) => ({ ...toRow(event), seq: 50_000 }))
  last = 1_000_000
  expect(await rig.until(read())).toMatchObject({ records: [], declaration: { chains: [{ id: 'one' }] } })
  expect(asked).toEqual([0, 800_000])
  await rig.until(rig.supervisor.stop())
})
