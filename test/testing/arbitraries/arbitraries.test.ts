import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { chain } from '../../../src/index.ts'
import { anyChain, anyGraph, attemptsOf, faultsOf, inputOf } from '../../../src/fast-check.ts'
import { assertHolds, explore, harness } from '../../../src/testing.ts'
import { walk } from '../../../src/definition/spec.ts'

const input = z.object({
  id: z.uuid(),
  customer: z.email(),
  price: z.int().min(1).max(9_999),
  share: z.number().gt(0).lte(1),
  lines: z.array(z.object({ sku: z.string().min(2).max(4), kind: z.enum(['box', 'bag']) })).min(1),
  note: z.string().optional(),
  when: z.iso.datetime(),
  to: z.union([z.literal('shop'), z.null()]),
  tags: z.record(z.string(), z.boolean()),
})

test('inputs fit the schema of the chain, and come in all that it allows', () => {
  const order = chain('order', { input }).step('charge', ({ input: { price } }) => price)
  const seen = fc.sample(inputOf(order), { numRuns: 60, seed: 7 })
  for (const one of seen) expect(input.safeParse(one).success).toBe(true)
  expect(new Set(seen.map(({ to }) => to))).toEqual(new Set(['shop', null]))
  expect(new Set(seen.map(({ note }) => typeof note))).toEqual(new Set(['string', 'undefined']))
})

test('an input that a property does not hold for shrinks as far as the schema lets it', () => {
  const order = chain('order', { input: z.object({ price: z.int().min(1), note: z.string() }) }).step(
    's',
    () => 1,
  )
  const { counterexample } = fc.check(
    fc.property(inputOf(order), ({ price }) => price < 100),
    { seed: 3 },
  )
  expect(counterexample).toEqual([{ price: 100, note: '' }])
})

test('a chain without a schema gets any JSON', () => {
  const seen = fc.sample(inputOf(chain('any').step('s', () => 1)), { numRuns: 100, seed: 1 })
  expect(new Set(seen.map((one: unknown) => typeof one)).size).toBeGreaterThan(3)
})

test('a script that breaks something shrinks to the one fault that does', async () => {
  let charged = 0
  const pay = chain('pay')
    .step('check', () => true)
    .step('charge', () => ++charged, { attempts: 3 })
  const world = (): undefined => void (charged = 0)
  const { failed, counterexample } = await fc.check(
    fc.asyncProperty(faultsOf(pay), async (script) => {
      assertHolds(await explore(pay, { once: () => charged <= 1 }, { world, script }))
    }),
    { seed: 5, numRuns: 200 },
  )
  expect(failed).toBe(true)
  const [script = []] = counterexample ?? []
  expect(script).toHaveLength(1)
  expect(script[0]).toMatchObject({ at: 'charge' })
})

test('attempts are drawn up to a last one that succeeds, and tell what they do', async () => {
  const pull = chain('pull').step('fetch', () => 1, { attempts: 9 })
  const seen = fc.sample(attemptsOf(fc.nat(), { most: 2 }), { numRuns: 30, seed: 2 })
  expect(new Set(seen.map(({ length }) => length))).toEqual(new Set([1, 2, 3]))
  expect(fc.stringify(seen.find(({ length }) => length === 3))).toMatch(
    /^\[(?:fail|slow)\(.*succeed\(\d+\)\]$/,
  )
  const t = await harness(pull, { steps: { fetch: seen.find(({ length }) => length === 1) ?? [] } })
  expect((await t.end()).status).toBe('succeeded')
})

test('drawn chains have every kind of entry, names of their own, and shrink to one step', () => {
  const kinds = new Set<string>()
  for (const one of fc.sample(anyChain(), { numRuns: 100, seed: 4 })) {
    const names = [...walk(one.spec.entries)].map(({ kind, name }) => {
      kinds.add(kind)
      return name
    })
    expect(new Set(names).size).toBe(names.length)
  }
  expect([...kinds].toSorted()).toEqual(
    ['call', 'choose', 'each', 'parallel', 'repeat', 'sleep', 'step', 'wait'].toSorted(),
  )
  const { counterexample } = fc.check(
    fc.property(anyChain(), ({ spec }) => spec.entries.length === 0),
    { seed: 6 },
  )
  expect(counterexample?.[0].spec.entries).toMatchObject([
    { kind: 'step', name: 'step0', options: { attempts: 1 } },
  ])
})

test('whatever the shape of a chain, and whatever goes wrong in it, what must hold does', async () => {
  await fc.assert(
    fc.asyncProperty(anyChain(), fc.nat(), async (any, seed) => {
      assertHolds(await explore(any, {}, { stories: 1, drawn: 3, seed }))
    }),
    { numRuns: 6 },
  )
})

test('whatever a graph of chains looks like, its last chain ends', async () => {
  await fc.assert(
    fc.asyncProperty(anyGraph(), async (all) => {
      assertHolds(await explore(all.at(-1)!, {}, { stories: 1, drawn: 1 }))
    }),
    { numRuns: 6 },
  )
})

test('outputs that are no arbitrary are refused with the cure', () => {
  expect(() => attemptsOf(['Ada'] as never)).toThrow(
    'attemptsOf() takes an arbitrary of outputs: for one value, give fc.constant(value)',
  )
})
