// A promise sequence with a retry counter in context, dynamic delays as backoff and error transitions.

import { assign, fromPromise, setup } from 'xstate'
import type { Guest } from './guest.ts'

class Declined extends Error {
  readonly permanent: boolean

  constructor(message: string, permanent: boolean) {
    super(message)
    this.permanent = permanent
  }
}

export const checkout: Guest = {
  name: 'checkout',
  input: { failures: 3 },
  until: 1_000_000,
  ends: 'done',
  script: [],
  machine: (world) =>
    setup({
      types: {
        context: {} as { failures: number; tries: number; log: string[]; lastError: unknown },
        input: {} as { failures: number },
      },
      actors: {
        reserve: fromPromise<string[], { tries: number; failures: number }>(async ({ input, signal }) => {
          await world.after(7)
          if (signal.aborted) throw new Error('aborted')
          if (input.tries < input.failures) throw new Declined(`no stock, try ${input.tries}`, false)
          return ['a', 'b']
        }),
        pay: fromPromise<number, string[]>(async ({ input }) => {
          await world.after(3)
          throw new Declined(`card for ${input.length} declined`, true)
        }),
        invoice: fromPromise(async () => ({ number: 12n, at: new Date(0), lines: new Set(['x']) })),
      },
      delays: { backoff: ({ context }) => 2 ** context.tries * 1_000 },
      guards: { mayRetry: ({ context }) => context.tries < 5 },
    }).createMachine({
      id: 'checkout',
      context: ({ input }) => ({ failures: input.failures, tries: 0, log: [], lastError: null }),
      initial: 'reserving',
      states: {
        reserving: {
          invoke: {
            src: 'reserve',
            input: ({ context }) => ({ tries: context.tries, failures: context.failures }),
            onDone: {
              target: 'paying',
              actions: assign({ log: ({ context, event }) => [...context.log, ...event.output] }),
            },
            onError: [
              {
                guard: 'mayRetry',
                target: 'waiting',
                actions: assign({
                  tries: ({ context }) => context.tries + 1,
                  log: ({ context, event }) => [...context.log, (event.error as Error).message],
                }),
              },
              { target: 'failed' },
            ],
          },
        },
        waiting: { after: { backoff: 'reserving' } },
        paying: {
          invoke: {
            id: 'payment',
            src: 'pay',
            input: ({ context }) => context.log,
            onDone: 'failed',
            onError: [
              {
                guard: ({ event }) => event.error instanceof Declined && event.error.permanent,
                target: 'invoicing',
                actions: assign({ lastError: ({ event }) => String(event.error) }),
              },
              { target: 'failed' },
            ],
          },
        },
        invoicing: {
          invoke: {
            src: 'invoice',
            onDone: { target: 'done', actions: assign({ lastError: ({ event }) => event.output }) },
          },
        },
        done: { type: 'final' },
        failed: { type: 'final' },
      },
      output: ({ context }) => context,
    }),
}
