// The supervisor's own lifecycle. It owns states; the engine's nursery owns the children.

import { setup } from 'xstate'

/** What moves the supervisor. */
type SupervisorEvent =
  | { readonly type: 'opened' }
  | { readonly type: 'recovered' }
  | { readonly type: 'stop' }
  | { readonly type: 'drained' }
  | { readonly type: 'store.failed' }

/** `running` and `recovering` accept runs; nothing leaves `stopped` and `failed`. */
export const supervisorMachine = setup({ types: { events: {} as SupervisorEvent } }).createMachine({
  id: 'supervisor',
  description: 'Opens the store, recovers what was unfinished, runs chains, drains, stops.',
  initial: 'starting',
  states: {
    starting: {
      description: 'Takes the store: lock, epoch, migrations.',
      on: { opened: 'recovering', stop: 'stopped', 'store.failed': 'failed' },
    },
    recovering: {
      description: 'Brings unfinished runs back, most urgent first; accepts new ones meanwhile.',
      on: { recovered: 'running', stop: 'draining', 'store.failed': 'failed' },
    },
    running: { on: { stop: 'draining', 'store.failed': 'failed' } },
    draining: {
      description: 'Lets attempts in flight end; starts none.',
      on: { drained: 'stopped', 'store.failed': 'failed' },
    },
    stopped: { type: 'final' },
    failed: { type: 'final', description: 'The store could not be written: all in memory is dropped.' },
  },
})
