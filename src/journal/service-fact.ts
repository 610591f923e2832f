// What can happen to services and their groups, as facts in the past tense.

import type { EndCause } from '../../machines/supervision/state.ts'
import type { Failure } from '../kernel/failure.ts'

/** What happened to services. Nothing is folded from it: they begin afresh with each process. */
export type ServiceFact = {
  /** So many facts of the same service or group came before it and were left out, see `service-facts.ts`. */
  readonly skipped?: number
} & (
  | { readonly type: 'service.started'; readonly service: string; readonly start: number }
  | { readonly type: 'service.ready'; readonly service: string }
  | { readonly type: 'service.unready'; readonly service: string; readonly failure?: Failure }
  | {
      readonly type: 'service.exited'
      readonly service: string
      readonly start: number
      /** As OTP names it; `unhealthy` where a probe failed too often, `killed` where it was given up. */
      readonly reason: 'normal' | 'shutdown' | 'killed' | 'unhealthy' | 'error'
      readonly failure?: Failure
      /** It was given up before, and ends only now. */
      readonly late?: true
    }
  | {
      readonly type: 'service.restarting'
      readonly service: string
      /** When its backoff is over (ms since the epoch). */
      readonly due?: number
    }
  /** A group ended by itself; the group that it is in decides what comes of it. */
  | {
      readonly type: 'group.escalated'
      readonly group: string
      readonly cause: EndCause
      readonly child?: string
    }
  /** The whole tree has ended: by a stop, or because nothing above its root could restart it. */
  | { readonly type: 'services.ended'; readonly cause: EndCause; readonly child?: string }
)
