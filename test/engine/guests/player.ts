// Deep and shallow history, reentry, wildcards, tags: a player that remembers where it was.

import { assign, setup } from 'xstate'
import type { Guest } from './guest.ts'

export const player: Guest = {
  name: 'player',
  until: 100_000,
  ends: 'scrapped',
  script: [
    'POWER',
    'PLAY',
    'FASTER',
    'POWER',
    'POWER',
    'CHANNEL',
    'NEXT',
    'AWAY',
    'BACK',
    'POWER',
    'SHALLOW',
    'ODD',
    'SCRAP',
  ].map((type, index) => [(index + 1) * 1_000, { type }] as const),
  machine: () =>
    setup({
      types: { context: {} as { turns: number; odd: string[]; entered: Map<string, number> } },
      actions: {
        count: assign({
          entered: ({ context }, { state }: { state: string }) =>
            new Map(context.entered).set(state, (context.entered.get(state) ?? 0) + 1),
        }),
      },
    }).createMachine({
      id: 'player',
      context: { turns: 0, odd: [], entered: new Map<string, number>() },
      initial: 'off',
      on: {
        SCRAP: '.scrapped',
        '*': { actions: assign({ odd: ({ context, event }) => [...context.odd, event.type] }) },
      },
      states: {
        off: { on: { POWER: 'on.deep', SHALLOW: 'on.shallow' } },
        on: {
          initial: 'disc',
          entry: { type: 'count', params: { state: 'on' } },
          exit: assign({ turns: ({ context }) => context.turns + 1 }),
          on: { POWER: 'off', AWAY: 'off', BACK: 'on.deep' },
          states: {
            deep: { type: 'history', history: 'deep' },
            shallow: { type: 'history' },
            disc: {
              initial: 'stopped',
              on: { CHANNEL: 'radio' },
              states: {
                stopped: { on: { PLAY: 'playing' } },
                playing: {
                  type: 'parallel',
                  states: {
                    speed: { initial: 'normal', states: { normal: { on: { FASTER: 'fast' } }, fast: {} } },
                    light: { initial: 'bright', states: { bright: {}, dim: {} } },
                  },
                },
              },
            },
            radio: {
              initial: 'first',
              entry: { type: 'count', params: { state: 'radio' } },
              states: { first: { on: { NEXT: 'second' } }, second: { tags: ['music'] } },
            },
          },
        },
        scrapped: { type: 'final' },
      },
      output: ({ context }) => context,
    }),
}
