// A circuit breaker as a machine: closed while calls go well, open while none may be made, half-open on trial.

import { assign, setup } from 'xstate'

/** When a breaker opens, for how long, and what closes it again. */
export interface BreakerTerms {
  /** Share of failures at which it opens, above 0 to 1. */
  readonly threshold: number
  /** How many of the last outcomes count. */
  readonly window: number
  /** With fewer outcomes it stays closed. */
  readonly minimum: number
  /** How long it lets nobody through (ms). */
  readonly openFor: number
  /** How many calls try whether it may close: most at once, and as many must succeed. */
  readonly probes: number
}

export interface BreakerContext extends BreakerTerms {
  /** The last outcomes, oldest first: `.` went well, `x` failed. A text, so that a copy is cheap and can be read. */
  readonly outcomes: string
  readonly failures: number
  /** Until when it lets nobody through (ms since the epoch). */
  readonly until: number
  /** Probes that have been let through and have not failed. */
  readonly trials: number
  readonly passed: number
  /** Counts its changes of state: what was let through before one says nothing after it. */
  readonly generation: number
}

interface Judged {
  /** The generation in which the call was let through. */
  readonly generation: number
  /** Now (ms since the epoch). */
  readonly at: number
}

export type BreakerEvent =
  /** Someone wants through; asked of an open breaker, that is what makes it half-open when its time has come. */
  | { readonly type: 'asked'; readonly at: number }
  | ({ readonly type: 'succeeded' } & Judged)
  | ({ readonly type: 'failed' } & Judged)
  /** What was let through came to nothing that counts. */
  | ({ readonly type: 'ignored' } & Judged)
  | { readonly type: 'tuned'; readonly terms: BreakerTerms }

interface Args {
  readonly context: BreakerContext
  readonly event: BreakerEvent
}

/** The outcomes with one more, and how many of them are failures. */
function withOutcome({ context, event }: Args): Pick<BreakerContext, 'outcomes' | 'failures'> {
  const failed = event.type === 'failed'
  const all = context.outcomes + (failed ? 'x' : '.')
  const gone = all.length - context.window
  if (gone <= 0) return { outcomes: all, failures: context.failures + (failed ? 1 : 0) }
  let failures = context.failures + (failed ? 1 : 0)
  for (let at = 0; at < gone; at++) if (all[at] === 'x') failures--
  return { outcomes: all.slice(gone), failures }
}

const isCurrent = ({ context, event }: Args): boolean =>
  'generation' in event && event.generation === context.generation
const nowOf = ({ event }: Args): number => ('at' in event ? event.at : 0)

const cleared = ({ context }: Args): Partial<BreakerContext> => ({
  outcomes: '',
  failures: 0,
  trials: 0,
  passed: 0,
  generation: context.generation + 1,
})

const breakerSetup = setup({
  types: {
    context: {} as BreakerContext,
    events: {} as BreakerEvent,
    input: {} as BreakerTerms,
  },
  guards: {
    isCurrent,
    'too many failures': (args) => {
      if (!isCurrent(args)) return false
      const { outcomes, failures } = withOutcome(args)
      const { minimum, threshold } = args.context
      return failures > 0 && outcomes.length >= minimum && failures >= threshold * outcomes.length
    },
    'time is up': (args) => nowOf(args) >= args.context.until,
    mayTry: ({ context }) => context.trials < context.probes,
    'last probe': (args) => isCurrent(args) && args.context.passed + 1 >= args.context.probes,
  },
  actions: {
    count: assign((args) => withOutcome(args)),
    open: assign((args) => ({
      trials: 0,
      passed: 0,
      generation: args.context.generation + 1,
      until: nowOf(args) + args.context.openFor,
    })),
    beginTrials: assign(({ context }) => ({ trials: 1, passed: 0, generation: context.generation + 1 })),
    tryOne: assign({ trials: ({ context }) => context.trials + 1 }),
    pass: assign({ passed: ({ context }) => context.passed + 1 }),
    giveUpTrial: assign({ trials: ({ context }) => Math.max(0, context.trials - 1) }),
    close: assign((args) => cleared(args)),
    tune: assign(({ event }) => (event.type === 'tuned' ? event.terms : {})),
  },
})

/** One breaker, or one key of one. Nothing in it runs by a timer: an open one looks at the time when it is asked. */
export const breakerMachine = breakerSetup.createMachine({
  id: 'breaker',
  context: ({ input: { threshold, window, minimum, openFor, probes } }) => ({
    threshold,
    window,
    minimum,
    openFor,
    probes,
    outcomes: '',
    failures: 0,
    until: 0,
    trials: 0,
    passed: 0,
    generation: 0,
  }),
  initial: 'closed',
  on: { tuned: { actions: 'tune' } },
  states: {
    closed: {
      description: 'all may pass',
      on: {
        succeeded: [
          { guard: 'too many failures', target: 'open', actions: ['count', 'open'] },
          { guard: 'isCurrent', actions: 'count' },
        ],
        failed: [
          { guard: 'too many failures', target: 'open', actions: ['count', 'open'] },
          { guard: 'isCurrent', actions: 'count' },
        ],
      },
    },
    open: {
      description: 'nobody may pass',
      on: { asked: { guard: 'time is up', target: 'half-open', actions: 'beginTrials' } },
    },
    'half-open': {
      description: 'a few may pass, on trial',
      on: {
        asked: { guard: 'mayTry', actions: 'tryOne' },
        succeeded: [
          { guard: 'last probe', target: 'closed', actions: 'close' },
          { guard: 'isCurrent', actions: 'pass' },
        ],
        failed: { guard: 'isCurrent', target: 'open', actions: 'open' },
        ignored: { guard: 'isCurrent', actions: 'giveUpTrial' },
      },
    },
  },
})
