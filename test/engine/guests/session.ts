// Delays of every kind: after, one that is cancelled, delayed raise, reentry, a delay beyond 2^31 ms.

import { assign, cancel, raise, setup } from 'xstate'
import type { Guest } from './guest.ts'

const day = 86_400_000

export const session: Guest = {
  name: 'session',
  until: 200 * day,
  ends: 'expired',
  script: [
    [1_000, { type: 'LOGIN' }],
    [20_000, { type: 'TOUCH' }],
    [40_000, { type: 'TOUCH' }],
    [50_000, { type: 'KEEP' }],
    [60_000, { type: 'REMEMBER' }],
  ],
  machine: () =>
    setup({
      types: { context: {} as { ticks: number; warned: number; log: string[] } },
      actions: {
        note: assign({ log: ({ context }, { text }: { text: string }) => [...context.log, text] }),
      },
      delays: { idle: 30_000 },
    }).createMachine({
      id: 'session',
      context: { ticks: 0, warned: 0, log: [] },
      initial: 'out',
      on: { TICK: { actions: [assign({ ticks: ({ context }) => context.ticks + 1 })] } },
      states: {
        out: {
          entry: raise({ type: 'TICK' }, { delay: 500 }),
          on: { LOGIN: 'in' },
        },
        in: {
          entry: [
            raise({ type: 'WARN' }, { delay: 25_000, id: 'warn' }),
            raise({ type: 'TICK' }, { delay: 1_000 }),
            { type: 'note', params: { text: 'in' } },
          ],
          exit: cancel('warn'),
          after: { idle: 'out', 10_000: { actions: { type: 'note', params: { text: 'ten' } } } },
          on: {
            TOUCH: { target: 'in', reenter: true },
            WARN: { actions: assign({ warned: ({ context }) => context.warned + 1 }) },
            KEEP: { actions: cancel('warn') },
            REMEMBER: 'remembered',
          },
        },
        remembered: {
          after: { [100 * day]: { target: 'asking' } },
        },
        asking: {
          entry: { type: 'note', params: { text: 'asking' } },
          initial: 'first',
          states: {
            first: { after: { 1_000: 'second' } },
            second: { after: { 1_000: 'third' } },
            third: { type: 'final' },
          },
          onDone: 'expired',
        },
        expired: { type: 'final' },
      },
      output: ({ context }) => context,
    }),
}
