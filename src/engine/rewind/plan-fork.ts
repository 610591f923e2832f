// Plans a fork: which events of a run another begins with, as they counted at a moment of its past.

import type { ChainSpec } from '../../definition/spec.ts'
import type { Fact, JournalEvent } from '../../journal/event.ts'
import { counting } from '../../journal/rewound.ts'
import type { RunState } from '../../journal/run-state.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { byChain } from './plan-retry.ts'
import { type RetryFrom, findFrom } from './retry-from.ts'

/** A `seq` of the run's journal, a time, or right before a step last began. */
export type ForkAt = number | Date | RetryFrom

export interface ForkHost {
  readonly state: RunState
  /** All events of the run, in order. */
  readonly events: readonly JournalEvent[]
  readonly spec: (chain: string) => ChainSpec | undefined
}

/** What people did to the run as a whole is not part of another's history. */
const left = new Set<Fact['type']>([
  'run.retried',
  'run.parked',
  'run.unparked',
  'run.paused',
  'run.resumed',
  'run.cancel-requested',
  'run.ended',
])

/** @returns the events, the first of them the acceptance, which names where they come from. */
export function planFork({ state, events, spec }: ForkHost, at: ForkAt): readonly JournalEvent[] {
  const refuse = (problem: string): never => {
    throw new CatenaryError('BAD_OPTION', `run ${state.run} cannot be forked there: ${problem}`)
  }
  const { kept: past, to } = cut({ state, events, spec }, at)
  const kept = withoutHalves(
    past,
    ({ chain }) => spec(state.nodes.get(chain)?.chain ?? '')?.guest !== undefined,
  )
  const [accepted, ...rest] = kept
  if (accepted?.type !== 'run.accepted') return refuse(`it began at seq ${events[0]?.seq}, after that`)
  const undoes = rest.some(
    (event) => event.type === 'chain.cut-short' || ('step' in event && event.step?.endsWith(':compensation')),
  )
  if (undoes) return refuse('it was undoing what it had done; give a moment before that')
  // what was drawn for a trial was that run
  const { arm: _drawn, ...again } = accepted
  return [{ ...again, origin: { run: state.run, seq: to } }, ...rest.filter(({ type }) => !left.has(type))]
}

/**
 * Without what a user's own machine had not taken in yet, or did in a state that was not recorded: it is its last
 * recorded state, takes its signals again, and what it waits for begins again. One of which no state was recorded has
 * not begun.
 */
function withoutHalves(
  events: readonly JournalEvent[],
  isGuest: (of: { readonly chain: string }) => boolean,
): readonly JournalEvent[] {
  const recorded = new Map<string, number>()
  /** The `seq` at which each promise came up. */
  const came = new Map<string, number>()
  for (const event of events) {
    if (event.type === 'machine.advanced' || event.type === 'chain.ended')
      recorded.set(event.chain, event.seq)
    const promise = promiseOf(event)
    if (promise !== undefined && !came.has(promise)) came.set(promise, event.seq)
  }
  return events.filter((event) => {
    if (!('chain' in event)) return true
    const last = recorded.get(event.chain) ?? 0
    if (event.seq <= last || !isGuest(event)) return true
    const isTaken =
      event.type === 'attempt.succeeded' ||
      event.type === 'attempt.failed' ||
      event.type === 'signal.consumed'
    const promise = promiseOf(event)
    return last > 0 && !isTaken && (promise === undefined || (came.get(promise) ?? 0) <= last)
  })
}

/** Which promise of a user's own machine the event is about, if about one. */
function promiseOf(event: JournalEvent): string | undefined {
  return 'attempt' in event ? `${event.chain} ${event.item}` : undefined
}

/** What counted then: what was retried later had not been taken back by then. */
function cut({ state, events, spec }: ForkHost, at: ForkAt): { kept: readonly JournalEvent[]; to: number } {
  const before = (to: number): readonly JournalEvent[] => events.filter(({ seq }) => seq <= to)
  if (typeof at === 'string' || (typeof at === 'object' && !(at instanceof Date))) {
    const { to } = findFrom({ state, of: byChain(counting(events)) }, at, spec)
    return { kept: counting(before(to)), to }
  }
  const past = at instanceof Date ? events.filter((event) => event.at <= at.getTime()) : before(at)
  return { kept: counting(past), to: past.at(-1)?.seq ?? 0 }
}
