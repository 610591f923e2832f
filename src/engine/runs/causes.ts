// Finds what a run waits for, as data: every reason that it has not ended, with since when.

import type { Progressing, StepTimeline } from '../../observe/step-timeline.ts'
import type { ChainTimeline, RunTimeline } from '../../observe/timeline.ts'
import { isTriggerRule, verdict } from '../../../machines/trigger-rules.ts'
import type { NodeState, RunState } from '../../journal/run-state.ts'
import { arrivalOf } from '../../journal/arrival.ts'
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
  /**
   * `waitsFor`: `slot`, `pause`, `retry-budget`, `limiter:` and its id, `memo:` and a run, `recovery` after an attempt
   * that was lost with its process, `turn` among the items after a backoff, or `nothing` any more.
   */
  | ({ readonly kind: 'queued'; readonly waitsFor: string; readonly attempt: number } & At)
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
  /** Nothing is to be waited for: it goes on at once, or as soon as what it has aborted comes to rest. */
  | { readonly kind: 'moving'; readonly chain: string; readonly since: number }
  /** Another chain of the run comes first; `until` its deadline, where it has one (ms since the epoch). */
  | {
      readonly kind: 'needs'
      readonly chain: string
      readonly on: readonly string[]
      readonly since: number
      readonly until?: number
    }
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
  /** All that it needs is there; it waits for its turn. */
  | {
      readonly kind: 'concurrency'
      readonly chain: string
      readonly since: number
      /** The group that it waits in, where that is known: only its executor knows. */
      readonly group?: string
      /** How many wait before it. */
      readonly ahead?: number
      /** Whether as many executions as may run at once do. */
      readonly full?: boolean
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
  const told = causes.map((cause) =>
    // a resumed run's attempts are told again only where they come to wait for something else
    cause.kind === 'queued' && cause.waitsFor === 'pause' && !state.paused
      ? { ...cause, waitsFor: 'nothing' }
      : cause,
  )
  return [...told, ...fallbacks(timeline), ...reused(timeline)]
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

/** The waits without a time limit, and what the running chains do in which nothing is tried or timed. */
function signals(running: readonly ChainTimeline[], waits: ReadonlySet<Awaited>): readonly Cause[] {
  const still = running.filter(
    ({ steps }) => !steps.has('compensating') && ![...steps.values()].some(({ open }) => open.size > 0),
  )
  const causes: Cause[] = []
  const moving: Cause[] = []
  // beside what it does a chain may wait in another branch, and what a machine takes is more than its steps' names
  const [first] = still
  const sure =
    running.length === 1 || (still.length === 1 && waits.size === 1 && first?.machine === undefined)
  const left = new Map([...waits].map((one) => [one, one.chain ?? (sure ? first?.node.key : undefined)]))
  for (const { node, machine, movedAt, due } of still) {
    const own = [...left].filter(([, chain]) => chain === node.key).map(([one]) => one)
    const at = { chain: node.key, since: movedAt }
    if (machine === undefined) {
      if (own.length === 0) moving.push({ kind: 'moving', ...at })
      continue
    }
    for (const one of own) left.delete(one)
    const takes = [...new Set(own.map(({ step }) => step))]
    const until = due === undefined ? {} : { until: due }
    if (takes.length > 0 || due !== undefined)
      causes.push({ kind: 'machine', ...at, state: machine, takes, ...until })
    else moving.push({ kind: 'moving', ...at })
  }
  // whose signal it is may be unknown: then any of them waits for it
  if ([...left.values()].every((chain) => chain !== undefined)) causes.push(...moving)
  const told = new Set<string>()
  for (const [{ step }, key] of left) {
    const chain = running.length === 1 ? running[0] : running.find(({ node }) => node.key === key)
    const since = chain?.movedAt ?? Math.max(0, ...running.map(({ movedAt }) => movedAt))
    const at = { chain: chain?.node.key ?? '', step }
    // where several wait for the same and nobody knows which, it is said once
    if (told.size === told.add(`${at.chain} ${step}`).size) continue
    causes.push({ kind: 'signal', ...at, count: 1, since })
  }
  return causes
}

function ofStep({ node, steps }: ChainTimeline, step: StepTimeline, waits: Set<Awaited>): readonly Cause[] {
  const undoing = steps.has('compensating')
  const groups = new Map<Progressing['phase'], (readonly [string, Progressing])[]>()
  for (const entry of step.open) {
    // a chain that undoes what it began waits for what it has aborted, and for nothing else of it
    if (undoing && !step.name.endsWith(':compensation') && entry[1].phase !== 'running') continue
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
      causes.push({ kind: 'queued', ...at, waitsFor: first.waitsFor ?? 'slot', attempt: first.attempt })
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
  const on = awaitedChains(node, state)
  if (waitsFor?.startsWith('held:') === true)
    return { kind: 'held', chain: node.key, why: waitsFor.slice('held:'.length), since: movedAt }
  if (waitsFor !== undefined && waitsFor !== '')
    return { kind: 'memo', chain: node.key, waitsFor, since: movedAt }
  if (on.length === 0 && node.ready !== undefined)
    return { kind: 'service', chain: node.key, on: node.ready, since: movedAt }
  if (on.length === 0) return { kind: 'concurrency', chain: node.key, since: movedAt }
  const until = node.deadline === undefined ? {} : { until: node.deadline }
  return { kind: 'needs', chain: node.key, on, since: movedAt, ...until }
}

/** The chains that have not ended and that it waits for: those that it requires, unless its rule is content already. */
function awaitedChains({ needs, rule }: NodeState, { nodes }: RunState): readonly string[] {
  const required = needs.filter(({ kind }) => kind === 'hard').map(({ key }) => arrivalOf(nodes.get(key)))
  const content = isTriggerRule(rule) && verdict(rule, required) !== 'wait'
  const on = needs.filter(
    ({ key, kind }) => !(content && kind === 'hard') && arrivalOf(nodes.get(key)) === 'pending',
  )
  return [...new Set(on.map(({ key }) => key))]
}
