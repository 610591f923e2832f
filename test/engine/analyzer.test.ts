import { firstValueFrom, take, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import type { Report } from '../../src/analysis/report.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig } from './rig.ts'

const extract = chain('extract').step('fetch', () => [1, 2])
const report = chain('report')
  .needs({ extract })
  .step('render', ({ needs }) => needs.extract.length)

test('a report tells of all that was committed before it was asked for', async () => {
  const rig = await createRig([report])
  await rig.until(rig.supervisor.run(report))
  const { meta, health, performance, verdict } = await rig.until(rig.supervisor.analyzer.report())
  expect(meta).toMatchObject({ at: rig.now(), runs: { used: 1, open: 0, excluded: [] } })
  expect(meta.seq).toBe(rig.whole().at(-1)?.seq)
  expect(health.map(({ chain: id, state }) => `${id} ${state}`)).toEqual([
    'extract unknown',
    'report unknown',
  ])
  expect(performance.steps.map(({ chain: id, step, n }) => `${id}/${step} ${n}`).toSorted()).toEqual([
    'extract/fetch 1',
    'report/render 1',
  ])
  expect(verdict.state).toBe('unknown')
})

test('who asks while a report is made gets the next one', async () => {
  const rig = await createRig([report])
  const { analyzer } = rig.supervisor
  const first = analyzer.report()
  const running = rig.supervisor.run(report)
  const second = running.then(async () => analyzer.report())
  expect((await rig.until(first)).meta.runs.used).toBe(0)
  expect((await rig.until(second)).meta.runs.used).toBe(1)
})

test('the stream gives a report at once, and another when something has happened', async () => {
  const rig = await createRig([report])
  const two = firstValueFrom(rig.supervisor.analyzer.report$.pipe(take(2), toArray()))
  await rig.advance()
  await rig.until(rig.supervisor.run(report))
  const reports: readonly Report[] = await rig.until(two)
  expect(reports.map(({ meta }) => meta.runs.used)).toEqual([0, 1])
})

test('an analyzer that nobody asks reads nothing', async () => {
  const rig = await createRig([report])
  await rig.until(rig.supervisor.run(report))
  let reads = 0
  const read = rig.store.journal.bind(rig.store)
  rig.store.journal = async (query) => {
    reads++
    return read(query)
  }
  await rig.until(rig.supervisor.run(report))
  expect(reads).toBe(0)
  await rig.until(rig.supervisor.analyzer.report())
  expect(reads).toBeGreaterThan(0)
})

test('a supervisor that has stopped refuses, and ends the stream', async () => {
  const rig = await createRig([report])
  const all = firstValueFrom(rig.supervisor.analyzer.report$.pipe(toArray()))
  await rig.until(rig.supervisor.stop())
  await expect(rig.supervisor.analyzer.report()).rejects.toMatchObject({ code: 'SUPERVISOR_STOPPED' })
  expect(await all).toBeInstanceOf(Array)
})

test('a store that cannot be read fails the report, and not the next one', async () => {
  const rig = await createRig([report])
  await rig.until(rig.supervisor.run(report))
  const read = rig.store.journal.bind(rig.store)
  rig.store.journal = async () => Promise.reject(new Error('no disk'))
  await expect(rig.until(rig.supervisor.analyzer.report())).rejects.toThrow('no disk')
  rig.store.journal = read
  expect((await rig.until(rig.supervisor.analyzer.report())).meta.runs.used).toBe(1)
})

test('more live events than are held are read from the journal: none is missed', async () => {
  const many = chain('many').each(
    'do',
    () => Array.from({ length: 6_000 }, (_, item) => item),
    (item) => item,
    {
      inFlight: 100,
    },
  )
  const rig = await createRig([many])
  const seen: Report[] = []
  rig.supervisor.analyzer.report$.subscribe((one) => void seen.push(one))
  await rig.advance()
  await rig.until(rig.supervisor.run(many))
  await rig.advance('1m')
  expect(rig.whole().length).toBeGreaterThan(12_000)
  const last = seen.at(-1)
  expect(last?.meta.seq).toBe(rig.whole().at(-1)?.seq)
  expect(last?.performance.steps[0]?.n).toBe(6_000)
  expect(last?.resources.journal.events).toBe(rig.whole().length)
})

test('a subscriber that throws harms nobody', async () => {
  const rig = await createRig([report])
  rig.supervisor.analyzer.report$.subscribe(() => {
    throw new Error('a broken dashboard')
  })
  const two = firstValueFrom(rig.supervisor.analyzer.report$.pipe(take(2), toArray()))
  await rig.advance()
  await rig.until(rig.supervisor.run(report))
  expect(await rig.until(two)).toHaveLength(2)
})
