// The reflector's own lifecycle: it observes, proposes when somebody looks, tries what was chosen, and rests after each end.

import { assign, fromPromise, setup } from 'xstate'

/** What moves the reflector. */
type ReflectorEvent =
  /** Somebody wants to know, or it is time to look again. */
  | { readonly type: 'look' }
  | { readonly type: 'trial.started' }
  | { readonly type: 'trial.kept' }
  | { readonly type: 'trial.reverted' }
  /** The rest after a trial is over. */
  | { readonly type: 'rested' }
  | { readonly type: 'stop' }

interface ReflectorContext {
  /** Trials that go on. */
  readonly trials: number
  /** Somebody asked while it was proposing. */
  readonly again: boolean
  /** How the last trial ended, until it has rested from that. */
  readonly last: 'kept' | 'reverted' | undefined
}

const unbound = fromPromise<void>(async () =>
  Promise.reject(new Error('a reflector has no work bound to it')),
)

/** Where it is between two looks is told by its trials. */
export const reflectorMachine = setup({
  types: { context: {} as ReflectorContext, events: {} as ReflectorEvent },
  actors: { propose: unbound },
  actions: {
    /** A look begins: it answers all who have asked by now. */
    begin: () => {},
    publish: () => {},
    refuse: (_actor, _params: { readonly error: unknown }) => {},
    more: assign({ trials: ({ context }) => context.trials + 1 }),
    fewer: assign({ trials: ({ context }) => Math.max(0, context.trials - 1) }),
  },
  guards: {
    again: ({ context }) => context.again,
    tries: ({ context }) => context.trials > 0,
    hasKept: ({ context }) => context.last === 'kept',
    hasReverted: ({ context }) => context.last === 'reverted',
  },
}).createMachine({
  id: 'reflector',
  description: 'Looks for what would be better, tries it on some of the runs, keeps it or takes it back.',
  context: { trials: 0, again: false, last: undefined },
  initial: 'observing',
  on: {
    stop: '.stopped',
    'trial.started': { target: '.trialling', actions: 'more' },
    'trial.kept': { target: '.kept', actions: ['fewer', assign({ last: 'kept' })] },
    'trial.reverted': { target: '.reverted', actions: ['fewer', assign({ last: 'reverted' })] },
  },
  states: {
    observing: {
      description: 'The journal is written; nobody looks, and nothing is paid.',
      always: [
        { guard: 'again', target: 'proposing' },
        { guard: 'tries', target: 'trialling' },
        { guard: 'hasKept', target: 'kept' },
        { guard: 'hasReverted', target: 'reverted' },
      ],
      on: { look: 'proposing' },
    },
    proposing: {
      description: 'Reads what was recorded since the last time, and asks the detectors.',
      entry: [assign({ again: false }), 'begin'],
      invoke: {
        src: 'propose',
        onDone: { target: 'observing', actions: 'publish' },
        onError: {
          target: 'observing',
          actions: { type: 'refuse', params: ({ event }) => ({ error: event.error }) },
        },
      },
      on: {
        look: { actions: assign({ again: true }) },
        'trial.started': { actions: 'more' },
        'trial.kept': { actions: ['fewer', assign({ last: 'kept' })] },
        'trial.reverted': { actions: ['fewer', assign({ last: 'reverted' })] },
        rested: { actions: assign({ last: undefined }) },
      },
    },
    trialling: {
      description: 'Runs are drawn in pairs, and each pair is judged as it ends.',
      on: { look: 'proposing' },
    },
    kept: {
      description: 'A change has shown its gain. Before it begins another by itself, it rests.',
      always: { guard: 'tries', target: 'trialling' },
      on: { look: 'proposing', rested: { target: 'observing', actions: assign({ last: undefined }) } },
    },
    reverted: {
      description: 'A change did harm or showed no gain. Before it begins another by itself, it rests.',
      always: { guard: 'tries', target: 'trialling' },
      on: { look: 'proposing', rested: { target: 'observing', actions: assign({ last: undefined }) } },
    },
    stopped: { type: 'final' },
  },
})
