import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type CoverageFile, mergeCoverage, parseCoverage } from '../../../src/analysis/coverage.ts'
import { createEvidence } from '../../../src/analysis/evidence.ts'
import { evaluate } from '../../../src/analysis/evaluate.ts'
import { atOnce } from '../../../src/analysis/slices.ts'
import type { AnyChain } from '../../../src/chain/any-chain.ts'
import { readCoverage } from '../../../src/engine/read-coverage.ts'
import { chain, createSupervisor } from '../../../src/index.ts'
import { coverage, harness, succeed, writeCoverage } from '../../../src/testing.ts'
import { createRig } from '../../engine/rig.ts'
import { saga, wide } from './chains.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-coverage-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Of each step, whether it is tested by what is in the folder. */
async function testedOf(one: AnyChain, at: string | undefined): Promise<Record<string, readonly unknown[]>> {
  const rig = await createRig([one])
  const evidence = createEvidence({ after: 0 })
  for (const event of rig.whole()) evidence.apply(event)
  const found = at === undefined ? undefined : readCoverage(at)
  const { implementation } = atOnce(evaluate(evidence, { now: rig.now(), coverage: found }))
  const steps = implementation.find(({ chain: id }) => id === one.id)?.steps ?? []
  return Object.fromEntries(
    steps.map(({ step, ladder }) => {
      const tested = ladder.find(({ rung }) => rung === 'tested')
      return [step, [tested?.reached, tested?.why]]
    }),
  )
}

test('coverage says what has to happen for what no test visits', async () => {
  const two = chain('covered-two')
    .step('read', () => 1)
    .step('write', () => 2)
  const t = await harness(two, { steps: { read: succeed(1) } })
  await (await t.attempt('write')).fail('disk full')
  const { missing } = coverage(two)
  expect(missing.find(({ part }) => part === 'write --done--> succeeded')).toEqual({
    part: 'write --done--> succeeded',
    by: ['read succeeds', 'write succeeds'],
  })
  expect(String(coverage(two))).toContain('covered-two: 3 of 6 states, 2 of 11 transitions, 1 of 4 recovery')
  expect(String(coverage(two))).toContain('  read --lost--> read  by: read is lost with its process')
})

test('the analyzer tells which steps are tested, by what tests left for this version', async () => {
  const at = join(folder, 'analyzer')
  const two = chain('left-two')
    .step('read', () => 1)
    .step('write', () => 2)
  expect((await testedOf(two, undefined))['read']?.[0]).toBe('unknown')
  const t = await harness(two, { steps: { write: succeed(1) }, occupied: true })
  await t.free()
  await t.crash()
  await (await t.attempt('read')).succeed()
  await t.again()
  await (await t.attempt('read')).fail()
  await t.stop()
  writeCoverage(at)
  const told = await testedOf(two, at)
  expect(told['read']).toEqual(['yes', undefined])
  expect(told['write']).toEqual([
    'no',
    'tests have not taken 4 of its 5 transitions, such as write --queued--> queued, which comes by: read succeeds, write waits for a slot',
  ])
  const changed = chain('left-two', { version: '2' })
    .step('read', () => 1)
    .step('write', () => 2)
  expect((await testedOf(changed, at))['read']).toEqual(['no', 'no test has run this version of its chain'])
})

test('each process has a file of its own, written whole, and what they visited is one', () => {
  const at = join(folder, 'files')
  const file = writeCoverage(at)
  expect(writeCoverage(at)).toBe(file)
  expect(readdirSync(at)).toHaveLength(1)
  const one = (visited: boolean): CoverageFile => ({
    schema: 1,
    chains: [
      {
        chain: 'a',
        version: '1',
        transitions: [
          { id: 'x', label: 'x', step: 's', recovery: false, visited },
          { id: 'y', label: 'y', step: 's', recovery: false, visited: !visited },
        ],
      },
    ],
  })
  const merged = mergeCoverage([one(true), one(false)]).get('a\n1')
  expect(merged?.transitions.map(({ visited }) => visited)).toEqual([true, true])
  expect(parseCoverage(readFileSync(file, 'utf8'))?.schema).toBe(1)
})

test('where a runner loads modules anew for each file of tests, none overwrites what another has left', async () => {
  const at = join(folder, 'modules')
  const written: string[] = []
  for (const name of ['first-file', 'second-file']) {
    vi.resetModules()
    const kit = await import('../../../src/testing.ts')
    const t = await kit.harness(chain(name).step('read', () => 1))
    await (await t.attempt('read')).succeed()
    await t.stop()
    written.push(kit.writeCoverage(at), kit.writeCoverage(at))
  }
  expect(readdirSync(at)).toHaveLength(2)
  expect(new Set(written).size).toBe(2)
  expect([...readCoverage(at).values()].map((one) => one.chain).toSorted()).toEqual([
    'first-file',
    'second-file',
  ])
})

test.each([saga, wide])('coverage says for every part of $id what has to happen', (one) => {
  const { missing } = coverage(one)
  expect(missing.length).toBeGreaterThan(100)
  expect(missing.filter(({ by }) => by === undefined)).toEqual([])
})

test('what is no coverage is refused with what to do', () => {
  const wrong = join(folder, 'wrong.json')
  writeFileSync(wrong, '{"schema":2}')
  expect(() => readCoverage(wrong)).toThrow('is no coverage that tests have left')
  expect(() => readCoverage(join(folder, 'nowhere'))).toThrow('have tests call writeCoverage()')
  for (const text of ['', 'null', '[]', '{"schema":1}', '{"schema":1,"chains":[null]}'])
    expect(parseCoverage(text)).toBeUndefined()
})

test('a supervisor that is given the coverage says in its own reports what is tested', async () => {
  const at = join(folder, 'own')
  const one = chain('told-by-itself').step('read', () => 1)
  const t = await harness(one)
  await (await t.attempt('read')).succeed()
  await t.stop()
  writeCoverage(at)
  const rungOf = async (analyze: object): Promise<string | undefined> => {
    const supervisor = await createSupervisor({ chains: [one], analyze })
    await supervisor.run(one)
    const { implementation } = await supervisor.analyzer.report()
    await supervisor.stop()
    const steps = implementation[0]?.steps ?? []
    return steps[0]?.ladder.find(({ rung }) => rung === 'tested')?.reached
  }
  expect(await rungOf({})).toBe('unknown')
  expect(await rungOf({ coverage: at })).toBe('no')
  await expect(rungOf({ coverage: join(at, 'nowhere') })).rejects.toMatchObject({ code: 'BAD_OPTION' })
  await expect(rungOf({ coverage: 5 })).rejects.toThrow('coverage of analyze is the path')
})
