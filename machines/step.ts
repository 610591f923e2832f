// A step as a statechart: scheduling, running, queued, recovering, backing off, falling back.

import { type Place, type State, decision, roundOf } from './state.ts'

/** What decides which recovery states a step has. */
export interface StepShape {
  readonly name: string
  /** Tries in all, the first included; with 1 there is nothing to back off for. */
  readonly attempts: number
  readonly fallback: boolean
  /** All its attempts must be done by a time that is decided as it begins. */
  readonly deadline?: boolean
  readonly description?: string
}

/**
 * The fragment of one step. With nothing to recover with, the step is one state; otherwise it is `running`, then
 * `recovering`, `backing-off` and `falling-back` as its options say; with a deadline it begins by `scheduling` that. An attempt that must wait for a slot leaves for
 * the `queued` state of its sequence.
 */
export function stepState(shape: StepShape, place: Place): State {
  const { name, attempts, fallback, deadline = false, description } = shape
  const recovers = attempts > 1 || fallback
  const nested = recovers || deadline
  const described = description === undefined ? {} : { description }
  const running = runningState(name, nested ? `${place.path}.running` : place.path, {
    ...place,
    fail: recovers ? `${place.path}.recovering` : place.fail,
  })
  if (!nested) return { ...described, ...running }
  return {
    ...described,
    initial: deadline ? 'scheduling' : 'running',
    states: {
      ...(deadline ? { scheduling: schedulingState(name, place) } : {}),
      running,
      ...(recovers ? { recovering: recoveringState(shape, place) } : {}),
      ...(attempts > 1 ? { 'backing-off': backingOffState(name, place) } : {}),
      ...(fallback ? { 'falling-back': fallingBackState(name, place) } : {}),
    },
  }
}

/** Where the attempts of a sequence wait for a slot, each to go on at its own step. */
export function queuedState(steps: readonly Pick<StepShape, 'name' | 'deadline'>[], path: string): State {
  return {
    description: 'waits for a slot',
    invoke: { id: queueOf(path), src: 'queue', input: ({ event }) => ({ step: event.step }) },
    on: {
      'attempt.started': steps.map(({ name, deadline }) => ({
        guard: { type: 'isStep', params: { step: name } },
        // its deadline stands
        target: deadline === true ? `${path}.${name}.running` : `${path}.${name}`,
      })),
    },
  }
}

/** The id of the actor that waits for a slot in the sequence at `path`. */
export function queueOf(path: string): string {
  return `queue:${path.slice(1).replaceAll('.', '/')}`
}

function schedulingState(name: string, place: Place): State {
  const id = `${name}:deadline`
  return {
    invoke: decision({ id, step: name, round: place.rounds }, place, {
      target: `${place.path}.running`,
      actions: { type: 'keepDue', params: { timer: id } },
    }),
  }
}

function runningState(name: string, path: string, place: Place): State {
  const ofStep = { step: name }
  const isStep = { type: 'isStep', params: ofStep }
  return {
    invoke: {
      id: name,
      src: name,
      input: ({ context }) => ({
        attempt: (context.tries[name] ?? 0) + 1,
        item: roundOf(context, place.rounds),
      }),
      onDone: { target: place.next, actions: { type: 'keepOutput', params: ofStep } },
      onError: { target: place.fail, actions: { type: 'keepFailure', params: ofStep } },
    },
    on: {
      'attempt.queued': { guard: isStep, target: `${place.sequence}.queued` },
      'attempt.lost': {
        guard: isStep,
        target: path,
        reenter: true,
        actions: { type: 'countLost', params: ofStep },
      },
    },
  }
}

function recoveringState({ name, attempts, fallback }: StepShape, place: Place): State {
  const retry = {
    guard: { type: 'recovers', params: { next: 'retry' } },
    target: `${place.path}.backing-off`,
    actions: { type: 'keepDue', params: { timer: `${name}:backoff` } },
  }
  const substitute = {
    guard: { type: 'recovers', params: { next: 'fallback' } },
    target: `${place.path}.falling-back`,
  }
  return {
    invoke: decision({ id: `${name}:recovery`, step: name, round: place.rounds }, place, [
      ...(attempts > 1 ? [retry] : []),
      ...(fallback ? [substitute] : []),
      { target: place.fail },
    ]),
  }
}

function backingOffState(name: string, place: Place): State {
  const timer = `${name}:backoff`
  return {
    invoke: {
      id: timer,
      src: 'timer',
      input: ({ context }) => ({ due: context.due[timer] ?? 0 }),
      onDone: { target: `${place.path}.running` },
    },
  }
}

function fallingBackState(name: string, place: Place): State {
  const substitute = `${name}:fallback`
  return {
    invoke: {
      id: substitute,
      src: substitute,
      input: ({ context }) => ({
        attempt: (context.tries[substitute] ?? 0) + 1,
        item: roundOf(context, place.rounds),
      }),
      onDone: { target: place.next, actions: { type: 'keepOutput', params: { step: name } } },
      onError: { target: place.fail, actions: { type: 'keepFailure', params: { step: name } } },
    },
    on: {
      'attempt.lost': {
        guard: { type: 'isStep', params: { step: substitute } },
        target: `${place.path}.falling-back`,
        reenter: true,
        actions: { type: 'countLost', params: { step: substitute } },
      },
    },
  }
}
