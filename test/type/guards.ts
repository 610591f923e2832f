// What keys and costs are told from: the recorded data that the step's context has, and no more.

import { breaker, chain, limiter } from 'catenary'
import type { Equal, Expect } from './equal.ts'

const api = limiter('api', { inFlight: 1 })
const bank = breaker('bank')

chain<{ tenant: string }>('typed')
  .step('first', () => 1)
  .step('second', ({ heartbeat, lastHeartbeat, deadline }) => {
    heartbeat({ at: 1 })
    return [lastHeartbeat, deadline] satisfies [unknown, number | undefined]
  })
  .step('third', () => 3, {
    limit: {
      by: api,
      cost: (scope) => {
        true satisfies Expect<Equal<keyof typeof scope, 'input' | 'needs' | 'steps'>>
        return scope.steps.first
      },
      fairBy: ({ input }) => input.tenant,
      // @ts-expect-error -- a key is a text or a number
      key: () => ({}),
    },
    breaker: { by: bank, key: ({ input }) => input.tenant },
  })

chain<number[]>('items').each(
  'e',
  ({ input }) => input,
  (item) => item,
  {
    limit: { by: api, cost: ({ item }) => item },
  },
)

chain('plain').step('s', () => 1, { limit: api, breaker: bank, idempotent: true, hedge: { after: '2s' } })
// @ts-expect-error -- a breaker is no limiter
chain('wrong').step('s', () => 1, { limit: bank })
// @ts-expect-error -- a duration is one
chain('wrong').step('s', () => 1, { heartbeat: 'soon' })
