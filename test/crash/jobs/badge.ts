// A user's own machine for the mixed job: parallel regions, a child machine, promises and a delay.

import { attemptOf, fromMachine } from 'catenary'
import { assign, fromPromise, setup } from 'xstate'
import { counted } from '../../../examples/docs-search/counted.ts'

/** Counted like the body of a step: the context of its attempt says which one it is. */
const stamp = fromPromise<number, number>(async ({ input, self }) => {
  const attempt = attemptOf(self)
  if (attempt === undefined) throw new Error('no attempt')
  return counted<[typeof attempt], number>(() => input + 1)(attempt)
})

/** Stamps twice. */
const press = setup({
  types: { input: {} as number, context: {} as { stamped: number }, output: {} as number },
  actors: { stamp },
}).createMachine({
  context: ({ input }) => ({ stamped: input }),
  initial: 'first',
  states: {
    first: {
      invoke: {
        id: 'once',
        src: 'stamp',
        input: ({ context }) => context.stamped,
        onDone: { target: 'second', actions: assign({ stamped: ({ event }) => event.output }) },
      },
    },
    second: {
      invoke: {
        id: 'twice',
        src: 'stamp',
        input: ({ context }) => context.stamped,
        onDone: { target: 'done', actions: assign({ stamped: ({ event }) => event.output }) },
      },
    },
    done: { type: 'final' },
  },
  output: ({ context }) => context.stamped,
})

const machine = setup({
  types: {
    input: {} as { readonly n: number },
    context: {} as { n: number; pressed: number; dried: number },
    output: {} as { readonly pressed: number; readonly dried: number },
  },
  actors: { press, stamp },
}).createMachine({
  context: ({ input }) => ({ n: input.n, pressed: 0, dried: 0 }),
  type: 'parallel',
  states: {
    pressing: {
      initial: 'on',
      states: {
        on: {
          invoke: {
            id: 'press',
            src: 'press',
            input: ({ context }) => context.n,
            onDone: { target: 'off', actions: assign({ pressed: ({ event }) => event.output }) },
          },
        },
        off: { type: 'final' },
      },
    },
    drying: {
      initial: 'wet',
      states: {
        wet: { after: { 15: 'damp' } },
        damp: {
          invoke: {
            id: 'blow',
            src: 'stamp',
            input: ({ context }) => context.n * 2,
            onDone: { target: 'dry', actions: assign({ dried: ({ event }) => event.output }) },
          },
        },
        dry: { type: 'final' },
      },
    },
  },
  output: ({ context: { pressed, dried } }) => ({ pressed, dried }),
})

export const badge = fromMachine('badge', machine)
