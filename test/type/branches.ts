// Steps that hold others: parallel, choose, repeat, each.

import { type OutputOf, type Settled, chain } from 'catenary'
import type { Equal, Expect } from './equal.ts'

const base = chain<number>('base').step('one', () => 1)

const both = base.parallel('both', {
  text: (b) => b.step('read', ({ steps }) => steps.one).step('show', ({ steps }) => `${steps.read}`),
  flag: (b) => b.step('flag', async ({ input }) => input > 0),
  empty: (b) => b,
  nested: (b) => b.parallel('inner', { deep: (c) => c.step('deep', ({ steps }) => [steps.one]) }),
})

const chosen = base.choose('pick', (c) =>
  c
    .when(
      ({ steps }) => steps.one > 1,
      (b) => b.step('big', () => 'big' as const),
    )
    .when(
      ({ input }) => input < 0,
      (b) => b.fail('negative'),
    )
    .otherwise((b) => b.step('small', ({ steps }) => steps.one)),
)
const open = base.choose('pick', (c) =>
  c.when(
    () => true,
    (b) => b.step('big', () => 'big' as const),
  ),
)

const looped = base.repeat('loop', (b) => b.step('next', ({ steps }) => [steps.one]), {
  until: ({ steps, round, input }) => steps.next.length + steps.one + input > round,
  max: 3,
})

const squares = base.each(
  'squares',
  ({ steps }) => [steps.one, 2],
  async (n, { steps }) => n * steps.one,
)
const words = base.each(
  'words',
  () => new Set(['a']),
  (word) => word.length,
  { key: (word) => word, inFlight: 2 },
)
const collected = base.each(
  'collected',
  () => ['a'],
  (word) => word.length,
  { onFailure: 'collect' },
)
const child = chain<{ readonly id: number }>('child').step('read', ({ input }) => `${input.id}`)
const children = base.each('children', () => [{ id: 1, more: true }], child)
const plain = base.each(
  'plain',
  () => [1],
  chain('plain-child').step('x', () => 1n),
)

export type Outputs = [
  Expect<
    Equal<
      OutputOf<typeof both>,
      { text: string; flag: boolean; empty: undefined; nested: { deep: number[] } }
    >
  >,
  Expect<Equal<OutputOf<typeof chosen>, 'big' | number>>,
  // where no case may hold, nothing may be returned
  Expect<Equal<OutputOf<typeof open>, 'big' | undefined>>,
  Expect<Equal<OutputOf<typeof looped>, number[]>>,
  Expect<Equal<OutputOf<typeof squares>, readonly number[]>>,
  Expect<Equal<OutputOf<typeof words>, readonly number[]>>,
  Expect<Equal<OutputOf<typeof collected>, readonly Settled<number>[]>>,
  Expect<Equal<OutputOf<typeof children>, readonly string[]>>,
  Expect<Equal<OutputOf<typeof plain>, readonly bigint[]>>,
]

// what they return is read by name afterwards, what is inside them is not
both.step('read', ({ steps }) => steps.both.nested.deep.length + steps.both.text.length)
looped.step('read', ({ steps }) => steps.loop.length)
// @ts-expect-error a step within a branch
both.step('wrong', ({ steps }) => steps.show)
// @ts-expect-error a step within a round
looped.step('wrong', ({ steps }) => steps.next)
// @ts-expect-error a branch does not see its siblings
base.parallel('wrong', { a: (b) => b.step('x', () => 1), b: (b) => b.step('y', ({ steps }) => steps.x) })
// @ts-expect-error a branch returns what it built
base.parallel('wrong', { a: (b) => void b.step('x', () => 1) })
// @ts-expect-error a branch is a function
base.parallel('wrong', { a: child })
// @ts-expect-error no such policy
base.parallel('wrong', { a: (b) => b }, { onFailure: 'ignore' })
base.choose('wrong', (c) => {
  // @ts-expect-error guards decide at once
  const late = c.when(async () => true, child.step)
  // @ts-expect-error guards say yes or no
  const number = c.when(({ steps }) => steps.one, child.step)
  // @ts-expect-error nothing follows otherwise
  const after = c.otherwise((b) => b).when
  return (late ?? number ?? after) as typeof c
})
// @ts-expect-error a choice is returned
base.choose('wrong', (c) => void c.otherwise((b) => b))
// @ts-expect-error a loop needs its end
base.repeat('wrong', (b) => b.step('x', () => 1))
// @ts-expect-error no such step in the round
base.repeat('wrong', (b) => b.step('x', () => 1), { until: ({ steps }) => steps.y })
const [one, double] = [() => [1], (n: number) => n * 2]
// @ts-expect-error the items are no list
base.each('wrong', () => 1, double)
// @ts-expect-error the items are numbers
base.each('wrong', one, (n: string) => n)
// @ts-expect-error the chain takes objects
base.each('wrong', one, child)
// @ts-expect-error a key is a string
base.each('wrong', one, double, { key: (n) => n })
// @ts-expect-error an item has no fallback
base.each('wrong', one, double, { fallback: double })
