// All that a chain's machine can come to, found from the machine alone: its guards read recorded data only, so no data is needed.

import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { ChainContext } from '../../../machines/state.ts'
import { undoing } from '../../../machines/compensating.ts'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { beginFold, stepInertly, watchFolds } from '../../journal/replay.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { happenings, queuedIn } from './alphabet.ts'
import { partsOf } from './machine-parts.ts'
import { statesOf, transitionId } from './visited.ts'

/** One way from one place to another. */
export interface Edge {
  readonly words: string
  readonly event: { readonly type: string }
  /** The ids of the transitions that it takes. */
  readonly transitions: readonly string[]
  /** The states that it comes through, those included in which it does not stay. */
  readonly states: readonly string[]
  readonly to: Place
}

/** A configuration of the machine, with all that its guards read of its context. */
export interface Place {
  readonly states: readonly string[]
  readonly final: boolean
  readonly edges: Edge[]
  /** The way by which it was found first, so a shortest one. */
  readonly from: { readonly place: Place; readonly edge: Edge } | undefined
  /** Whether the chain is called by another one on the way there. */
  readonly called: boolean
}

export interface Exploration {
  /** The nearest first. */
  readonly places: readonly Place[]
  /** Whether these are all, or there were more than asked for. */
  readonly complete: boolean
}

interface Found {
  readonly place: Place
  readonly snapshot: AnyMachineSnapshot
  /** What would have to be undone, in order: what has begun and did not fail; with a `!`, whatever comes of it. */
  readonly begun: readonly string[]
}

interface Reached {
  readonly place: Place
  edge(to: Place): Edge
}

/** @param most places at most. */
export function explore(compiled: CompiledChain, most: number): Exploration {
  const { machine, spec } = compiled
  if (spec.guest !== undefined)
    throw new CatenaryError(
      'BAD_OPTION',
      `chain "${spec.id}" is a machine of your own, whose guards may read anything: see xstate/graph for its paths`,
    )
  const possible = new Set(partsOf(compiled).transitions.map(({ id }) => id))
  const undoable = [...(compiled.undoable?.keys() ?? [])]
  const found = new Map<string, Found>()
  let complete = true
  const reach = ({ snapshot, begun }: Omit<Found, 'place'>, from?: Reached): void => {
    const key = keyOf(snapshot, begun)
    let place = found.get(key)?.place
    if (place === undefined) {
      if (found.size >= most) {
        complete = false
        return
      }
      place = placeOf(snapshot, from?.place)
      found.set(key, { place, snapshot, begun })
      if (from !== undefined)
        (place as { from: Place['from'] }).from = { place: from.place, edge: from.edge(place) }
    }
    from?.place.edges.push(from.edge(place))
  }
  const inputs = machine.root.states['kept'] === undefined ? [false] : [false, true]
  for (const called of inputs) {
    const { snapshot } = beginFold(compiled, { input: undefined, called })
    reach({ snapshot, begun: begunBy(undoable, [], statesOf(snapshot)) })
  }
  // a map goes on to what is added while it is gone through
  for (const { place, snapshot, begun } of found.values()) {
    if (place.final) continue
    for (const { words, event } of happenings(snapshot, possible, begun.map(nameOf))) {
      const { snapshot: next, ...through } = taken(machine, snapshot, event)
      if (through.transitions.length === 0) continue
      const after = begunBy(undoable, without(begun, event), through.states)
      reach(
        { snapshot: next, begun: lost(after, event) },
        { place, edge: (to) => ({ words, event, ...through, to }) },
      )
    }
  }
  return { places: [...found.values()].map(({ place }) => place), complete }
}

function taken(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: { readonly type: string },
): {
  readonly snapshot: AnyMachineSnapshot
  readonly transitions: readonly string[]
  readonly states: readonly string[]
} {
  const transitions: string[] = []
  const states: string[] = []
  const stop = watchFolds(machine, (step) => {
    transitions.push(...step._transitions.map(transitionId))
    states.push(...statesOf(step.snapshot as AnyMachineSnapshot))
  })
  try {
    return { snapshot: stepInertly(machine, snapshot, event), transitions, states }
  } finally {
    stop()
  }
}

function placeOf(snapshot: AnyMachineSnapshot, before: Place | undefined): Place {
  return {
    states: statesOf(snapshot),
    final: snapshot.status !== 'active',
    edges: [],
    from: undefined,
    called: before?.called ?? (snapshot.context as ChainContext).called === true,
  }
}

/** Places are one where the machine is in the same states, and no guard could tell them apart. */
function keyOf(snapshot: AnyMachineSnapshot, begun: readonly string[]): string {
  const { value, context } = snapshot
  const { broken, called, end, plan, undone } = context as ChainContext
  const left = plan?.slice(undone ?? 0).map(({ step }) => step)
  const now = undoing(context as ChainContext)?.step
  return JSON.stringify([value, broken, called, end, left, now, begun, queuedIn(snapshot)])
}

/** With the steps that begin as the machine comes through these states. */
function begunBy(
  undoable: readonly string[],
  begun: readonly string[],
  states: readonly string[],
): readonly string[] {
  const fresh = undoable.filter(
    (step) =>
      !begun.some((one) => nameOf(one) === step) &&
      states.some((path) => {
        const parts = path.split('.')
        const at = parts.indexOf(step)
        return (
          at >= 0 &&
          (at === parts.length - 1
            ? !states.some((one) => one.startsWith(`${path}.`))
            : working.has(parts[at + 1] ?? ''))
        )
      }),
  )
  return [...begun, ...fresh]
}

const working: ReadonlySet<string> = new Set(['running', 'falling-back', 'processing', 'calling'])
const nameOf = (begun: string): string => begun.replace('!', '')

/** Without the step that has failed: what is known not to have happened is not undone. */
function without(begun: readonly string[], { type }: { readonly type: string }): readonly string[] {
  return begun.filter((one) => type !== `xstate.error.actor.${one}`)
}

/** Of an attempt that is lost nobody knows what it did. */
function lost(
  begun: readonly string[],
  event: { readonly type: string; readonly step?: unknown },
): readonly string[] {
  if (event.type !== 'attempt.lost') return begun
  return begun.map((one) => (one === event.step ? `${one}!` : one))
}
