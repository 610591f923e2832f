// Spawned children, their references in context, stopChild, systemId, a child that fails and is replaced.

import { type ActorRefFrom, assign, fromPromise, sendParent, setup, spawnChild, stopChild } from 'xstate'
import type { Guest } from './guest.ts'
import type { World } from './world.ts'

function downloadMachine(world: World) {
  return setup({
    types: {
      context: {} as { url: string; tries: number; bytes: number },
      input: {} as { url: string },
      events: {} as { type: 'PAUSE' } | { type: 'RESUME' },
    },
    actors: {
      fetch: fromPromise<number, { url: string; tries: number }>(async ({ input }) => {
        world.call(`fetch ${input.url}`)
        await world.after(input.url.length * 10)
        if (input.url.startsWith('flaky') && input.tries < 2) throw new Error('reset by peer')
        if (input.url.startsWith('gone')) throw new Error('404')
        return input.url.length
      }),
    },
  }).createMachine({
    id: 'download',
    context: ({ input }) => ({ url: input.url, tries: 0, bytes: 0 }),
    initial: 'loading',
    states: {
      loading: {
        on: { PAUSE: 'paused' },
        invoke: {
          src: 'fetch',
          input: ({ context }) => ({ url: context.url, tries: context.tries }),
          onDone: {
            target: 'done',
            actions: [
              assign({ bytes: ({ event }) => event.output }),
              sendParent(({ context, event }) => ({ type: 'LOADED', url: context.url, bytes: event.output })),
            ],
          },
          onError: [
            {
              guard: ({ context }) => !context.url.startsWith('gone'),
              target: 'waiting',
              actions: assign({ tries: ({ context }) => context.tries + 1 }),
            },
          ],
        },
      },
      waiting: { after: { 1_500: 'loading' }, on: { PAUSE: 'paused' } },
      paused: { on: { RESUME: 'loading' } },
      done: { type: 'final' },
    },
    output: ({ context }) => context.bytes,
  })
}

export const downloads: Guest = {
  name: 'downloads',
  until: 1_000_000,
  ends: 'idle',
  script: [
    [1_000, { type: 'ADD', url: 'plain' } as { type: string }],
    [1_001, { type: 'ADD', url: 'flaky-one' } as { type: string }],
    [1_002, { type: 'ADD', url: 'cancelled' } as { type: string }],
    [1_003, { type: 'DROP', url: 'cancelled' } as { type: string }],
    [10_000, { type: 'ADD', url: 'slow-and-paused' } as { type: string }],
    [10_001, { type: 'HOLD', url: 'slow-and-paused' } as { type: string }],
    [50_000, { type: 'UNHOLD', url: 'slow-and-paused' } as { type: string }],
    [60_000, { type: 'LOGGER' }],
    [70_000, { type: 'ADD', url: 'gone' } as { type: string }],
  ],
  machine: (world) => {
    const download = downloadMachine(world)
    const counter = setup({
      types: { context: {} as { lines: string[] }, events: {} as { type: 'LINE'; text: string } },
    }).createMachine({
      id: 'counter',
      context: { lines: [] },
      on: { LINE: { actions: assign({ lines: ({ context, event }) => [...context.lines, event.text] }) } },
    })
    return setup({
      types: {
        context: {} as {
          refs: Record<string, ActorRefFrom<typeof download>>
          loaded: string[]
          failed: string[]
          logged: boolean
        },
        events: {} as
          | { type: 'ADD' | 'DROP' | 'HOLD' | 'UNHOLD'; url: string }
          | { type: 'LOADED'; url: string; bytes: number }
          | { type: 'LOGGER' },
      },
      actors: { download, counter },
    }).createMachine({
      id: 'downloads',
      context: { refs: {}, loaded: [], failed: [], logged: false },
      entry: spawnChild('counter', { id: 'log', systemId: 'log' }),
      initial: 'idle',
      states: {
        idle: {
          on: {
            ADD: {
              guard: ({ context, event }) => !(event.url in context.refs),
              actions: assign({
                refs: ({ context, event, spawn }) => ({
                  ...context.refs,
                  [event.url]: spawn('download', { id: `dl/${event.url}`, input: { url: event.url } }),
                }),
              }),
            },
            DROP: {
              actions: [
                stopChild(({ context, event }) => context.refs[event.url] as never),
                assign({
                  refs: ({ context, event }) =>
                    Object.fromEntries(Object.entries(context.refs).filter(([url]) => url !== event.url)),
                }),
              ],
            },
            HOLD: { actions: ({ context, event }) => context.refs[event.url]?.send({ type: 'PAUSE' }) },
            UNHOLD: { actions: ({ context, event }) => context.refs[event.url]?.send({ type: 'RESUME' }) },
            LOADED: {
              actions: [
                assign({
                  loaded: ({ context, event }) => [...context.loaded, `${event.url} ${event.bytes}`],
                }),
                ({ event, system }) => system.get('log')?.send({ type: 'LINE', text: event.url }),
              ],
            },
            LOGGER: {
              guard: ({ context }) => !context.logged,
              actions: [spawnChild('counter', { id: 'second log' }), assign({ logged: true })],
            },
            'xstate.error.actor.*': {
              actions: assign({
                failed: ({ context, event }) => [
                  ...context.failed,
                  (event as unknown as { error: Error }).error.message,
                ],
              }),
            },
          },
        },
      },
    })
  },
}
