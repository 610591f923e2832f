// A limiter as a machine: slots and a bucket of tokens. It says who may go; the line of those who wait is its host's.

import { assign, setup } from 'xstate'

/** What a limiter allows. `null` is no limit of that sort. */
export interface LimiterTerms {
  /** Most cost in flight at once. */
  readonly inFlight: number | null
  /** Tokens that come in each `per`. */
  readonly rate: number | null
  /** The period of `rate` (ms). */
  readonly per: number
  /** Most tokens kept for later: what may go at once after a rest. */
  readonly burst: number
}

export interface LimiterContext extends LimiterTerms {
  /** Cost in flight. */
  readonly taken: number
  /** Tokens there were at `at`. */
  readonly tokens: number
  /** When the bucket was last looked at (ms since the epoch): it is filled when someone asks, never by a timer. */
  readonly at: number
  /** How many wait. */
  readonly waiting: number
  /** How many it has let through. */
  readonly granted: number
}

interface Asking {
  readonly cost: number
  /** Now (ms since the epoch). */
  readonly at: number
}

export type LimiterEvent =
  /** Someone wants to go, and nobody waits. */
  | ({ readonly type: 'asked' } & Asking)
  /** Someone takes a place behind others. */
  | { readonly type: 'joined' }
  /** The first in line tries again. */
  | ({ readonly type: 'offered' } & Asking)
  /** Someone gave up waiting. */
  | { readonly type: 'left' }
  /** Cost is no longer in flight. */
  | { readonly type: 'released'; readonly cost: number }
  /**
   * What was let through at `at` did not go after all. Its tokens come back where the bucket is as that left it: later,
   * they would add to what has come in meanwhile, and more could go at once than ever may.
   */
  | { readonly type: 'returned'; readonly cost: number; readonly at: number }
  | { readonly type: 'tuned'; readonly terms: LimiterTerms; readonly at: number }

type Bucket = Pick<LimiterContext, 'rate' | 'per' | 'burst' | 'tokens' | 'at'>

// sums of parts of a token must not keep out who has come at its due time
const dust = 1e-6

/** Tokens in the bucket now. A clock that was put back fills nothing, and takes nothing. */
export function tokensAt({ rate, per, burst, tokens, at }: Bucket, now: number): number {
  if (rate === null) return Infinity
  return Math.min(burst, tokens + (Math.max(0, now - at) * rate) / per)
}

/** When the bucket holds enough for `cost`, if nobody takes any (ms since the epoch). */
export function dueFor(context: Bucket, cost: number, now: number): number {
  const { rate, per } = context
  const missing = cost - tokensAt(context, now)
  return rate === null || missing <= dust ? now : now + Math.ceil((missing * per) / rate)
}

/** Whether so much could ever go at once. */
export function canEverFit({ inFlight, rate, burst }: LimiterTerms, cost: number): boolean {
  return cost <= (inFlight ?? Infinity) && (rate === null || cost <= burst)
}

interface Args {
  readonly context: LimiterContext
  readonly event: LimiterEvent
}

const costOf = ({ event }: Args): number => ('cost' in event ? event.cost : 0)
const nowOf = ({ event, context }: Args): number => ('at' in event ? event.at : context.at)
const hasSlots = (args: Args): boolean =>
  args.context.taken + costOf(args) <= (args.context.inFlight ?? Infinity)
const fits = (args: Args): boolean =>
  hasSlots(args) && costOf(args) <= tokensAt(args.context, nowOf(args)) + dust
const isLast = ({ context }: Args): boolean => context.waiting <= 1

/** Tokens are known to be right at `at`; without a rate there are none to count. */
const spent = (args: Args): Pick<LimiterContext, 'tokens' | 'at'> => {
  const { context } = args
  const now = Math.max(context.at, nowOf(args))
  if (context.rate === null) return { tokens: 0, at: now }
  return { tokens: Math.max(0, tokensAt(context, now) - costOf(args)), at: now }
}

const limiterSetup = setup({
  types: {
    context: {} as LimiterContext,
    events: {} as LimiterEvent,
    input: {} as LimiterTerms & { readonly at: number },
  },
  guards: {
    fits,
    fitsLast: (args) => fits(args) && isLast(args),
    isLast,
    'no slot': (args) => !hasSlots(args),
  },
  actions: {
    take: assign((args) => ({
      ...spent(args),
      taken: args.context.taken + costOf(args),
      granted: args.context.granted + 1,
    })),
    join: assign({ waiting: ({ context }) => context.waiting + 1 }),
    leave: assign({ waiting: ({ context }) => Math.max(0, context.waiting - 1) }),
    giveBack: assign({ taken: (args) => Math.max(0, args.context.taken - costOf(args)) }),
    refund: assign({
      tokens: (args) => {
        const { at, burst, tokens } = args.context
        return nowOf(args) === at ? Math.min(burst, tokens + costOf(args)) : tokens
      },
    }),
    tune: assign(({ context, event }) => {
      if (event.type !== 'tuned') return {}
      const at = Math.max(context.at, event.at)
      // without a rate there were enough for any burst
      return { ...event.terms, at, tokens: Math.min(event.terms.burst, tokensAt(context, at)) }
    }),
  },
})

const short = {
  on: {
    joined: { actions: 'join' as const },
    offered: [
      { guard: 'fitsLast' as const, target: 'open', actions: ['take' as const, 'leave' as const] },
      { guard: 'fits' as const, actions: ['take' as const, 'leave' as const] },
      { guard: 'no slot' as const, target: 'full' },
      { target: 'drained' },
    ],
    left: [
      { guard: 'isLast' as const, target: 'open', actions: 'leave' as const },
      { actions: 'leave' as const },
    ],
  },
}

/** One limiter, or one key of one. `full` waits for a slot, `drained` for tokens; in `open` nobody waits. */
export const limiterMachine = limiterSetup.createMachine({
  id: 'limiter',
  context: ({ input: { at, inFlight, rate, per, burst } }) => ({
    inFlight,
    rate,
    per,
    burst,
    taken: 0,
    tokens: rate === null ? 0 : burst,
    at,
    waiting: 0,
    granted: 0,
  }),
  initial: 'open',
  on: {
    released: { actions: 'giveBack' },
    returned: { actions: ['giveBack', 'refund'] },
    tuned: { actions: 'tune' },
  },
  states: {
    open: {
      description: 'nobody waits',
      on: {
        asked: [
          { guard: 'fits', actions: 'take' },
          { guard: 'no slot', target: 'full', actions: 'join' },
          { target: 'drained', actions: 'join' },
        ],
      },
    },
    full: { description: 'the first in line waits for a slot', ...short },
    drained: { description: 'the first in line waits for tokens', ...short },
  },
})
