import { beforeAll, expect, test } from 'vitest'
import { type Diagnostic, typecheck } from '../type/typecheck.ts'

const preamble = `
import { chain, createSupervisor, orderOnly } from 'catenary'
import { z } from 'zod'
const supervisor = await createSupervisor({ chains: [] })
const load = chain<number>('load').step('fetch', () => [{ id: 1 }]).step('count', ({ steps }) => steps.fetch.length)
const rate = chain('rate').step('ask', () => 1.5)
const report = chain('report').needs({ rate, order: orderOnly(rate) })
`
const offset = preamble.split('\n').length

/** A mistake on one line, and what an author reads about it. */
const mistakes: readonly (readonly [mistake: string, code: string, message: string])[] = [
  [
    `load.step('wrong', ({ steps }) => steps.fetched)`,
    `a wrong step name is named, with the right one`,
    `Property 'fetched' does not exist on type 'Steps<Entry<"count", number> | Entry<"fetch", { id: number; }[]>>'. Did you mean 'fetch'?`,
  ],
  [
    `load.step('wrong', ({ steps }) => steps.count.length)`,
    `a wrong use of an output names its type`,
    `Property 'length' does not exist on type 'number'.`,
  ],
  [
    `supervisor.run(load, 'ten')`,
    `a wrong input says what it is and what it should be`,
    `Argument of type 'string' is not assignable to parameter of type 'number'.`,
  ],
  [`supervisor.run(load)`, `a missing input is counted`, `Expected 2-3 arguments, but got 1.`],
  [`supervisor.start(load)`, `a missing input of start, too`, `Expected 2-3 arguments, but got 1.`],
  [
    `rate.step('wrong', ({ needs }) => needs.load)`,
    `a need that was not declared`,
    `Property 'load' does not exist on type '{}'.`,
  ],
  [
    `report.step('wrong', ({ needs }) => needs.order)`,
    `what can be read of the needs is listed`,
    `Property 'order' does not exist on type '{ readonly rate: number; }'.`,
  ],
  [
    `chain<string>('wrong').needs({ load })`,
    `an upstream that takes another input than it would get`,
    `Type 'string' is not assignable to type 'number'.`,
  ],
  [
    `report.needs({ rate: 3 })`,
    `an upstream that is no chain`,
    `Type 'number' is not assignable to type 'AnyChain<undefined> | Edge<AnyChain<undefined>, EdgeKind> | MappedEdge<AnyChain<never>, undefined> | ReadyEdge'.`,
  ],
  [
    `load.step('wrong', () => 1, { timeout: '3 weeks' })`,
    `a duration that is none`,
    `Type '"3 weeks"' is not assignable to type 'Duration | undefined'.`,
  ],
  [
    `load.step('wrong', () => 1, { attemps: 3 })`,
    `a misspelt option`,
    `'attemps' does not exist in type 'StepOptions<`,
  ],
  [
    `load.step('wrong', () => 1, { output: z.string() })`,
    `an output that its schema refuses, where it is returned`,
    `Type 'number' is not assignable to type 'string | Promise<string>'.`,
  ],
  [
    `load.each('wrong', ({ steps }) => steps.count, (row) => row)`,
    `items that are no list`,
    `Type 'number' is not assignable to type 'Iterable<unknown>'.`,
  ],
  [`rate.call('wrong', load)`, `a call without its input`, `Expected 3 arguments, but got 2.`],
  [
    `load.parallel('wrong', { a: (b) => { b.step('x', () => 1) } })`,
    `a branch that forgot to return`,
    `Type 'void' is not assignable to type 'Returning<unknown>'.`,
  ],
  [
    `load.choose('wrong', (c) => c.when(async () => true, (b) => b))`,
    `a guard that promises`,
    `Type 'Promise<boolean>' is not assignable to type 'boolean'.`,
  ],
  [
    `createSupervisor({ chains: [load], stroe: 'app.db' })`,
    `a misspelt option of the supervisor`,
    `'stroe' does not exist in type 'SupervisorOptions'. Did you mean to write 'store'?`,
  ],
]

let found: readonly Diagnostic[] = []
beforeAll(() => {
  const source = preamble + mistakes.map(([mistake]) => mistake).join('\n')
  found = typecheck({ 'mistakes.ts': source }).diagnostics
}, 60_000)

test.each(mistakes.map((mistake, at) => [mistake[1], mistake, at] as const))('%s', (_, [, , message], at) => {
  const here = found.filter(({ line }) => line === at + offset)
  expect(here.map((one) => one.message).join('\n')).toContain(message)
  // one mistake, one message: nothing else trips over it
  expect(here).toHaveLength(1)
})

test('nothing but the mistakes is complained of', () => {
  expect(found.filter(({ line }) => line < offset || line >= offset + mistakes.length)).toEqual([])
})

test('no message needs more than ten lines', () => {
  expect(found.filter(({ message }) => message.split('\n').length > 10)).toEqual([])
})
