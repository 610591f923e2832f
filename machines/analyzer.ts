// The analyzer's own lifecycle: it sleeps until somebody asks, catches up with the journal, evaluates, and reports.

import { assign, fromPromise, setup } from 'xstate'

/** What moves the analyzer. */
type AnalyzerEvent = { readonly type: 'ask' } | { readonly type: 'stop' }

const unbound = fromPromise<void>(async () =>
  Promise.reject(new Error('an analyzer has no work bound to it')),
)

/** A report holds all that was committed before it was asked for: who asks meanwhile is answered by the next round. */
export const analyzerMachine = setup({
  types: { context: {} as { readonly again: boolean }, events: {} as AnalyzerEvent },
  actors: { collect: unbound, evaluate: unbound },
  actions: {
    /** A round begins: it answers all who have asked by now. */
    begin: () => {},
    publish: () => {},
    refuse: (_actor, _params: { readonly error: unknown }) => {},
  },
  guards: { again: ({ context }) => context.again },
}).createMachine({
  id: 'analyzer',
  description: 'Catches up with the journal when somebody asks, evaluates what it keeps, reports.',
  context: { again: false },
  initial: 'idle',
  on: { stop: '.stopped', ask: { actions: assign({ again: true }) } },
  states: {
    idle: {
      description: 'Nobody asks, and nothing is paid.',
      always: { guard: 'again', target: 'collecting' },
      on: { ask: 'collecting' },
    },
    collecting: {
      description: 'Takes in what was committed since the last time.',
      entry: [assign({ again: false }), 'begin'],
      invoke: {
        src: 'collect',
        onDone: 'evaluating',
        onError: {
          target: 'idle',
          actions: { type: 'refuse', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    evaluating: {
      description: 'Measures, in slices between which the host has its turn.',
      invoke: {
        src: 'evaluate',
        onDone: 'reporting',
        onError: {
          target: 'idle',
          actions: { type: 'refuse', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    reporting: { entry: 'publish', always: 'idle' },
    stopped: { type: 'final' },
  },
})
