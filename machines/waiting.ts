// Steps that wait: for a signal, for time, for another chain, for every item; and the loop around others.

import type { Sequence } from './branching.ts'
import { type Place, type State, decision, roundOf } from './state.ts'

interface Called {
  readonly name: string
}

/** Waits for a `signal` event that names it; with a timeout, for at most so long. */
export function waitState(
  {
    name,
    timeout,
    onTimeout,
  }: Called & { readonly timeout: boolean; readonly onTimeout: 'fail' | 'continue' },
  place: Place,
): State {
  const keepOutput = { type: 'keepOutput', params: { step: name } }
  const clock = `${name}:timeout`
  const signal = {
    id: name,
    src: name,
    input: () => ({}),
  }
  const on = {
    signal: { guard: { type: 'isStep', params: { step: name } }, target: place.next, actions: keepOutput },
  }
  if (!timeout) return { invoke: signal, on }
  const late = {
    type: 'blame',
    params: {
      step: name,
      failure: { kind: 'timeout', message: `no signal came in time for step "${name}"`, retryable: false },
    },
  }
  return {
    initial: 'scheduling',
    states: {
      scheduling: scheduling(name, clock, `${place.path}.waiting`, place),
      waiting: {
        on,
        invoke: [
          signal,
          {
            id: clock,
            src: 'timer',
            input: ({ context }) => ({ due: context.due[clock] ?? 0 }),
            onDone:
              onTimeout === 'fail'
                ? { target: place.fail, actions: late }
                : { target: place.next, actions: { type: 'copyOutput', params: { step: name, from: null } } },
          },
        ],
      },
    },
  }
}

/** Sleeps until a due time that is decided, and recorded, when the sleep begins. */
export function sleepState({ name }: Called, place: Place): State {
  return {
    initial: 'scheduling',
    states: {
      scheduling: scheduling(name, name, `${place.path}.sleeping`, place),
      sleeping: {
        invoke: {
          id: name,
          src: 'timer',
          input: ({ context }) => ({ due: context.due[name] ?? 0 }),
          onDone: { target: place.next, actions: { type: 'copyOutput', params: { step: name, from: null } } },
        },
      },
    },
  }
}

/** Runs another chain and waits for its end. */
export function callState({ name }: Called, place: Place): State {
  const input = `${name}:input`
  return {
    initial: 'preparing',
    states: {
      preparing: {
        invoke: decision({ id: input, step: name, round: place.rounds }, place, {
          target: `${place.path}.calling`,
          actions: { type: 'hold', params: { name } },
        }),
      },
      calling: {
        invoke: {
          id: name,
          src: name,
          input: ({ context }) => ({ item: roundOf(context, place.rounds) }),
          onDone: { target: place.next, actions: { type: 'keepOutput', params: { step: name } } },
          onError: { target: place.fail, actions: { type: 'keepFailure', params: { step: name } } },
        },
      },
    },
  }
}

/** Works through every item; one child actor counts them, however many they are. */
export function eachState(
  { name, onFailure }: Called & { readonly onFailure: 'fail' | 'collect' },
  place: Place,
): State {
  const failed = { target: place.fail, actions: { type: 'keepFailure', params: { step: name } } }
  const expansion = `${name}:items`
  return {
    initial: 'expanding',
    states: {
      expanding: {
        invoke: decision({ id: expansion, step: name, round: place.rounds }, place, {
          target: `${place.path}.processing`,
          actions: { type: 'hold', params: { name } },
        }),
      },
      processing: {
        invoke: {
          id: name,
          src: name,
          input: ({ context }) => ({
            item: roundOf(context, place.rounds),
            keys: (context.held[name] as { readonly keys: readonly string[] }).keys,
            onFailure,
          }),
          onDone: { target: place.next, actions: { type: 'keepOutput', params: { step: name } } },
          onError: failed,
        },
      },
    },
  }
}

/** Runs its body again until a decision says enough; too many rounds are a failure. */
export function repeatState(
  { name, max, inside }: Called & { readonly max: number; readonly inside: readonly string[] },
  place: Place,
  body: (place: Place) => Sequence,
): State {
  const path = `${place.path}.round`
  const checking = `${place.path}.checking`
  const { initial, states, last } = body({ ...place, path, next: checking, rounds: [...place.rounds, name] })
  const until = `${name}:until`
  const spent = {
    type: 'blame',
    params: {
      step: name,
      failure: {
        kind: 'exhausted',
        message: `step "${name}" was not done after ${max} rounds`,
        retryable: false,
      },
    },
  }
  return {
    initial: 'round',
    states: {
      round: { initial, states },
      checking: {
        invoke: decision({ id: until, step: name, round: [...place.rounds, name] }, place, [
          {
            guard: { type: 'decided', params: { value: 'enough' } },
            target: place.next,
            actions: { type: 'copyOutput', params: { step: name, from: last } },
          },
          {
            guard: { type: 'decided', params: { value: 'again' } },
            target: path,
            actions: { type: 'nextRound', params: { name, steps: inside } },
          },
          { target: place.fail, actions: spent },
        ]),
      },
    },
  }
}

/** Ends the chain as failed, for a reason that is decided and recorded. */
export function failState({ name }: Called, place: Place): State {
  return {
    invoke: decision({ id: `${name}:reason`, step: name, round: place.rounds }, place, {
      target: place.fail,
      actions: { type: 'keepReason', params: { step: name } },
    }),
  }
}

function scheduling(step: string, timer: string, then: string, place: Place): State {
  return {
    invoke: decision({ id: `${step}:due`, step, round: place.rounds }, place, {
      target: then,
      actions: { type: 'keepDue', params: { timer } },
    }),
  }
}
