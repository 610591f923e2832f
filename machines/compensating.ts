// What follows a chain's failure or its cancelling where its steps can be undone: one after the other, the last first.

import type { ChainContext, State, Transition, Undo } from './state.ts'

/** One kind of work that can be undone: by a function of its own, or, for a called chain, by that chain. */
export interface UndoShape {
  readonly step: string
  readonly by: 'function' | 'chain'
}

/** The effect, and so the actor, that undoes a step. */
export function undoOf(step: string): string {
  return `${step}:compensation`
}

/** What is being undone; undefined when all is. */
export function undoing(context: ChainContext): Undo | undefined {
  return context.plan?.[context.undone ?? 0]
}

/** Waits for whatever was aborted, decides what is to be undone, undoes it, and goes on to the end it was bound for. */
export function compensatingState(root: string, undos: readonly UndoShape[]): State {
  const path = `${root}.compensating`
  return {
    description: 'undoes what was done, the last first',
    initial: 'settling',
    // whatever is asked for now comes too late
    on: { cancel: {} },
    states: {
      settling: {
        invoke: {
          id: 'compensating:settling',
          src: 'compensating:settling',
          onDone: { target: `${path}.planning` },
        },
      },
      planning: {
        invoke: {
          id: 'compensating:plan',
          src: 'compensating:plan',
          onDone: { target: `${path}.next`, actions: { type: 'keepPlan' } },
        },
      },
      next: {
        always: [
          ...undos.map(({ step }): Transition => ({
            guard: { type: 'undoes', params: { step } },
            target: `${path}.undo-${step}`,
          })),
          { guard: { type: 'endsAs', params: { end: 'undone' } }, target: `${root}.undone` },
          { guard: { type: 'endsAs', params: { end: 'cancelled' } }, target: `${root}.cancelled` },
          { target: `${root}.failed` },
        ],
      },
      ...Object.fromEntries(
        undos.map(({ step, by }) => [
          `undo-${step}`,
          by === 'function' ? undoState(step, path) : undoCallState(step, path),
        ]),
      ),
      stuck: {
        description: 'a compensation has failed for good: a person decides',
        invoke: { id: 'compensating:stuck', src: 'compensating:stuck' },
        on: {
          retry: { target: `${path}.next`, actions: { type: 'forgetTries' } },
          'give-up': [
            { guard: { type: 'endsAs', params: { end: 'undone' } }, target: `${root}.undone` },
            { guard: { type: 'endsAs', params: { end: 'cancelled' } }, target: `${root}.cancelled` },
            { target: `${root}.failed` },
          ],
        },
      },
    },
  }
}

/** A called chain that has succeeded, and can still be undone by the one that called it. */
export function keptState(root: string): State {
  return {
    description: 'has succeeded, and is undone if its caller is',
    invoke: { id: 'kept', src: 'kept' },
    on: {
      compensate: { target: `${root}.compensating`, actions: { type: 'keepEnd', params: { end: 'undone' } } },
      cancel: {},
    },
  }
}

/** Where a chain that has succeeded ends, or is kept. */
export function endingState(root: string): State {
  return {
    always: [{ guard: { type: 'isCalled' }, target: `${root}.kept` }, { target: `${root}.succeeded` }],
  }
}

function undoState(step: string, path: string): State {
  const id = undoOf(step)
  const place = `${path}.undo-${step}`
  const of = { step: id }
  return {
    initial: 'running',
    states: {
      running: {
        invoke: {
          id,
          src: id,
          input: ({ context }) => ({ attempt: (context.tries[id] ?? 0) + 1, item: undoing(context)?.item }),
          onDone: { target: `${path}.next`, actions: { type: 'keepUndone' } },
          onError: { target: `${place}.recovering`, actions: { type: 'keepUndoFailure', params: of } },
        },
        on: {
          'attempt.lost': {
            guard: { type: 'isStep', params: of },
            target: `${place}.running`,
            reenter: true,
            actions: { type: 'countLost', params: of },
          },
        },
      },
      recovering: {
        invoke: {
          id: `${id}:recovery`,
          src: `${id}:recovery`,
          input: ({ context }) => ({ item: undoing(context)?.item }),
          onDone: [
            {
              guard: { type: 'recovers', params: { next: 'retry' } },
              target: `${place}.backing-off`,
              actions: { type: 'keepDue', params: { timer: `${id}:backoff` } },
            },
            { target: `${path}.stuck` },
          ],
        },
      },
      'backing-off': {
        invoke: {
          id: `${id}:backoff`,
          src: 'timer',
          input: ({ context }) => ({ due: context.due[`${id}:backoff`] ?? 0 }),
          onDone: { target: `${place}.running` },
        },
      },
    },
  }
}

function undoCallState(step: string, path: string): State {
  const id = undoOf(step)
  return {
    invoke: {
      id,
      src: id,
      input: ({ context }) => ({ item: undoing(context)?.item }),
      onDone: { target: `${path}.next`, actions: { type: 'keepUndone' } },
    },
  }
}
