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
  /** In the order in which they were found. */
  readonly places: readonly Place[]
  /** Whether these are all, or there may be more than were asked for. */
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

/** Which configurations are one place: its answer is the same for those. */
export type Telling = (snapshot: AnyMachineSnapshot, begun: readonly string[]) => string

export interface Bounds {
  /** Places at most. */
  readonly most: number
  /** By default all that guards read. Where it tells fewer apart, only ways by `from` are sure to be ways. */
  readonly telling?: Telling
  /** Goes on from the place that was found last, so that it comes to ends before it has found the most. Default false. */
  readonly depthFirst?: boolean
  /** Stops where it has come to all of these: states by path, transitions by id. */
  readonly parts?: readonly string[]
}

/** From the nearest place to the farthest, so that `from` is a shortest way, unless bounds say otherwise. */
export function explore(
  compiled: CompiledChain,
  { most, telling = byAllThatIsRead, depthFirst = false, parts }: Bounds,
): Exploration {
  const { machine, spec } = compiled
  if (spec.guest !== undefined)
    throw new CatenaryError(
      'BAD_OPTION',
      `chain "${spec.id}" is a machine of your own, whose guards may read anything: see xstate/graph for its paths`,
    )
  const possible = new Set(partsOf(compiled).transitions.map(({ id }) => id))
  const undoable = [...(compiled.undoable?.keys() ?? [])]
  const found = new Map<string, Found>()
  const open: Found[] = []
  const wanted = new Set(parts)
  let complete = true
  const reach = ({ snapshot, begun }: Omit<Found, 'place'>, from?: Reached): void => {
    const key = telling(snapshot, begun)
    let place = found.get(key)?.place
    if (place === undefined) {
      if (found.size >= most) {
        complete = false
        return
      }
      place = placeOf(snapshot, from?.place)
      const one = { place, snapshot, begun }
      found.set(key, one)
      open.push(one)
      for (const state of place.states) wanted.delete(state)
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
  let at = 0
  while (open.length > at) {
    if (parts !== undefined && wanted.size === 0) {
      complete = false
      break
    }
    const next = depthFirst ? open.pop() : open[at++]
    if (next === undefined || next.place.final) continue
    const { place, snapshot, begun } = next
    for (const { words, event } of happenings(snapshot, possible, begun.map(nameOf))) {
      const { snapshot: after, ...through } = taken(machine, snapshot, event)
      if (through.transitions.length === 0) continue
      for (const part of [...through.transitions, ...through.states]) wanted.delete(part)
      const now = begunBy(undoable, without(begun, event), through.states)
      reach(
        { snapshot: after, begun: lost(now, event) },
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
const byAllThatIsRead: Telling = (snapshot, begun) => {
  const { value, context } = snapshot
  const { broken, called, end, plan, undone } = context as ChainContext
  const left = plan?.slice(undone ?? 0).map(({ step }) => step)
  const now = undoing(context as ChainContext)?.step
  return JSON.stringify([value, broken, called, end, left, now, begun, queuedIn(snapshot)])
}

/**
 * Leaves out what has begun or been lost, whose combinations double with each step that can be undone, but for what
 * would be undone first: whatever is undone comes first where the run is cancelled in it.
 */
export const bySituation: Telling = (snapshot, begun) => {
  const { value, context } = snapshot
  const { broken, called, end, plan } = context as ChainContext
  const isToPlan = plan === undefined && statesOf(snapshot).includes('compensating')
  const first = isToPlan ? nameOf(begun.at(-1) ?? '') : undefined
  return JSON.stringify([value, broken, called, end, first, queuedIn(snapshot)])
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
