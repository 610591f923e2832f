// Parallel regions with promises, a delay and final states: an order that is paid while it is packed.

import { assign, fromPromise, setup } from 'xstate'
import type { Guest } from './guest.ts'

interface Context {
  readonly total: number
  receipt: string | null
  parcels: string[]
  shippedAt: Date | null
}

export const order: Guest = {
  name: 'order',
  input: { total: 12 },
  until: 10_000_000,
  ends: 'delivered',
  script: [
    [1_000, { type: 'PACK', parcel: 'a' } as { type: string }],
    [2_000, { type: 'PAY' }],
    [3_000, { type: 'IGNORED' }],
    [4_000, { type: 'PACK', parcel: 'b' } as { type: string }],
    [5_000, { type: 'SEALED' }],
    [6_000_000, { type: 'RECEIVED' }],
  ],
  machine: (world) =>
    setup({
      types: {
        context: {} as Context,
        input: {} as { total: number },
        events: {} as
          | { type: 'PACK'; parcel: string }
          | { type: 'PAY' }
          | { type: 'SEALED' }
          | { type: 'RECEIVED' },
        output: {} as { receipt: string | null; parcels: string[]; reminded: boolean },
      },
      actors: {
        charge: fromPromise<{ receipt: string }, number>(async ({ input }) => {
          world.call('charge')
          await world.after(10)
          return { receipt: `r${input}` }
        }),
        label: fromPromise<string, string>(async ({ input }) => {
          await world.after(5)
          return `label ${input}`
        }),
      },
      guards: { anyParcel: ({ context }) => context.parcels.length > 0 },
    }).createMachine({
      id: 'order',
      context: ({ input }) => ({ total: input.total, receipt: null, parcels: [], shippedAt: null }),
      initial: 'preparing',
      states: {
        preparing: {
          type: 'parallel',
          states: {
            payment: {
              initial: 'open',
              states: {
                open: { on: { PAY: 'charging' } },
                charging: {
                  invoke: {
                    src: 'charge',
                    input: ({ context }) => context.total,
                    onDone: {
                      target: 'paid',
                      actions: assign({ receipt: ({ event }) => event.output.receipt }),
                    },
                  },
                },
                paid: { type: 'final' },
              },
            },
            packing: {
              initial: 'collecting',
              states: {
                collecting: {
                  on: {
                    PACK: { target: 'labelling' },
                    SEALED: { guard: 'anyParcel', target: 'packed' },
                  },
                },
                labelling: {
                  invoke: {
                    src: 'label',
                    input: ({ event }) => (event.type === 'PACK' ? event.parcel : ''),
                    onDone: {
                      target: 'collecting',
                      // changes its context in place, as some do
                      actions: ({ context, event }) => void context.parcels.push(event.output),
                    },
                  },
                },
                packed: { type: 'final' },
              },
            },
          },
          onDone: { target: 'underway', actions: assign({ shippedAt: () => new Date(86_400_000) }) },
        },
        underway: { after: { 3_600_000: 'late' }, on: { RECEIVED: 'delivered' } },
        late: { tags: 'late', on: { RECEIVED: 'delivered' } },
        delivered: { type: 'final' },
      },
      output: ({ context }) => ({ receipt: context.receipt, parcels: context.parcels, reminded: true }),
    }),
}
