// What the nodes of a supervision tree share, and what a group asks of each of its children.

import type { InspectionEvent } from 'xstate'
import type { ServiceFact } from '../journal/service-fact.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Failure } from '../kernel/failure.ts'
import type { Readiness } from './readiness.ts'

/** What a tree needs of the process that it lives in. */
export interface TreeHost {
  readonly clock: Clock
  readonly app: unknown
  readonly inspect: ((event: InspectionEvent) => void) | undefined
  log(service: string, level: 'info' | 'warn' | 'error', message: string, data: unknown): void
  /** Something happened; told once, in order. */
  tell(fact: ServiceFact): void
  /** A service stands elsewhere now. */
  moved(): void
}

export interface TreeParts {
  readonly host: TreeHost
  readonly readiness: Readiness
}

/** What a group hears of a child's lives. */
export interface ChildEvents {
  started(life: number): void
  startFailed(life: number, reason: string, failure: Failure | undefined): void
  exited(life: number, reason: string): void
}

/** A child as its group sees it. It tells `exited` exactly once for every life that it told `started` of. */
export interface ChildNode {
  start(life: number, restart: boolean): void
  /** Asks it to end. */
  stop(): void
  /** Gives it up: it tells `exited` before this returns. */
  kill(): void
  /** It waits until then (ms since the epoch) to be started again. */
  backOff(due: number): void
  /** It does not wait any more. */
  stayStopped(): void
  /** Its group has ended: its actor stops, and it still tells how it stood. It does not run. */
  dispose(): void
  /** Its spec is gone. It does not run. */
  remove(): void
}
