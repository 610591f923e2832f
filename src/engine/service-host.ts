// The tree of services in its engine: when it starts and stops, and where what happens to it is told.

import type { InspectionEvent } from 'xstate'
import type { ServiceGroupSpec } from '../definition/service.ts'
import type { ServiceFact } from '../journal/service-fact.ts'
import type { Store } from '../journal/store.ts'
import type { Clock } from '../kernel/clock.ts'
import { createTree, type Tree } from '../supervision/tree.ts'
import { createServiceFacts } from './service-facts.ts'
import { createStatusWriter } from './service-status.ts'
import type { Logger } from './services.ts'

export interface ServiceHostOptions {
  readonly root: ServiceGroupSpec
  readonly store: Pick<Store, 'setNote'>
  readonly clock: Clock
  readonly app: unknown
  readonly logger: Logger
  /** That of an actor which is about to be made. */
  readonly inspector: () => ((event: InspectionEvent) => void) | undefined
  /** Commits a fact, unless nothing can be written any more. */
  record(fact: ServiceFact): void
  /** The store cannot be written. */
  failed(error: unknown): void
}

export interface ServiceHost {
  readonly tree: Tree
  /** Starts the tree, where it has anything to start, once its caller has had its turn. */
  start(): void
  /** Starts the tree at once, for a call that comes before, also where it has nothing yet. */
  readonly wake: () => void
  /** Whether what was to be started has been, and has not ended. */
  readonly isUp: boolean
  /** Stops all, in reverse; resolves once nothing is left, and that is written. */
  stop(): Promise<void>
}

export function createServiceHost(options: ServiceHostOptions): ServiceHost {
  const { root, store, clock, app, logger } = options
  const facts = createServiceFacts(clock, (fact) => options.record(fact))
  const tree = createTree(root, {
    clock,
    app,
    get inspect() {
      return options.inspector()
    },
    log: (service, level, message, data) =>
      logger[level]({ service, ...(data === undefined ? {} : { data }) }, message),
    moved: () => status.changed(),
    tell(fact) {
      facts(fact)
      status.changed()
      if (fact.type === 'services.ended' && fact.cause !== 'stop')
        logger.error(
          { cause: fact.cause },
          'all services have ended, as their root can restart no more; see healthz()',
        )
    },
  })
  const status = createStatusWriter(
    { store, clock },
    () => ({
      at: clock.now(),
      state: tree.phase,
      ...(tree.cause === undefined ? {} : { cause: tree.cause }),
      services: tree.health(),
    }),
    (error) => options.failed(error),
  )
  let started = false
  let stopping = false
  const wake = (): void => {
    if (started || stopping) return
    started = true
    tree.start()
  }
  return {
    tree,
    start() {
      // whoever awaits the supervisor has it by then: services may start runs
      if (root.children.length > 0) clock.soon(wake)
    },
    wake,
    get isUp() {
      return started ? tree.cause === undefined : root.children.length === 0
    },
    async stop() {
      stopping = true
      if (!started) return
      await tree.stop()
      await status.close()
    },
  }
}
