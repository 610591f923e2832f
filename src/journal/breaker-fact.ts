// What can happen to breakers, as facts in the past tense.

export type BreakerFact =
  | {
      readonly type: 'breaker.opened'
      /** Its id, and its key where it has one: `bank/eu`. */
      readonly breaker: string
      /** So many of the last outcomes failed, of so many. */
      readonly failures: number
      readonly of: number
      /** Nobody is let through before (ms since the epoch). */
      readonly until: number
    }
  | { readonly type: 'breaker.half-opened'; readonly breaker: string }
  | { readonly type: 'breaker.closed'; readonly breaker: string }
