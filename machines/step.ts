// A step as a statechart: running or queued, then recovering, backing off, falling back.

import { type Place, type State, decision, roundOf } from './state.ts'

/** What decides which recovery states a step has. */
export interface StepShape {
  readonly name: string
  /** Tries in all, the first included; with 1 there is nothing to back off for. */
  readonly attempts: number
  readonly fallback: boolean
  readonly description?: string
}

/**
 * The fragment of one step. The invoked actor `name` lives through `running` and `queued`; a retry enters
 * the whole state again, so that the actor of attempt 2 is never the one of attempt 1.
 */
export function stepState({ name, attempts, fallback, description }: StepShape, place: Place): State {
  const ofStep = { step: name }
  const keepOutput = { type: 'keepOutput', params: ofStep }
  const keepFailure = { type: 'keepFailure', params: ofStep }
  const isStep = { type: 'isStep', params: ofStep }
  const recovers = attempts > 1 || fallback
  const recovery = `${name}:recovery`
  const backoff = `${name}:backoff`
  const substitute = `${name}:fallback`
  return {
    ...(description === undefined ? {} : { description }),
    initial: 'running',
    invoke: {
      id: name,
      src: name,
      input: ({ context }) => ({
        attempt: (context.tries[name] ?? 0) + 1,
        item: roundOf(context, place.rounds),
      }),
      onDone: { target: place.next, actions: keepOutput },
      onError: { target: recovers ? `${place.path}.recovering` : place.fail, actions: keepFailure },
    },
    on: {
      'attempt.queued': { guard: isStep, target: `${place.path}.queued` },
      'attempt.started': { guard: isStep, target: `${place.path}.running` },
      'attempt.lost': {
        guard: isStep,
        target: place.path,
        reenter: true,
        actions: { type: 'countLost', params: ofStep },
      },
    },
    states: {
      running: {},
      queued: {},
      ...(recovers
        ? {
            recovering: {
              invoke: decision({ id: recovery, step: name, round: place.rounds }, place, [
                ...(attempts > 1
                  ? [
                      {
                        guard: { type: 'recovers', params: { next: 'retry' } },
                        target: `${place.path}.backing-off`,
                        actions: { type: 'keepDue', params: { timer: backoff } },
                      },
                    ]
                  : []),
                ...(fallback
                  ? [
                      {
                        guard: { type: 'recovers', params: { next: 'fallback' } },
                        target: `${place.path}.falling-back`,
                      },
                    ]
                  : []),
                { target: place.fail },
              ]),
            },
          }
        : {}),
      ...(attempts > 1
        ? {
            'backing-off': {
              invoke: {
                id: backoff,
                src: 'timer',
                input: ({ context }) => ({ due: context.due[backoff] ?? 0 }),
                onDone: { target: place.path, reenter: true },
              },
            },
          }
        : {}),
      ...(fallback
        ? {
            'falling-back': {
              invoke: {
                id: substitute,
                src: substitute,
                input: ({ context }) => ({
                  attempt: (context.tries[substitute] ?? 0) + 1,
                  item: roundOf(context, place.rounds),
                }),
                onDone: { target: place.next, actions: keepOutput },
                onError: { target: place.fail, actions: keepFailure },
              },
              on: {
                'attempt.lost': {
                  guard: { type: 'isStep', params: { step: substitute } },
                  target: `${place.path}.falling-back`,
                  reenter: true,
                  actions: { type: 'countLost', params: { step: substitute } },
                },
              },
            },
          }
        : {}),
    },
  }
}
