// The fares of the mixed job: outputs of a step and of a needed chain that are made once for all who want the same.

import { setTimeout as later } from 'node:timers/promises'
import { chain, withInput } from 'catenary'
import { counted } from '../../../examples/docs-search/counted.ts'

const season = chain<number>('season', { memo: {} }).step(
  'forecast',
  counted(async ({ input }) => {
    await later(10)
    return input * 100
  }),
)

export const fare = chain<{ readonly n: number }>('fare')
  .needs({ season: withInput(season, ({ n }: { readonly n: number }) => n % 2) })
  .step(
    'ask',
    counted(async ({ input }) => {
      await later(10)
      return (input.n % 4) * 7
    }),
    { memo: { key: ({ input }) => input.n % 4 } },
  )
  .step(
    'tell',
    counted(({ input, needs, steps }) => input.n + needs.season + steps.ask),
  )
