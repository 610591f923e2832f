// Chains of always, raised events, enqueueActions, nested finals and a reducer beside: all in one macrostep each.

import { and, assign, enqueueActions, fromTransition, not, raise, sendTo, setup, stateIn } from 'xstate'
import type { Guest } from './guest.ts'

export const classifier: Guest = {
  name: 'classifier',
  input: { limit: 3 },
  until: 100_000,
  ends: { full: 'sealed' },
  script: [3, 8, 15, 4, 30].map(
    (value, index) => [(index + 1) * 1_000, { type: 'ITEM', value } as { type: string }] as const,
  ),
  machine: () =>
    setup({
      types: {
        context: {} as {
          limit: number
          value: number
          bins: Map<string, number[]>
          sums: unknown[]
          seen: Set<number>
        },
        input: {} as { limit: number },
        events: {} as { type: 'ITEM'; value: number } | { type: 'STORE'; bin: string } | { type: 'AGAIN' },
      },
      actors: {
        sum: fromTransition((total: number, event: { type: 'ADD'; value: number }) => total + event.value, 0),
      },
      guards: {
        isEven: ({ context }) => context.value % 2 === 0,
        isLarge: ({ context }) => context.value > 10,
        isFull: ({ context }) =>
          (context.bins.get('odd')?.length ?? 0) + (context.bins.get('even')?.length ?? 0) > context.limit,
      },
      actions: {
        store: assign({
          bins: ({ context }, { bin }: { bin: string }) =>
            new Map(context.bins).set(bin, [...(context.bins.get(bin) ?? []), context.value]),
        }),
      },
    }).createMachine({
      id: 'classifier',
      context: ({ input }) => ({
        limit: input.limit,
        value: 0,
        bins: new Map(),
        sums: [],
        seen: new Set<number>(),
      }),
      invoke: {
        src: 'sum',
        id: 'sum',
        onSnapshot: {
          actions: assign({ sums: ({ context, event }) => [...context.sums, event.snapshot.context] }),
        },
      },
      initial: 'idle',
      states: {
        idle: {
          always: { guard: 'isFull', target: 'full' },
          on: {
            ITEM: {
              target: 'deciding',
              actions: [
                assign({
                  value: ({ event }) => event.value,
                  seen: ({ context, event }) => new Set(context.seen).add(event.value),
                }),
                sendTo('sum', ({ event }) => ({ type: 'ADD' as const, value: event.value })),
              ],
            },
          },
        },
        deciding: {
          always: [
            { guard: and(['isLarge', not('isEven')]), target: 'halving' },
            { guard: 'isEven', target: 'even' },
            { target: 'odd' },
          ],
        },
        halving: {
          entry: assign({ value: ({ context }) => Math.floor(context.value / 2) }),
          always: 'deciding',
        },
        even: { entry: raise({ type: 'STORE', bin: 'even' }), on: { STORE: 'storing' } },
        odd: { entry: raise({ type: 'STORE', bin: 'odd' }), on: { STORE: 'storing' } },
        storing: {
          entry: enqueueActions(({ enqueue, event, check }) => {
            if (event.type !== 'STORE') return
            enqueue({ type: 'store', params: { bin: event.bin } })
            if (check('isLarge')) enqueue({ type: 'store', params: { bin: 'large' } })
            enqueue.raise({ type: 'AGAIN' })
          }),
          on: { AGAIN: 'idle' },
        },
        full: {
          initial: 'closing',
          states: {
            closing: { always: { guard: stateIn({ full: 'closing' }), target: 'sealed' } },
            sealed: {},
          },
        },
      },
    }),
}
