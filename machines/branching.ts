// Parallel branches and choices as statecharts.

import { type Place, type State, type Transition, decision } from './state.ts'

/** A compiled sequence: its first state's name, its states, and the step whose output is the sequence's. */
export interface Sequence {
  readonly initial: string
  readonly states: Readonly<Record<string, State>>
  readonly last: string | null
}

/**
 * Branches side by side. When one fails, the others are aborted and `settling` waits until each has ended or
 * 5 s have passed, and only then the failure goes on; with `wait`, the branches run to their own ends first.
 */
export function parallelState(
  { name, onFailure }: { readonly name: string; readonly onFailure: 'cancel' | 'wait' },
  place: Place,
  branch: (branch: string, place: Place) => Sequence,
  branches: readonly string[],
): State {
  const running = `${place.path}.branches`
  const compiled = branches.map((key) => {
    const region = `${running}.${key}`
    const fail = onFailure === 'cancel' ? `${place.path}.settling` : `${region}.failed`
    return [key, branch(key, { ...place, path: region, next: `${region}.done`, fail })] as const
  })
  const outputs = {
    type: 'keepBranches',
    params: { step: name, branches: Object.fromEntries(compiled.map(([key, { last }]) => [key, last])) },
  }
  const settling = `${name}:settling`
  return {
    initial: 'branches',
    states: {
      branches: {
        type: 'parallel',
        states: Object.fromEntries(
          compiled.map(([key, { initial, states }]) => [
            key,
            {
              initial,
              states: {
                ...states,
                done: { type: 'final' } as const,
                ...(onFailure === 'wait'
                  ? { failed: { type: 'final', entry: { type: 'breakBranch', params: { name } } } as const }
                  : {}),
              },
            },
          ]),
        ),
        onDone: [
          ...(onFailure === 'wait'
            ? [{ guard: { type: 'broke', params: { name } }, target: place.fail }]
            : []),
          { target: place.next, actions: outputs },
        ],
      },
      ...(onFailure === 'cancel'
        ? { settling: { invoke: { id: settling, src: settling, onDone: { target: place.fail } } } }
        : {}),
    },
  }
}

/** A choice: one decision, then the branch it named. */
export function chooseState(
  { name }: { readonly name: string },
  place: Place,
  branch: (index: number, place: Place) => Sequence,
  count: number,
): State {
  const compiled = Array.from({ length: count }, (_, index) => {
    const path = `${place.path}.${branchName(index, count)}`
    return branch(index, { ...place, path, next: `${path}.done` })
  })
  const chosen: Transition[] = compiled.map((_, index) => ({
    guard: { type: 'chose', params: { branch: index } },
    target: `${place.path}.${branchName(index, count)}`,
  }))
  return {
    initial: 'choosing',
    states: {
      choosing: {
        invoke: decision({ id: `${name}:choice`, step: name, round: place.rounds }, place, chosen),
      },
      ...Object.fromEntries(
        compiled.map(({ initial, states, last }, index) => [
          branchName(index, count),
          {
            initial,
            states: { ...states, done: { type: 'final' } as const },
            onDone: {
              target: place.next,
              actions: { type: 'copyOutput', params: { step: name, from: last } },
            },
          },
        ]),
      ),
    },
  }
}

function branchName(index: number, count: number): string {
  return index === count - 1 ? 'otherwise' : `case-${index + 1}`
}
