// What a chain reads of the chains that it needs or follows.

import { type Settled, type TriggerRule, chain, optional, orderOnly, withInput } from 'catenary'
import type { Equal, Expect } from './equal.ts'

const rows = chain('rows').step('fetch', () => [1, 2])
const rate = chain('rate').step('ask', async () => 1.5)
const file = chain<{ readonly path: string }>('file').step('read', ({ input }) => input.path)
const clean = chain('clean').step('sweep', () => 'swept')

chain('plain')
  .needs({ rows, maybe: optional(rate), clean: orderOnly(clean) })
  .step('read', ({ needs }) => {
    return needs as unknown as Expect<
      Equal<typeof needs, { readonly rows: number[]; readonly maybe: number | undefined }>
    >
  })

chain('ruled')
  .needs({ rows, maybe: optional(rate), clean: orderOnly(clean) }, { when: 'all_done' })
  .step('read', ({ needs }) => {
    return needs as unknown as Expect<
      Equal<typeof needs, { readonly rows: Settled<number[]>; readonly maybe: number | undefined }>
    >
  })
  .step('narrow', ({ needs }) =>
    needs.rows.status === 'succeeded' ? needs.rows.output.length : needs.rows.status,
  )

chain<string>('several')
  .needs({ rows })
  .needs({ rate, file: withInput(file, (path) => ({ path })) })
  .step('read', ({ needs }) => needs.rows.length + needs.rate + needs.file.length)

chain('alert')
  .follows({ rows, rate }, { when: 'one_failed' })
  .step('tell', ({ needs }) => (needs.rows.status === 'failed' ? needs.rows.failure.message : ''))

// a follower gets the run's input, so its upstreams may take another than it does
chain('after')
  .follows({ file })
  .step('read', ({ needs }) => needs.file.length)

// needs are read wherever steps are: in parts, guards, items, inputs and results
chain('everywhere')
  .needs({ rows })
  .parallel('p', { a: (b) => b.step('x', ({ needs }) => needs.rows.length) })
  .choose('c', (c) =>
    c.when(
      ({ needs }) => needs.rows.length > 1,
      (b) => b.step('y', ({ needs }) => needs.rows[0]),
    ),
  )
  .each(
    'e',
    ({ needs }) => needs.rows,
    (row, { needs }) => row + needs.rows.length,
  )
  .call('k', file, ({ needs }) => ({ path: `${needs.rows.length}` }))
  .repeat('r', (b) => b.step('z', ({ needs }) => needs.rows), { until: ({ needs }) => needs.rows.length > 0 })
  .returns(({ needs }) => needs.rows)

export type Rules = Expect<
  Equal<Extract<TriggerRule, `one_${string}`>, 'one_success' | 'one_failed' | 'one_done'>
>

const [needing, ordered] = [chain('wrong').needs({ rows }), chain('wrong').needs({ clean: orderOnly(clean) })]
const [lenient, settling] = [
  chain('wrong').needs({ rate: optional(rate) }),
  chain('wrong').needs({ rows }, { when: 'all_done' }),
]
// @ts-expect-error it needs nothing
rows.step('read', ({ needs }) => needs.rows)
// @ts-expect-error not among its needs
needing.step('read', ({ needs }) => needs.rate)
// @ts-expect-error an order-only edge carries no data
ordered.step('read', ({ needs }) => needs.clean)
// @ts-expect-error an optional one may be missing
lenient.step('read', ({ needs }) => needs.rate.toFixed())
// @ts-expect-error under another rule it is an outcome
settling.step('read', ({ needs }) => needs.rows.length)
// @ts-expect-error no such rule
chain('wrong').needs({ rows }, { when: 'most_success' })
// @ts-expect-error not a chain
chain('wrong').needs({ rows: () => [1] })
// @ts-expect-error it would be handed a string, and takes an object
chain<string>('wrong').needs({ file })
// @ts-expect-error so would it here
chain<string>('wrong').needs({ file: optional(file) })
// @ts-expect-error derived, but not to what it takes
chain<string>('wrong').needs({ file: withInput(file, (path) => path) })
// @ts-expect-error derived from what the consumer has not
chain<string>('wrong').needs({ file: withInput(file, (given: { path: string }) => given) })

// an author's own rule judges the upstreams by the names they have here
chain('judged')
  .needs(
    { rows, rate },
    { when: ({ rows: first, rate: second }) => first === 'success' || second === 'failed' },
  )
  .step('read', ({ needs }) => (needs.rows.status === 'succeeded' ? needs.rows.output.length : 0))
// @ts-expect-error not a state that an upstream can be in
chain('wrong').needs({ rows }, { when: (upstreams) => upstreams.rows === 'finished' })
// @ts-expect-error it says yes or no, or a verdict
chain('wrong').needs({ rows }, { when: () => 'perhaps' })
// @ts-expect-error it decides at once
chain('wrong').needs({ rows }, { when: async () => true })
