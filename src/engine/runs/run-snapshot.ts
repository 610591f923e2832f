// The snapshot of a run that leaves memory: a cache of the fold of its events, never the truth.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { decode, encode } from '../../kernel/codec.ts'
import { guestFold } from '../../journal/guest-fold.ts'
import { restoreFold } from '../../journal/replay.ts'
import { foldOver, type RunFold } from '../../journal/replay-run.ts'
import type { StartedData } from '../../journal/started.ts'
import type { Payload } from '../../journal/event.ts'
import type { NodeState, RunState } from '../../journal/run-state.ts'
import type { Snapshot } from '../../journal/store.ts'
import type { LiveChain } from '../chains/chain-parent.ts'

/** Raised when the form changes; a snapshot of another form is ignored, and the events are folded instead. */
const form = 1

interface Envelope {
  readonly form: number
  readonly state: Omit<RunState, 'nodes' | 'dependents' | 'signalIds' | 'several'> & {
    readonly several?: boolean
    readonly nodes: readonly NodeState[]
    readonly dependents: readonly (readonly [string, readonly string[]])[]
    readonly signalIds: readonly string[]
  }
  readonly chains: readonly {
    readonly key: string
    readonly version: string
    readonly machine: unknown
    readonly started?: StartedData
  }[]
}

export function snapshotOf(state: RunState, chains: ReadonlyMap<string, LiveChain>, seq: number): Snapshot {
  const envelope: Envelope = {
    form,
    state: {
      ...state,
      lastSeq: seq,
      nodes: [...state.nodes.values()],
      dependents: [...state.dependents],
      signalIds: [...state.signalIds],
    },
    chains: [...chains.values()].map((chain) => ({
      key: chain.key,
      version: chain.version,
      machine: chain.persisted(),
      ...(chain.started === undefined ? {} : { started: chain.started.persisted() }),
    })),
  }
  return { run: state.run, seq, body: encode(envelope, `snapshot of run ${state.run}`) }
}

/** The fold that a snapshot stands for; undefined where it cannot be trusted, and the events must be folded. */
export function foldOf(
  snapshot: Snapshot,
  find: (id: string) => CompiledChain | undefined,
): RunFold | undefined {
  const { form: given, state, chains } = decode(snapshot.body) as Envelope
  if (given !== form) return undefined
  const folds: RunFold['chains'] = new Map()
  const nodes = new Map(state.nodes.map((node) => [node.key, { ...node }]))
  for (const { key, version, machine, started } of chains) {
    const chain = find(nodes.get(key)?.chain ?? '')
    if (chain === undefined || chain.version !== version) return undefined
    folds.set(
      key,
      chain.spec.guest === undefined
        ? restoreFold(chain, machine, started)
        : guestFold(chain.machine, machine as Payload | undefined),
    )
  }
  const dependents = new Map(state.dependents.map(([key, list]) => [key, [...list]]))
  return foldOver(
    {
      ...state,
      // a snapshot of before it was recorded says nothing of it
      several: state.several ?? state.targets.length > 1,
      nodes,
      dependents,
      signals: [...state.signals],
      signalIds: new Set(state.signalIds),
    },
    folds,
  )
}

/** Where the machines of a run's chains stood when a snapshot was taken: their state values as JSON, by chain. */
export interface Standing {
  readonly seq: number
  readonly values: ReadonlyMap<string, string>
}

/** @returns undefined where the snapshot is of another form. */
export function standingOf(snapshot: Snapshot): Standing | undefined {
  const { form: given, chains } = decode(snapshot.body) as Envelope
  if (given !== form) return undefined
  const values = chains.flatMap(({ key, machine }) => {
    const value: unknown = (machine as { readonly value?: unknown } | undefined)?.value
    return value === undefined ? [] : [[key, JSON.stringify(value)] as const]
  })
  return { seq: snapshot.seq, values: new Map(values) }
}
