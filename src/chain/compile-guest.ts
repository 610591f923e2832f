// Compiles a guest: the durable copy of the user's machine, and a machine that runs it as a called chain, alone.

import { type AnyStateMachine, assign, createMachine } from 'xstate'
import type { ChainInput, ChainOutcome } from '../definition/compiled-chain.ts'
import type { GuestSpec } from '../definition/guest.ts'
import { failureOf } from '../kernel/failure.ts'

/** What the user's machine is given. */
export function guestInput(guest: GuestSpec, { input, needs = {} }: ChainInput): unknown {
  return guest.input === undefined ? input : guest.input({ input, needs })
}

/** For a caller that runs without a supervisor: takes a chain's input and ends as chains do. */
export function guestAlone(id: string, guest: GuestSpec, machine: AnyStateMachine): AnyStateMachine {
  const end = (outcome: ChainOutcome) => ({ outcome })
  return createMachine(
    {
      id,
      context: ({ input }: { input: unknown }) => ({ given: (input ?? {}) as ChainInput }),
      initial: 'running',
      states: {
        running: {
          invoke: {
            id,
            src: 'guest',
            input: ({ context }: { context: { given: ChainInput } }) => guestInput(guest, context.given),
            onDone: {
              target: 'ended',
              actions: assign(({ event }) => end({ status: 'succeeded', output: event.output as unknown })),
            },
            onError: {
              target: 'ended',
              actions: assign(({ event }) =>
                end({ status: 'failed', step: '', failure: failureOf(event.error) }),
              ),
            },
          },
        },
        ended: { type: 'final' },
      },
      output: ({ context }: { context: object }) => (context as { outcome?: unknown }).outcome,
    } as never,
    { actors: { guest: machine } as never },
  ) as AnyStateMachine
}
