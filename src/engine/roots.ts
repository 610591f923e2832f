// Every actor of an engine that has no parent, as it stands at a moment: for whoever begins to watch them.

import type { AnyActorRef } from 'xstate'
import type { Root } from '../observe/actor-stream.ts'
import type { Tree } from '../supervision/tree.ts'
import type { LiveRun } from './runs/live-run.ts'
import type { Services } from './services.ts'

export interface Alive {
  /** The engine's own. */
  readonly actor: AnyActorRef
  readonly tree: Tree
  readonly services: Pick<Services, 'limiters' | 'breakers'>
  readonly live: ReadonlyMap<string, LiveRun>
}

export function* rootsOf({ actor, tree, services, live }: Alive): Generator<Root> {
  yield [actor, undefined]
  for (const one of tree.actors()) yield [one, undefined]
  for (const one of services.limiters.live) yield [one.actor, undefined]
  for (const one of services.breakers.live) yield [one.actor, undefined]
  for (const run of live.values())
    for (const [chain, one] of run.chains) yield [one.actor, { run: run.runId, chain }]
}
