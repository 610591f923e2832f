// Finds what a run waits for, as data: every reason that it has not ended, with since when.

import type { Progressing, StepTimeline } from '../../observe/step-timeline.ts'
import type { ChainTimeline, RunTimeline } from '../../observe/timeline.ts'
import type { ParkReason, RootFailure, RunOutcome } from '../../journal/event.ts'

/** Where in a run something waits; `count` items of an `each` at once, one of them named. */
interface At {
  readonly chain: string
  readonly step: string
  readonly item?: string
  readonly count: number
  /** The first of them (ms since the epoch). */
  readonly since: number
}

/** Why a run has not ended, or that it has. */
export type Cause =
  | {
      readonly kind: 'ended'
      readonly status: RunOutcome
      /** What failed first, and what each blocked; absent where nothing did. */
      readonly failures?: readonly RootFailure[]
      readonly since: number
    }
  | {
      readonly kind: 'parked'
      readonly reason: ParkReason
      readonly detail: string
      readonly cure: string
      readonly since: number
    }
  /** The chain undoes what it began, before it ends. */
  | { readonly kind: 'compensating'; readonly chain: string; readonly since: number }
  | { readonly kind: 'paused'; readonly since: number }
  | { readonly kind: 'cancelling'; readonly since: number }
  | ({ readonly kind: 'running'; readonly attempt: number } & At)
  /** `waitsFor`: `slot`, `pause`, `retry-budget`, `limiter:` and its id, or `memo:` and a run. */
  | ({ readonly kind: 'queued'; readonly waitsFor: string } & At)
  | ({
      readonly kind: 'backing-off'
      readonly until: number
      readonly attempt: number
      readonly failure?: string
    } & At)
  | ({ readonly kind: 'sleeping'; readonly until: number } & At)
  | ({ readonly kind: 'signal'; readonly until?: number } & At)
  /** A fallback stepped in for a step whose attempts were spent: nothing waits, and not all went as it was meant. */
  | {
      readonly kind: 'fallback'
      readonly chain: string
      readonly step: string
      /** The last failure of the step. */
      readonly failure?: string
      readonly since: number
    }
  /** A user's own machine that only an event or a delay moves on. */
  | {
      readonly kind: 'machine'
      readonly chain: string
      /** XState's state value. */
      readonly state: unknown
      /** The events that it takes now, as far as they are known. */
      readonly takes: readonly string[]
      readonly since: number
      /** When its next delay is due (ms since the epoch). */
      readonly until?: number
    }
  /** Another chain of the run comes first. */
  | { readonly kind: 'needs'; readonly chain: string; readonly on: readonly string[]; readonly since: number }
  /** All that it needs is there, but for services that are not ready: `on`. */
  | {
      readonly kind: 'service'
      readonly chain: string
      readonly on: readonly string[]
      readonly since: number
    }
  /** The config holds the chain back. */
  | { readonly kind: 'held'; readonly chain: string; readonly why: string; readonly since: number }
  /** Another run is at what its output would be: `waitsFor` is `memo:` and that run, as it was when the wait began. */
  | { readonly kind: 'memo'; readonly chain: string; readonly waitsFor: string; readonly since: number }
  /** An output was there already, of another run: nothing waits, and nothing was done. `since` is when it was made. */
  | {
      readonly kind: 'reused'
      readonly chain: string
      readonly step?: string
      readonly run: string
      readonly since: number
    }
  /** All that it needs is there; as many executions as may run at once do. */
  | {
      readonly kind: 'concurrency'
      readonly chain: string
      readonly since: number
      /** The group that it waits in, where that is known: only its executor knows. */
      readonly group?: string
      /** How many wait before it. */
      readonly ahead?: number
    }

/** A signal that a step waits for; `chain` where it is known whose step. */
export interface Awaited {
  readonly step: string
  readonly chain?: string
}

/**
 * @param awaited what is waited for by signal, as far as it is known: the journal does not record that a wait begins.
 */
export function causesOf(timeline: RunTimeline, awaited: readonly Awaited[]): readonly Cause[] {
  const { state } = timeline
  if (state.ended !== undefined) return [ended(state.ended), ...fallbacks(timeline), ...reused(timeline)]
  const causes: Cause[] = []
  if (state.parked !== undefined)
    return [{ kind: 'parked', ...state.parked, since: timeline.parkedAt ?? timeline.at }]
  if (state.paused) causes.push({ kind: 'paused', since: timeline.pausedAt ?? timeline.at })
  if (state.cancelRequested) causes.push({ kind: 'cancelling', since: timeline.cancelledAt ?? timeline.at })
  const running = [...timeline.chains.values()].filter(({ node }) => node.status === 'running')
  const waits = new Set(awaited)
  for (const { node, steps } of running) {
    const since = steps.get('compensating')?.startedAt
    if (since !== undefined) causes.push({ kind: 'compensating', chain: node.key, since })
  }
  for (const chain of running)
    for (const step of chain.steps.values()) causes.push(...ofStep(chain, step, waits))
  causes.push(...signals(running, waits))
  for (const chain of timeline.chains.values())
    if (chain.node.status === 'pending') causes.push(ofPending(chain, timeline))
  return [...causes, ...fallbacks(timeline), ...reused(timeline)]
}

