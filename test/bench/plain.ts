// The floors in memory: a chain's own machine under plain createActor, and the machine that one would write by hand.

import { type AnyStateMachine, assign, createActor, fromPromise, setup } from 'xstate'

/** Runs a machine to its end. */
export async function runMachine(machine: AnyStateMachine, input?: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const actor = createActor(machine, { input })
    actor.subscribe({ complete: resolve, error: reject })
    actor.start()
  })
}

/** Steps in a row, each an invoked promise whose output is kept: what a chain does, without its recoveries. */
export function plainMachine(steps: number, body: () => unknown): AnyStateMachine {
  const states = Object.fromEntries(
    Array.from({ length: steps }, (_, at) => [
      `step-${at}`,
      {
        invoke: {
          src: 'work',
          onDone: { target: at + 1 < steps ? `step-${at + 1}` : 'succeeded', actions: keep(`step-${at}`) },
        },
      },
    ]),
  )
  const config = {
    context: { steps: {} },
    initial: 'step-0',
    states: { ...states, succeeded: { type: 'final' } },
  }
  const actors = { work: fromPromise(async () => body()) }
  return setup({ actors }).createMachine(config as never) as unknown as AnyStateMachine
}

function keep(step: string): unknown {
  return assign(({ context, event }) => ({
    steps: {
      ...(context as { steps: object }).steps,
      [step]: (event as unknown as { output: unknown }).output,
    },
  }))
}
