// The shape of a watched world: which chains it has, what the watchers may do by themselves, and how long they wait.

import type { DeedKind, DeedPolicy } from '../../../machines/action-rules.ts'
import type { Draw } from '../../../src/testing/simulation/draw.ts'
import type { ChainShape, EntryShape } from '../../../src/testing/simulation/shape.ts'

/** What chains are built from: few of them, as building them takes longer than running them. */
export interface Family {
  /** Whether a fourth chain follows the third. */
  readonly tells: boolean
  /** Tries of the first step. */
  readonly attempts: 1 | 2
  /** Whether the third waits for the first. */
  readonly waits: boolean
}

export interface WatchedShape {
  readonly family: Family
  /** Whether most runs are there for trials, or for the actions of the analyzer. */
  readonly tries: boolean
  readonly policy: Readonly<Record<DeedKind, DeedPolicy>>
  /** In ms. */
  readonly every: number
  readonly check: number
  readonly hold: number
  readonly rest: number
  readonly reflect: {
    readonly policy: 'off' | 'ask' | 'auto'
    readonly every: number
    readonly rest: number
  }
  readonly concurrency: number
}

const minute = 60_000

export function drawWatched(draw: Draw): WatchedShape {
  const tries = draw.likely(40)
  const policy = (): DeedPolicy => draw.pick(['auto', 'auto', 'auto', 'ask', 'off'])
  const all = draw.likely(50) ? policy() : undefined
  return {
    family: { tells: draw.likely(50), attempts: draw.likely(50) ? 1 : 2, waits: draw.likely(30) },
    tries,
    policy: {
      quarantine: all ?? policy(),
      'pause-downstream': all ?? policy(),
      're-run-stale': all ?? policy(),
      unblock: all ?? policy(),
    },
    every: draw.pick([2, 4]) * minute,
    check: draw.pick([2, 4]) * minute,
    hold: draw.pick([8, 15]) * minute,
    rest: draw.pick([2, 5]) * minute,
    reflect: {
      policy: tries ? draw.pick(['auto', 'auto', 'ask', 'ask', 'off']) : draw.pick(['ask', 'off', 'auto']),
      every: draw.pick([2, 4]) * minute,
      rest: draw.pick([2, 10]) * minute,
    },
    concurrency: draw.pick([3, 8]),
  }
}

/** How many items the chain `batch` works through in a run. */
export const items: readonly string[] = ['a', 'b']

/** The chains as the watches know them. */
export function shapesOf({ tells, attempts, waits }: Family): ReadonlyMap<string, ChainShape> {
  const step = (name: string, tried: number): EntryShape => ({
    kind: 'step',
    name,
    attempts: tried,
    backoff: 100,
    compensates: false,
    limited: 0,
    // how often it is tried is up to what is tuned, and to trials: it is watched apart
    guarded: true,
    fallback: false,
  })
  const chain = (
    id: string,
    entries: readonly EntryShape[],
    needs: ChainShape['needs'] = [],
  ): ChainShape => ({
    id,
    entries,
    needs,
    follows: [],
    rule: 'all_success',
    priority: 0,
    returns: false,
  })
  const batch: EntryShape = {
    kind: 'each',
    name: 'each0',
    keys: items,
    // the most that anything here says: trials, and who takes part in them, are watched apart
    inFlight: 2,
    onFailure: 'fail',
    attempts: mostTuned,
    backoff: 100,
    compensates: false,
    limited: 0,
    guarded: true,
  }
  const all = [
    chain('load', [step('read', attempts)]),
    chain('sum', [step('add', 1)], [{ chain: 'load', kind: 'hard' }]),
    chain('batch', [batch], waits ? [{ chain: 'load', kind: 'order' }] : []),
    ...(tells ? [chain('tell', [step('say', 2)], [{ chain: 'sum', kind: 'hard' }])] : []),
  ]
  return new Map(all.map((shape) => [shape.id, shape]))
}

/** Most tries that anything here gives an item. */
export const mostTuned = 5