function reused({ chains }: RunTimeline): readonly Cause[] {
  return [...chains.values()].flatMap(({ node: { key: chain }, memo, steps }): Cause[] => [
    ...(memo === undefined ? [] : [{ kind: 'reused', chain, run: memo.run, since: memo.at } as const]),
    ...[...steps.values()].flatMap((step): Cause[] =>
      step.memo === undefined
        ? []
        : [{ kind: 'reused', chain, step: step.name, run: step.memo.run, since: step.memo.at }],
    ),
  ])
}

function ended({ status, at, failures }: NonNullable<RunTimeline['state']['ended']>): Cause {
  return { kind: 'ended', status, ...(failures.length === 0 ? {} : { failures }), since: at }
}

function fallbacks({ chains }: RunTimeline): readonly Cause[] {
  return [...chains.values()].flatMap(({ node, steps }) =>
    [...steps.values()].flatMap(({ name, fallback, failure, endedAt, startedAt }): Cause[] => {
      if (!fallback) return []
      const because = failure === undefined ? {} : { failure: failure.message }
      return [{ kind: 'fallback', chain: node.key, step: name, ...because, since: endedAt ?? startedAt }]
    }),
  )
}

/** The waits without a time limit: a running chain in which nothing is tried or timed waits for a signal. */
function signals(running: readonly ChainTimeline[], waits: ReadonlySet<Awaited>): readonly Cause[] {
  const still = running.filter(
    ({ steps }) => !steps.has('compensating') && ![...steps.values()].some(({ open }) => open.size > 0),
  )
  const [alone] = still
  if (alone?.machine !== undefined && still.length === 1) {
    const takes = [...waits].map(({ step }) => step)
    const { node, machine, movedAt, due } = alone
    const until = due === undefined ? {} : { until: due }
    return [{ kind: 'machine', chain: node.key, state: machine, takes, since: movedAt, ...until }]
  }
  const causes: Cause[] = []
  for (const { step, chain: key } of waits) {
    const candidates = still.length > 0 ? still : running
    const chain =
      running.find(({ node }) => node.key === key) ?? (candidates.length === 1 ? candidates[0] : undefined)
    const since = chain?.movedAt ?? Math.max(0, ...candidates.map(({ movedAt }) => movedAt))
    causes.push({ kind: 'signal', chain: chain?.node.key ?? '', step, count: 1, since })
  }
  if (waits.size > 0) return causes
  return still.map(({ node, movedAt }) => ({
    kind: 'signal',
    chain: node.key,
    step: '',
    count: 1,
    since: movedAt,
  }))
}

function ofStep({ node }: ChainTimeline, step: StepTimeline, waits: Set<Awaited>): readonly Cause[] {
  const groups = new Map<Progressing['phase'], (readonly [string, Progressing])[]>()
  for (const entry of step.open) {
    const group = groups.get(entry[1].phase)
    if (group === undefined) groups.set(entry[1].phase, [entry])
    else group.push(entry)
  }
  const causes: Cause[] = []
  for (const [phase, entries] of groups) {
    const [item, first] = entries.reduce((a, b) => (firstOf(a[1], b[1]) ? a : b))
    const at: At = {
      chain: node.key,
      step: step.name,
      ...(item === '' ? {} : { item }),
      count: entries.length,
      since: first.since,
    }
    const until = first.due ?? first.since
    if (phase === 'running') causes.push({ kind: 'running', ...at, attempt: first.attempt })
    else if (phase === 'queued') {
      causes.push({ kind: 'queued', ...at, waitsFor: first.waitsFor ?? 'slot' })
    } else if (phase === 'backing-off') {
      const failure = step.failure?.message
      causes.push({
        kind: 'backing-off',
        ...at,
        until,
        attempt: first.attempt,
        ...(failure === undefined ? {} : { failure }),
      })
    } else if (phase === 'until-due') {
      const wait = [...waits].find((one) => one.step === step.name && (one.chain ?? node.key) === node.key)
      if (wait !== undefined) waits.delete(wait)
      causes.push({ kind: wait === undefined ? 'sleeping' : 'signal', ...at, until })
    }
    // a called chain speaks for itself
  }
  return causes
}

/** The one that moves first, or began first. */
function firstOf(a: Progressing, b: Progressing): boolean {
  return (a.due ?? a.since) <= (b.due ?? b.since)
}

function ofPending({ node, movedAt, waitsFor }: ChainTimeline, { state }: RunTimeline): Cause {
  const on = node.needs
    .map(({ key }) => key)
    .filter((key) => {
      const status = state.nodes.get(key)?.status
      return status === 'pending' || status === 'running'
    })
  if (waitsFor?.startsWith('held:') === true)
    return { kind: 'held', chain: node.key, why: waitsFor.slice('held:'.length), since: movedAt }
  if (waitsFor !== undefined && waitsFor !== '')
    return { kind: 'memo', chain: node.key, waitsFor, since: movedAt }
  if (on.length === 0 && node.ready !== undefined)
    return { kind: 'service', chain: node.key, on: node.ready, since: movedAt }
  if (on.length === 0) return { kind: 'concurrency', chain: node.key, since: movedAt }
  return { kind: 'needs', chain: node.key, on: [...new Set(on)], since: movedAt }
}
