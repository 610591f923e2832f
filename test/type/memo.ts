// What a memo's key is told from: the recorded data that the step's context has, and no more.

import { chain } from 'catenary'
import type { Equal, Expect } from './equal.ts'

const typed = chain<{ tenant: string }>('typed', { memo: { env: () => ({ zone: 'eu' }), ttl: '1h' } })
  .step('first', () => 1)
  .step('second', ({ steps }) => steps.first, {
    memo: {
      key: (scope) => {
        true satisfies Expect<Equal<keyof typeof scope, 'input' | 'needs' | 'steps'>>
        return [scope.input.tenant, scope.steps.first]
      },
    },
  })

chain<number[]>('items').each(
  'e',
  ({ input }) => input,
  (item) => item,
  { memo: { key: ({ item }) => item satisfies number } },
)

chain<{ tenant: string }>('after')
  .needs({ typed })
  .step('s', () => 1, { memo: { key: ({ needs }) => needs.typed satisfies number } })

export { typed }
// @ts-expect-error -- an environment is of texts
chain('wrong', { memo: { env: () => ({ zone: 1 }) } })
// @ts-expect-error -- a memo is said by an object
chain('wrong').step('s', () => 1, { memo: true })
// @ts-expect-error -- what is not called anew writes no rows
chain('wrong').transact('s', () => 1, { memo: {} })
// @ts-expect-error -- a count, or none at all
chain('wrong', { poison: true })
