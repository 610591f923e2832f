// Walks through a statechart event by event, says what is wrong where it stands elsewhere, and counts what it came through.

import { expect } from 'vitest'
import {
  type AnyActor,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  createActor,
  matchesState,
} from 'xstate'
import { pathOf, statesOf, transitionId } from '../../src/testing/paths/visited.ts'

type Event = { readonly type: string; readonly [key: string]: unknown }

/** An event, where the machine stands after it, and what its context then holds among other things. */
export type Step = readonly [event: Event | 'done' | 'error', stands: string, holds?: object]

export interface Walker {
  /** From its start, in this order. */
  walk(input: unknown, steps: readonly Step[]): AnyMachineSnapshot
  /** Each state and transition that no walk came through. */
  missing(): readonly string[]
}

/** Of `done` and `error` it knows whose they are: the actor's that is invoked where it stands. */
export function createWalker(machine: AnyStateMachine): Walker {
  const seen = new Set<string>()
  const nodes = nodesBelow(machine.root)
  const note = (snapshot: AnyMachineSnapshot, taken: readonly AnyTransitionDefinition[]): void => {
    for (const one of taken) {
      seen.add(transitionId(one))
      for (const node of [one.source, ...(one.target ?? [])]) seen.add(pathOf(node))
    }
    for (const state of statesOf(snapshot)) seen.add(state)
  }
  return {
    walk: (input, steps) => {
      const actor: AnyActor = createActor(machine, {
        input,
        inspect: (told) => {
          if (told.type === '@xstate.microstep' && told.actorRef === actor)
            note(told.snapshot as AnyMachineSnapshot, told._transitions)
        },
      })
      actor.subscribe({ error: () => {} })
      actor.start()
      const at = (): AnyMachineSnapshot => actor.getSnapshot() as AnyMachineSnapshot
      note(at(), [])
      for (const [index, [event, stands, holds]] of steps.entries()) {
        actor.send(typeof event === 'string' ? ofInvoked(at(), event) : event)
        const where = `after step ${index + 1}, ${JSON.stringify(event)}`
        expect(matchesState(stands, at().value), `${where}: ${JSON.stringify(at().value)}`).toBe(true)
        if (holds !== undefined) expect(at().context, where).toMatchObject(holds)
      }
      const end = at()
      actor.stop()
      return end
    },
    missing: () => [
      ...nodes.map((node) => pathOf(node)).filter((path) => !seen.has(path)),
      ...[machine.root, ...nodes]
        .flatMap((node) => [...node.transitions.values(), node.always ?? []].flat())
        .filter((one) => !seen.has(transitionId(one)))
        .map((one) => `${transitionId(one)} -> ${(one.target ?? []).map((node) => pathOf(node)).join(', ')}`),
    ],
  }
}

function ofInvoked({ _nodes }: AnyMachineSnapshot, end: 'done' | 'error'): Event {
  const actorId = _nodes.flatMap(({ invoke }) => invoke.map(({ id }) => id)).at(-1)
  return { type: `xstate.${end}.actor.${actorId}`, actorId, output: undefined, error: new Error('no') }
}

function nodesBelow(node: AnyStateNode): readonly AnyStateNode[] {
  return Object.values(node.states).flatMap((inner) => [inner, ...nodesBelow(inner)])
}
