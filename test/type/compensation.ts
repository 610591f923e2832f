// What a compensation is handed, as its author sees it.

import { chain, type CompensationContext } from '../../src/index.ts'
import type { Equal, Expect } from './equal.ts'

export const order = chain<{ readonly id: string }>('order')
  .step('reserve', () => 1, {
    compensate: ({ output, outcome, input, failure }) => {
      type Holds = [
        Expect<Equal<typeof output, number | undefined>>,
        Expect<Equal<typeof outcome, 'succeeded' | 'unknown'>>,
        Expect<Equal<typeof input, { readonly id: string }>>,
        Expect<Equal<typeof failure, CompensationContext['failure']>>,
      ]
      return null as Holds | null
    },
  })
  .step('charge', async () => 'paid' as const, {
    fallback: () => 'later' as const,
    compensate: {
      run: ({ output, steps }) => {
        type Holds = [
          Expect<Equal<typeof output, 'paid' | 'later' | undefined>>,
          Expect<Equal<(typeof steps)['reserve'], number | undefined>>,
        ]
        return null as Holds | null
      },
      attempts: 2,
      timeout: '1s',
    },
  })
  .each(
    'pack',
    () => ['a', 'b'],
    (item) => item.length,
    {
      compensate: (item, { output }) => {
        type Holds = [Expect<Equal<typeof item, string>>, Expect<Equal<typeof output, number | undefined>>]
        return null as Holds | null
      },
    },
  )

// @ts-expect-error: an attempt is not a text
chain('c').step('a', () => 1, { compensate: { run: () => {}, attempts: 'many' } })
// @ts-expect-error: there is nothing to run
chain('c').step('a', () => 1, { compensate: { attempts: 2 } })
