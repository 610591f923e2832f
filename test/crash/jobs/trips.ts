// The trips of the mixed job: steps, items and a called chain that are undone, the last first, where a trip fails.

import { setTimeout as later } from 'node:timers/promises'
import { chain, NonRetryable, OutcomeUnknown } from 'catenary'
import { counted } from '../../../examples/docs-search/counted.ts'

export interface Trip {
  readonly n: number
}

interface Given {
  readonly idempotencyKey: string
  readonly attempt: number
}

const work = async (): Promise<void> => later(Math.random() * 4)

/** Undoes a step, or one of its items, counted like any body, under the name that the journal has for it. */
const undo =
  (step: string, body: (attempt: number) => void = () => {}) =>
  async (...given: readonly [Given] | readonly [unknown, Given]): Promise<void> => {
    const { idempotencyKey, attempt } = given.at(-1) as Given
    await counted<[Given], void>(async () => {
      await work()
      body(attempt)
    })({ attempt, idempotencyKey: idempotencyKey.replace(`/${step}`, `/${step}:compensation`) })
  }

const soon = { initial: 5, max: 20 } as const

const insurance = chain<Trip>('insurance').step(
  'underwrite',
  counted(async ({ input }) => {
    await work()
    return input.n
  }),
  { compensate: undo('underwrite') },
)

export const trip = chain<Trip>('trip')
  .step(
    'seat',
    counted(async ({ input }) => {
      await work()
      return input.n
    }),
    { compensate: undo('seat') },
  )
  .each(
    'rooms',
    ({ input }: { readonly input: Trip }) => Array.from({ length: 1 + (input.n % 3) }, (_, place) => place),
    counted(async (room, _context) => {
      await work()
      return room
    }),
    { key: (room) => `room-${room}`, inFlight: 2, compensate: undo('rooms') },
  )
  .call('insure', insurance, ({ input }) => ({ n: input.n }))
  .step(
    'charge',
    counted(async ({ input }) => {
      await work()
      if (input.n % 3 === 1) throw new OutcomeUnknown('no answer came')
      return input.n
    }),
    {
      compensate: {
        run: undo('charge', (attempt) => {
          if (attempt === 1) throw new Error('not yet')
        }),
        attempts: 5,
        backoff: soon,
      },
    },
  )
  .step(
    'confirm',
    counted(({ input }): string => {
      if (input.n % 2 === 0) throw new NonRetryable('fully booked')
      return `trip ${input.n}`
    }),
  )
