// The statechart of a service: what one child of a group is at, through all its lives.

import { assign, setup } from 'xstate'

/** A service's probes, by what fails: readiness only withholds, the others end the life. */
export type ProbeName = 'startup' | 'ready' | 'alive'

interface ServiceInput {
  /** How many failures in a row count, for each probe that there is. */
  readonly thresholds: Readonly<Partial<Record<ProbeName, number>>>
}

interface ServiceContext extends ServiceInput {
  readonly life: number
  /** Failures in a row, by probe. */
  readonly failures: Readonly<Record<ProbeName, number>>
  /** The readiness probe has passed, and not failed too often since; true where there is none. */
  readonly probed: boolean
  /** The service said so, or need not. */
  readonly said: boolean
  /** When its next start is due (ms since the epoch). */
  readonly due: number | null
}

export type ServiceEvent =
  | { readonly type: 'start'; readonly life: number; readonly waits: boolean }
  /** What it needs is ready. */
  | { readonly type: 'met' }
  /** It says that it is ready. */
  | { readonly type: 'said' }
  | { readonly type: 'passed' | 'failed'; readonly probe: ProbeName }
  | { readonly type: 'stop' }
  | { readonly type: 'ended'; readonly wrong: boolean }
  | { readonly type: 'back-off'; readonly due: number }

const none = { startup: 0, ready: 0, alive: 0 }
const fresh = { failures: none, said: false, due: null }

export const serviceMachine = setup({
  types: { context: {} as ServiceContext, events: {} as ServiceEvent, input: {} as ServiceInput },
  actions: {
    begin: assign(({ context, event }) => ({
      ...fresh,
      life: event.type === 'start' ? event.life : context.life,
      probed: context.thresholds.ready === undefined,
    })),
    keepSaid: assign({ said: true }),
    count: assign(({ context, event }) =>
      event.type === 'failed'
        ? { failures: { ...context.failures, [event.probe]: context.failures[event.probe] + 1 } }
        : {},
    ),
    clear: assign(({ context, event }) =>
      event.type === 'passed' ? { failures: { ...context.failures, [event.probe]: 0 } } : {},
    ),
    keepPassed: assign({ probed: true }),
    keepFailed: assign({ probed: false }),
    keepDue: assign({ due: ({ event }) => (event.type === 'back-off' ? event.due : null) }),
  },
  guards: {
    waits: ({ event }) => event.type === 'start' && event.waits,
    startsUp: ({ context }) => context.thresholds.startup !== undefined,
    probed: ({ context }) => context.probed,
    goesOn: ({ context }) => context.probed && context.said,
    saidAndOf: ({ context, event }) => context.said && event.type === 'passed' && event.probe === 'ready',
    wrong: ({ event }) => event.type === 'ended' && event.wrong,
    of: ({ event }, { probe }: { probe: ProbeName }) => event.type === 'passed' && event.probe === probe,
    spent: ({ context, event }, { probe }: { probe: ProbeName }) =>
      event.type === 'failed' &&
      event.probe === probe &&
      context.failures[probe] + 1 >= (context.thresholds[probe] ?? Infinity),
  },
}).createMachine({
  id: 'service',
  description: 'Waits for what it needs, runs, is ready or not, ends, and is started again by its group.',
  context: ({ input }) => ({ ...fresh, ...input, life: 0, probed: true }),
  initial: 'stopped',
  states: {
    stopped: {
      description: 'Does not run: never started, ended in order, or was stopped.',
      on: {
        start: [
          { guard: 'waits', target: 'waiting', actions: 'begin' },
          { guard: 'startsUp', target: 'running.starting', actions: 'begin' },
          { target: 'running', actions: 'begin' },
        ],
      },
    },
    waiting: {
      description: 'Started by its group; its function is called once all that it needs is ready.',
      on: {
        met: [{ guard: 'startsUp', target: 'running.starting' }, { target: 'running' }],
        stop: 'stopping',
        ended: 'stopped',
      },
    },
    running: {
      initial: 'unready',
      on: {
        said: { actions: 'keepSaid' },
        stop: 'stopping',
        ended: [{ guard: 'wrong', target: 'failed' }, { target: 'stopped' }],
        passed: { actions: 'clear' },
        failed: [
          { guard: { type: 'spent', params: { probe: 'alive' } }, target: 'failing' },
          { actions: 'count' },
        ],
      },
      states: {
        starting: {
          description: 'Its startup probe has not passed: no other probe asks.',
          on: {
            passed: [
              { guard: 'goesOn', target: 'ready', actions: 'clear' },
              { target: 'unready', actions: 'clear' },
            ],
            failed: [
              { guard: { type: 'spent', params: { probe: 'startup' } }, target: '#service.failing' },
              { actions: 'count' },
            ],
          },
        },
        unready: {
          description: 'Runs; dependents wait.',
          on: {
            said: [{ guard: 'probed', target: 'ready', actions: 'keepSaid' }, { actions: 'keepSaid' }],
            passed: [
              { guard: 'saidAndOf', target: 'ready', actions: ['clear', 'keepPassed'] },
              { guard: { type: 'of', params: { probe: 'ready' } }, actions: ['clear', 'keepPassed'] },
              { actions: 'clear' },
            ],
          },
        },
        ready: {
          on: {
            failed: [
              { guard: { type: 'spent', params: { probe: 'alive' } }, target: '#service.failing' },
              {
                guard: { type: 'spent', params: { probe: 'ready' } },
                target: 'unready',
                actions: ['count', 'keepFailed'],
              },
              { actions: 'count' },
            ],
          },
        },
      },
    },
    failing: {
      description: 'A probe failed too often: its signal is aborted, and it gets its time to end.',
      on: { stop: 'stopping', ended: 'failed' },
    },
    stopping: {
      description: 'Its signal is aborted; it gets its time to end, and then is given up.',
      on: { ended: [{ guard: 'wrong', target: 'failed' }, { target: 'stopped' }] },
    },
    failed: {
      description: 'Ended wrongly. Its group starts it again, unless it may not.',
      on: {
        'back-off': { target: 'backing-off', actions: 'keepDue' },
        start: [
          { guard: 'waits', target: 'waiting', actions: 'begin' },
          { guard: 'startsUp', target: 'running.starting', actions: 'begin' },
          { target: 'running', actions: 'begin' },
        ],
        stop: 'stopped',
      },
    },
    'backing-off': {
      description: 'Its next start has its time.',
      on: {
        start: [
          { guard: 'waits', target: 'waiting', actions: 'begin' },
          { guard: 'startsUp', target: 'running.starting', actions: 'begin' },
          { target: 'running', actions: 'begin' },
        ],
        stop: 'stopped',
      },
    },
  },
})
