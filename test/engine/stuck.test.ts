// What a person decides about a compensation that has failed for good: below the public face, on the live run itself.

import { expect, test } from 'vitest'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { compile } from '../../src/chain/compile.ts'
import { chain } from '../../src/chain/create-chain.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { defaultLimits } from '../../src/engine/services.ts'
import { toEvent } from '../../src/journal/encoding.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { createConfig } from '../../src/supervision/config.ts'
import { createDurations } from '../../src/chain/durations.ts'
import { createSeededTime } from '../../src/testing/simulation/seeded-time.ts'

async function engineOf(one: AnyChain) {
  const time = createSeededTime(1_000_000, createRandom(1))
  const contents = createMemoryContents()
  const compiled = compile(one.spec)
  const boot = () =>
    createEngine({
      chains: new Map([[one.id, compiled]]),
      store: createMemoryStore(contents),
      clock: time.process(),
      app: undefined,
      logger: { info() {}, warn() {}, error() {} },
      inspect: undefined,
      config: createConfig({ concurrency: 100, hibernateAfter: 2_000, steps: {} }),
      limits: defaultLimits,
      recover: true,
      durations: createDurations(new Map()),
    })
  const rest = async (ms: number): Promise<void> => {
    const end = time.now() + ms
    while (await time.step(end));
    time.jump(end)
  }
  const engine = boot()
  await engine.open()
  void engine.accept([compiled], undefined, { id: 'r' })
  await rest(3_600_000)
  return {
    engine,
    rest,
    told: () =>
      contents.journal.map(toEvent).flatMap(({ type }) => (/^(run|compensation)\./.test(type) ? [type] : [])),
  }
}

test('a compensation that failed for good goes on from where it was when it is retried', async () => {
  const undone: string[] = []
  let broken = true
  const c = chain('c')
    .step('a', () => 1, { compensate: () => void undone.push('a') })
    .step('b', () => 1, {
      compensate: () => {
        if (broken) throw new Error('the bank is closed')
        undone.push('b')
      },
    })
    .step('c', () => 1, { compensate: () => void undone.push('c') })
    .fail('no')
  const { engine, rest, told } = await engineOf(c)
  expect(undone).toEqual(['c'])
  broken = false
  const resolved = engine.reach('r').then((live) => live?.resolveStuck('retry'))
  await rest(0)
  expect(await resolved).toBe(true)
  await rest(1_000)
  expect(undone).toEqual(['c', 'b', 'a'])
  expect(told()).toEqual(['run.accepted', 'run.parked', 'run.unparked', 'compensation.retried', 'run.ended'])
})

test('a retry that fails again parks the run again', async () => {
  let tries = 0
  const c = chain('c')
    .step('a', () => 1, {
      compensate: {
        run: () => {
          tries++
          throw new Error('closed')
        },
        attempts: 2,
      },
    })
    .fail('no')
  const { engine, rest, told } = await engineOf(c)
  const resolved = engine.reach('r').then((live) => live?.resolveStuck('retry'))
  await rest(0)
  expect(await resolved).toBe(true)
  await rest(3_600_000)
  expect(tries).toBe(4)
  expect(told()).toEqual(['run.accepted', 'run.parked', 'run.unparked', 'compensation.retried', 'run.parked'])
})
