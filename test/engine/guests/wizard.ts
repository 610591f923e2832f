// Invoked child machines: sendTo, sendParent, a delayed sendTo, child output, a child's own promise, forwarding.

import { type AnyActorRef, assign, forwardTo, fromPromise, sendParent, sendTo, setup } from 'xstate'
import type { Guest } from './guest.ts'

export const wizard: Guest = {
  name: 'wizard',
  until: 1_000_000,
  ends: { finished: 'thanked' },
  script: [
    [1_000, { type: 'ANSWER', text: 'ann' } as { type: string }],
    [2_000, { type: 'ANSWER', text: 'bad' } as { type: string }],
    [3_000, { type: 'NUDGE' }],
    [90_000, { type: 'ANSWER', text: 'good' } as { type: string }],
    [100_000, { type: 'THANK' }],
  ],
  machine: (world) => {
    const form = setup({
      types: {
        context: {} as { asks: string[]; answers: string[]; nudged: number },
        input: {} as { asks: string[] },
        events: {} as { type: 'ANSWER'; text: string } | { type: 'NUDGE' } | { type: 'LATE' },
        output: {} as { answers: string[]; nudged: number },
      },
      actors: {
        check: fromPromise<boolean, string>(async ({ input }) => {
          await world.after(20)
          return input !== 'bad'
        }),
      },
    }).createMachine({
      id: 'form',
      context: ({ input }) => ({ asks: input.asks, answers: [], nudged: 0 }),
      initial: 'asking',
      on: {
        NUDGE: { actions: assign({ nudged: ({ context }) => context.nudged + 1 }) },
        LATE: {
          actions: [assign({ nudged: ({ context }) => context.nudged + 10 }), sendParent({ type: 'NAGGED' })],
        },
      },
      states: {
        asking: {
          always: {
            guard: ({ context }) => context.answers.length === context.asks.length,
            target: 'complete',
          },
          on: { ANSWER: { target: 'checking' } },
        },
        checking: {
          invoke: {
            src: 'check',
            input: ({ event }) => (event.type === 'ANSWER' ? event.text : ''),
            onDone: [
              {
                guard: ({ event }) => event.output,
                target: 'asking',
                actions: [
                  assign({
                    answers: ({ context }) => [...context.answers, `answer ${context.answers.length}`],
                  }),
                  sendParent(({ context }) => ({ type: 'PROGRESS', done: context.answers.length })),
                ],
              },
              { target: 'asking', actions: sendParent({ type: 'PROGRESS', done: -1 }) },
            ],
          },
        },
        complete: { type: 'final' },
      },
      output: ({ context }) => ({ answers: context.answers, nudged: context.nudged }),
    })
    return setup({
      types: {
        context: {} as { progress: number[]; nagged: number; result: unknown },
        events: {} as
          | { type: 'ANSWER'; text: string }
          | { type: 'NUDGE' }
          | { type: 'NAGGED' }
          | { type: 'THANK' }
          | { type: 'PROGRESS'; done: number },
      },
      actors: { form },
    }).createMachine({
      id: 'wizard',
      context: { progress: [], nagged: 0, result: null },
      initial: 'filling',
      on: {
        PROGRESS: {
          actions: assign({ progress: ({ context, event }) => [...context.progress, event.done] }),
        },
      },
      states: {
        filling: {
          invoke: {
            id: 'theForm',
            src: 'form',
            systemId: 'form',
            input: { asks: ['name', 'mood'] },
            onDone: { target: 'finished', actions: assign({ result: ({ event }) => event.output }) },
          },
          on: {
            ANSWER: { actions: forwardTo('theForm') },
            NUDGE: {
              actions: [
                sendTo('theForm', { type: 'NUDGE' }),
                sendTo(
                  ({ system }) => system.get('form') as AnyActorRef,
                  { type: 'LATE' },
                  { delay: 60_000 },
                ),
              ],
            },
            NAGGED: { actions: assign({ nagged: ({ context }) => context.nagged + 1 }) },
          },
        },
        finished: {
          initial: 'waiting',
          states: { waiting: { on: { THANK: 'thanked' } }, thanked: {} },
        },
      },
    })
  },
}
