// What steps read and return, and their options.

import { type OutputOf, type StepContext, chain } from 'catenary'
import { z } from 'zod'
import type { Equal, Expect } from './equal.ts'

const base = chain<number>('base')
  .step('rows', async () => [{ id: 1 }])
  .step('first', ({ steps }) => steps.rows[0])
  .step('nothing', () => {})

const schemed = base.step('date', () => '2030-01-01', { output: z.coerce.date() })
const narrowed = base.step('text', ({ input }) => (input > 1 ? input : 'small'), {
  output: z.union([z.string(), z.number()]),
})
const rescued = base.step('ask', () => [1], { attempts: 3, fallback: ({ steps }) => steps.rows.length })
const rescuedLater = base.step('ask', async () => 1, { fallback: async () => null })
const rescuedBySchema = base.step('ask', () => '1', {
  fallback: () => '2',
  output: z.string().transform(Number),
})
const literal = base.step('kind', () => 'a' as const)
const summed = literal.returns(({ steps, input }) => ({ kind: steps.kind, input }))
const reset = summed.step('after', () => true)
const failing = base.fail(({ steps }) => `none of ${steps.rows.length}`)

export type Outputs = [
  Expect<Equal<OutputOf<typeof base>, void>>,
  Expect<Equal<OutputOf<typeof schemed>, Date>>,
  Expect<Equal<OutputOf<typeof narrowed>, string | number>>,
  Expect<Equal<OutputOf<typeof rescued>, number[] | number>>,
  Expect<Equal<OutputOf<typeof rescuedLater>, number | null>>,
  Expect<Equal<OutputOf<typeof rescuedBySchema>, number>>,
  Expect<Equal<OutputOf<typeof literal>, 'a'>>,
  Expect<Equal<OutputOf<typeof summed>, { kind: 'a'; input: number }>>,
  Expect<Equal<OutputOf<typeof reset>, boolean>>,
  Expect<Equal<OutputOf<typeof failing>, never>>,
]

base.step('context', (context) => {
  type Context = typeof context
  type Steps = {
    readonly rows: { id: number }[]
    readonly first: { id: number } | undefined
    readonly nothing: void
  }
  const { input, steps, signal, attempt, idempotencyKey, runId, scheduledAt } = context
  const read = { input, signal, attempt, idempotencyKey, runId, scheduledAt }
  return [read, steps] as unknown as [
    Expect<Equal<Context['input'], number>>,
    Expect<Equal<{ [K in keyof Context['steps']]: Context['steps'][K] }, Steps>>,
    Expect<Equal<keyof Context['steps'], 'rows' | 'first' | 'nothing'>>,
    Expect<Equal<Context['signal'], AbortSignal>>,
    Expect<Equal<Context['attempt'], number>>,
    Expect<Context extends StepContext<number> ? true : false>,
  ]
})

// @ts-expect-error no such step
base.step('wrong', ({ steps }) => steps.row)
// @ts-expect-error a step does not see itself
base.step('wrong', ({ steps }) => steps.wrong)
// @ts-expect-error nor what comes after it
base.step('wrong', ({ steps }) => steps.later).step('later', () => 1)
// @ts-expect-error it may be undefined
base.step('wrong', ({ steps }) => steps.first.id)
// @ts-expect-error a list has no such method
base.step('wrong', ({ steps }) => steps.rows.shout())
// @ts-expect-error a name is a string
base.step(1, () => 1)
// @ts-expect-error a body is a function
base.step('wrong', 3)
base.step('seen', ({ steps }) => steps.rows.length, { output: z.number() })
base.step('late', async ({ input }) => ({ input, more: 1 }), { output: z.object({ input: z.number() }) })
// @ts-expect-error the output does not fit its schema, read from a step before
base.step('wrong', ({ steps }) => steps.rows.length, { output: z.string() })
// @ts-expect-error nor when it is awaited
base.step('wrong', async () => 1, { output: z.string() })
// @ts-expect-error the output does not fit its schema
base.step('wrong', () => 1, { output: z.string() })
// @ts-expect-error the fallback's output does not fit the schema
base.step('wrong', () => '1', { fallback: () => 1, output: z.string() })
// @ts-expect-error no such option
base.step('wrong', () => 1, { attemps: 3 })
// @ts-expect-error a number
base.step('wrong', () => 1, { attempts: '3' })
// @ts-expect-error no such jitter
base.step('wrong', () => 1, { backoff: { jitter: 'some' } })
// @ts-expect-error no such step for the reader either
base.returns(({ steps }) => steps.row)
// @ts-expect-error outputs are read-only
base.step('wrong', ({ steps }) => (steps.rows = []))

// durations
base.step('ms', () => 1, { timeout: 250, backoff: { initial: '50ms', max: '1h30m' } })
// @ts-expect-error weeks are no unit
base.step('wrong', () => 1, { timeout: '3 weeks' })
// @ts-expect-error nor are words
base.step('wrong', () => 1, { backoff: { initial: 'soon' } })
// @ts-expect-error minutes are m
base.sleep('wrong', '5min')
// @ts-expect-error a unit is needed
base.wait('wrong', undefined, { timeout: '5' })
