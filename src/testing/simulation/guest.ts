// A machine of the user's own among generated chains: promises that fail now and then, a delay, events from outside.

import { assign, fromPromise, setup } from 'xstate'
import type { AnyChain } from '../../chain/any-chain.ts'
import type { ChainOptions } from '../../chain/create-chain.ts'
import { fromMachine } from '../../chain/from-machine.ts'
import type { ChainShape } from './shape.ts'

/** What it may be told. */
export const guestEvents = ['GO', 'AGAIN'] as const

/** It works, rests, and waits to be told to go on, or to begin again. */
export function buildGuest(
  id: string,
  { rests }: NonNullable<ChainShape['guest']>,
  options: ChainOptions,
): AnyChain {
  const machine = setup({
    types: {
      context: {} as { readonly rounds: number; readonly failures: number },
      events: {} as { readonly type: (typeof guestEvents)[number] },
    },
    actors: {
      work: fromPromise<number, number>(async ({ input }) => {
        if (input % 3 === 1) throw new TypeError('it failed')
        return input
      }),
    },
  }).createMachine({
    context: { rounds: 0, failures: 0 },
    initial: 'working',
    states: {
      working: {
        invoke: {
          src: 'work',
          input: ({ context }) => context.rounds,
          onDone: 'resting',
          onError: {
            target: 'resting',
            actions: assign({ failures: ({ context }) => context.failures + 1 }),
          },
        },
      },
      resting: { after: { [rests]: 'waiting' } },
      waiting: {
        on: {
          GO: 'done',
          AGAIN: { target: 'working', actions: assign({ rounds: ({ context }) => context.rounds + 1 }) },
        },
      },
      done: { type: 'final' },
    },
    output: ({ context }) => context,
  })
  return fromMachine(id, machine, options as never)
}
