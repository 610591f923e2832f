// Steps that wait: for a signal, for time, for another chain.

import { type OutputOf, chain } from 'catenary'
import { z } from 'zod'
import type { Equal, Expect } from './equal.ts'

const base = chain<number>('base').step('one', () => 1)

const approval = z.object({ by: z.string(), at: z.coerce.date() })
const open = base.wait('signal')
const waited = base.wait('approval', approval, { timeout: '2d' })
const patient = base.wait('approval', approval, { timeout: '2d', onTimeout: 'continue' })
const slept = base.sleep('a-day', '1d').sleep('until', ({ steps }) => new Date(steps.one))

const child = chain<{ readonly id: number }>('child').step('read', ({ input }) => `${input.id}`)
const inputless = chain('inputless').step('go', () => 1n)
const called = base.call('child', child, { id: 1 })
const derived = base.call('child', child, ({ steps, input }) => ({ id: steps.one + input }))
const bare = base.call('inputless', inputless)

export type Outputs = [
  Expect<Equal<OutputOf<typeof open>, unknown>>,
  Expect<Equal<OutputOf<typeof waited>, { by: string; at: Date }>>,
  Expect<Equal<OutputOf<typeof patient>, { by: string; at: Date } | undefined>>,
  Expect<Equal<OutputOf<typeof slept>, undefined>>,
  Expect<Equal<OutputOf<typeof called>, string>>,
  Expect<Equal<OutputOf<typeof derived>, string>>,
  Expect<Equal<OutputOf<typeof bare>, bigint>>,
]

waited.step('read', ({ steps }) => steps.approval.by)
// @ts-expect-error it may have gone on without one
patient.step('wrong', ({ steps }) => steps.approval.by)
// @ts-expect-error unknown until a schema says what it is
open.step('wrong', ({ steps }) => steps.signal.by)
// @ts-expect-error no such policy
base.wait('wrong', approval, { timeout: '1h', onTimeout: 'retry' })
// @ts-expect-error a time is a date or milliseconds
base.sleep('wrong', () => 'tomorrow')
// @ts-expect-error the chain needs its input
base.call('wrong', child)
// @ts-expect-error and of its type
base.call('wrong', child, { id: '1' })
// @ts-expect-error also where it is derived
base.call('wrong', child, ({ steps }) => ({ id: `${steps.one}` }))
// @ts-expect-error inputs are derived at once
base.call('wrong', child, async () => ({ id: 1 }))
// @ts-expect-error this one takes none
base.call('wrong', inputless, 1)
// @ts-expect-error a chain is called, not a function
base.call('wrong', () => 1)
