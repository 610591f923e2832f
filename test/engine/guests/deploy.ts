// Machines in machines: two levels of children with promises, delays and errors that climb, and a parent that recovers.

import { assign, fromPromise, setup } from 'xstate'
import type { Guest } from './guest.ts'

export const deploy: Guest = {
  name: 'deploy',
  until: 1_000_000,
  ends: 'live',
  script: [[500_000, { type: 'APPROVE' }]],
  machine: (world) => {
    const host = setup({
      types: { context: {} as { name: string; round: number }, input: {} as { name: string; round: number } },
      actors: {
        install: fromPromise<string, { name: string; round: number }>(async ({ input }) => {
          await world.after(input.name === 'b' ? 40 : 15)
          if (input.name === 'b' && input.round === 0) throw new RangeError('disk full')
          return `${input.name}@${input.round}`
        }),
      },
    }).createMachine({
      id: 'host',
      context: ({ input }) => input,
      initial: 'settling',
      states: {
        settling: { after: { 200: 'installing' } },
        installing: {
          // no onError: its failure is the machine's
          invoke: { src: 'install', input: ({ context }) => context, onDone: 'installed' },
        },
        installed: { type: 'final' },
      },
      output: ({ context }) => `${context.name}-${context.round}`,
    })
    const wave = setup({
      types: {
        context: {} as { round: number; done: string[] },
        input: {} as { round: number },
        output: {} as string[],
      },
      actors: { host },
      actions: {
        keep: assign({
          done: ({ context, event }) => [...context.done, (event as unknown as { output: string }).output],
        }),
      },
    }).createMachine({
      id: 'wave',
      context: ({ input }) => ({ round: input.round, done: [] }),
      type: 'parallel',
      states: {
        a: region('a'),
        b: region('b'),
      },
      output: ({ context }) => context.done,
    })
    function region(name: string) {
      return {
        initial: 'running',
        states: {
          running: {
            invoke: {
              id: name,
              src: 'host',
              input: ({ context }: { context: { round: number } }) => ({ name, round: context.round }),
              onDone: { target: 'done', actions: 'keep' },
            },
          },
          done: { type: 'final' },
        },
      } as const
    }
    return setup({
      types: { context: {} as { round: number; errors: string[]; hosts: string[] } },
      actors: { wave },
    }).createMachine({
      id: 'deploy',
      context: { round: 0, errors: [], hosts: [] },
      initial: 'rolling',
      states: {
        rolling: {
          invoke: {
            id: 'wave',
            src: 'wave',
            input: ({ context }) => ({ round: context.round }),
            onDone: { target: 'asking', actions: assign({ hosts: ({ event }) => event.output }) },
            onError: {
              target: 'cooling',
              actions: assign({
                round: ({ context }) => context.round + 1,
                errors: ({ context, event }) => [...context.errors, (event.error as Error).message],
              }),
            },
          },
        },
        cooling: { after: { 5_000: 'rolling' } },
        asking: { on: { APPROVE: 'live' } },
        live: { type: 'final' },
      },
      output: ({ context }) => context,
    })
  },
}
