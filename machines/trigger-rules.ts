// The trigger rules: when a chain's direct, hard dependencies suffice for it to run. This table is the specification.

/** How one upstream stands; all but `pending` are terminal. */
export type UpstreamState = 'pending' | 'success' | 'failed' | 'skipped' | 'upstream_failed'

/** What follows for the chain that waits. A verdict other than `wait` is final: no later arrival changes it. */
export type Verdict = 'run' | 'skip' | 'upstream_failed' | 'wait'

/** How many upstreams are in which state, kept up by whoever waits for many. */
export type Tally = Readonly<Record<UpstreamState, number>>

interface Counts extends Tally {
  readonly all: number
  /** Terminal without having succeeded or having been skipped: failed itself, or not run because another failed. */
  readonly unsuccessful: number
}

type Judge = (counts: Counts) => Verdict

// A rule that can no longer hold is decided at once; "all" and "none" rules otherwise wait for the last upstream.
// Only `one_done` tells `failed` from `upstream_failed`: an upstream that did not run is not done.
const rules = {
  all_success: (n) => {
    if (n.unsuccessful > 0) return 'upstream_failed'
    if (n.pending > 0) return 'wait'
    return n.skipped > 0 ? 'skip' : 'run'
  },
  all_failed: (n) => {
    if (n.success > 0 || n.skipped > 0) return 'skip'
    return n.pending > 0 ? 'wait' : 'run'
  },
  all_done: (n) => (n.pending > 0 ? 'wait' : 'run'),
  always: () => 'run',
  one_success: (n) => {
    if (n.success > 0) return 'run'
    if (n.pending > 0) return 'wait'
    return n.skipped === n.all ? 'skip' : 'upstream_failed'
  },
  one_failed: (n) => {
    if (n.unsuccessful > 0) return 'run'
    return n.pending > 0 ? 'wait' : 'skip'
  },
  one_done: (n) => {
    if (n.success > 0 || n.failed > 0) return 'run'
    return n.pending > 0 ? 'wait' : 'skip'
  },
  none_failed: (n) => {
    if (n.unsuccessful > 0) return 'upstream_failed'
    return n.pending > 0 ? 'wait' : 'run'
  },
  none_failed_min_one_success: (n) => {
    if (n.unsuccessful > 0) return 'upstream_failed'
    if (n.pending > 0) return 'wait'
    return n.success > 0 ? 'run' : 'skip'
  },
  none_skipped: (n) => {
    if (n.skipped > 0) return 'skip'
    return n.pending > 0 ? 'wait' : 'run'
  },
  all_skipped: (n) => {
    if (n.success > 0 || n.unsuccessful > 0) return 'skip'
    return n.pending > 0 ? 'wait' : 'run'
  },
  all_done_min_one_success: (n) => {
    if (n.pending > 0) return 'wait'
    if (n.success > 0) return 'run'
    return n.skipped === n.all ? 'skip' : 'upstream_failed'
  },
} as const satisfies Record<string, Judge>

/** The name of a rule, as in `.needs({ extract }, { when: 'none_failed' })`. */
export type TriggerRule = keyof typeof rules

/** All rules, the default first. */
export const triggerRules = Object.freeze(Object.keys(rules)) as readonly TriggerRule[]

export function isTriggerRule(name: unknown): name is TriggerRule {
  return typeof name === 'string' && Object.hasOwn(rules, name)
}

/** What `rule` says of these upstreams, in whatever order; without any, the chain runs. */
export function verdict(rule: TriggerRule, upstreams: readonly UpstreamState[]): Verdict {
  return verdictOf(rule, tallyOf(upstreams))
}

/** The same from a tally, so that each arrival at a chain with many upstreams costs the same. */
export function verdictOf(rule: TriggerRule, tally: Tally): Verdict {
  const unsuccessful = tally.failed + tally.upstream_failed
  const all = tally.pending + tally.success + tally.skipped + unsuccessful
  return all === 0 ? 'run' : rules[rule]({ ...tally, all, unsuccessful })
}

export function tallyOf(upstreams: readonly UpstreamState[]): Tally {
  const tally = { pending: 0, success: 0, failed: 0, skipped: 0, upstream_failed: 0 }
  for (const state of upstreams) tally[state] += 1
  return tally
}

/** An author's own rule: judges the upstreams by name, and is asked anew whenever one of them ends. */
export type TriggerPredicate<N extends string = string> = (
  upstreams: Readonly<Record<N, UpstreamState>>,
) => boolean | Verdict

/**
 * The verdict that a predicate's answer amounts to: `true` runs; `false` and `wait` wait while an upstream is
 * pending and skip when all have ended, so that none waits for ever. Without upstreams the chain runs.
 */
export function verdictOfAnswer(answer: boolean | Verdict, tally: Tally): Verdict {
  const ended = tally.success + tally.failed + tally.skipped + tally.upstream_failed
  if (answer === true || (ended === 0 && tally.pending === 0)) return 'run'
  if (answer !== false && answer !== 'wait') return answer
  return tally.pending > 0 ? 'wait' : 'skip'
}
