// The statechart of a group: where its supervisor stands. What it decides comes from the reducer, as orders to be done.

import { enqueueActions, setup } from 'xstate'
import type { GroupSpec } from './spec.ts'
import {
  beginSupervision,
  type Phase,
  type Supervision,
  type SupervisionCommand,
  type SupervisionEvent,
} from './state.ts'
import { supervise } from './supervise.ts'

/** Keeps a supervisor out of what inspectors write down: it may have ten thousand children. */
class Held {
  readonly supervision: Supervision

  constructor(spec: GroupSpec) {
    this.supervision = beginSupervision(spec)
  }

  toJSON(): unknown {
    const { phase, children, restarts, cause } = this.supervision
    return {
      phase,
      children: children.size,
      restarts: restarts.length,
      ...(cause === undefined ? {} : { cause }),
    }
  }
}

interface GroupContext {
  readonly held: Held
  /** What the last event asks for, in order: to be done by whoever sent it. */
  readonly orders: readonly SupervisionCommand[]
}

/** Raised by the machine itself: the reducer has come to another phase. */
type Moved = { readonly type: `to.${Phase}` }

const moves = (...phases: readonly Phase[]) =>
  Object.fromEntries(phases.map((phase) => [`to.${phase}`, phase])) as Readonly<Record<Moved['type'], Phase>>

const isMove = (event: SupervisionEvent | Moved): event is Moved => event.type.startsWith('to.')

/** Whoever sends it an event then does the orders in its context; no effect happens within a transition. */
export const groupMachine = setup({
  types: {
    context: {} as GroupContext,
    events: {} as SupervisionEvent | Moved,
    input: {} as GroupSpec,
  },
  actions: {
    decide: enqueueActions(({ context, event, enqueue }) => {
      if (isMove(event)) return
      const { supervision } = context.held
      const before = supervision.phase
      const orders = supervise(supervision, event)
      enqueue.assign({ orders })
      if (supervision.phase !== before) enqueue.raise({ type: `to.${supervision.phase}` })
    }),
  },
}).createMachine({
  id: 'group',
  description: 'Starts its children in order, restarts them by its strategy, and ends with all of them.',
  context: ({ input }) => ({ held: new Held(input), orders: [] }),
  initial: 'idle',
  on: { '*': { actions: 'decide' } },
  states: {
    idle: { on: moves('starting', 'running', 'stopped') },
    starting: {
      description: 'Starts its children, one after the other.',
      on: moves('running', 'restarting', 'stopping', 'stopped', 'failed'),
    },
    running: { on: moves('restarting', 'stopping', 'stopped', 'failed') },
    restarting: {
      description: 'A child is being started again, or waits for that.',
      on: moves('running', 'stopping', 'stopped', 'failed'),
    },
    stopping: {
      description: 'Stops its children, the last started first.',
      on: moves('stopped', 'failed'),
    },
    stopped: { type: 'final', description: 'Asked to, or because its significant children had ended.' },
    failed: {
      type: 'final',
      description: 'More restarts than it may try, or a child that did not start at first.',
    },
  },
})
