// What goes into a chain: declared by a type, by a schema, or not at all.

import { type AnyChain, type InputOf, type OutputOf, chain } from 'catenary'
import { z } from 'zod'
import type { Equal, Expect } from './equal.ts'

const none = chain('none')
const typed = chain<{ readonly day: string }>('typed').step('day', ({ input }) => input.day)
const maybe = chain<number | undefined>('maybe').step('read', ({ input }) => input)

const schema = z.object({ count: z.string().transform(Number), note: z.string().default('') })
const parsed = chain('parsed', { input: schema }).step('read', ({ input }) => input)

export type Inputs = [
  Expect<Equal<InputOf<typeof none>, undefined>>,
  Expect<Equal<OutputOf<typeof none>, undefined>>,
  Expect<Equal<InputOf<typeof typed>, { readonly day: string }>>,
  Expect<Equal<OutputOf<typeof typed>, string>>,
  Expect<Equal<InputOf<typeof maybe>, number | undefined>>,
  // a caller gives what the schema takes, steps see what it makes of it
  Expect<Equal<InputOf<typeof parsed>, { count: string; note?: string | undefined }>>,
  Expect<Equal<OutputOf<typeof parsed>, { count: number; note: string }>>,
  Expect<Equal<InputOf<number>, never>>,
]

// any chain is AnyChain: with and without input, with needs, with every kind of step
export const all: readonly AnyChain[] = [none, typed, maybe, parsed, chain('last').needs({ none })]

// a chain that takes more fits where less is given, and one without input fits everywhere
export const takesNumber: readonly AnyChain<number>[] = [none, maybe]
// @ts-expect-error it takes an object
export const takesText: AnyChain<string> = typed

// what is keyed by input sees it as steps do
chain<{ tenant: string }>('keyed', { concurrency: { key: (input) => input.tenant, limit: 1 } })
chain('parsed-key', { input: schema, concurrency: { key: (input) => input.count.toFixed(), limit: 1 } })

// @ts-expect-error no such input
typed.step('wrong', ({ input }) => input.night)
// @ts-expect-error a chain without input has none to read from
none.step('wrong', ({ input }) => input.day)
// @ts-expect-error a limit is a number
chain('wrong', { concurrency: { limit: 'one' } })
// @ts-expect-error not an option
chain('wrong', { retries: 3 })
// @ts-expect-error not a schema
chain('wrong', { input: { count: 'number' } })

// what it promises is said in shares and durations
chain('promising', { slo: { success: 0.99, within: '30s' }, deprecated: 'use `typed`' })
// @ts-expect-error no duration
chain('promising-wrongly', { slo: { within: 'soon' } })
// @ts-expect-error no such promise
chain('promising-else', { slo: { uptime: 0.99 } })
// @ts-expect-error a sentence, or whether
chain('deprecated-wrongly', { deprecated: 3 })
