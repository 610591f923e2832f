// A run as measured: every attempt with its times, what it waited for, what it ran under. What all analysis starts from.

import type { JournalEvent, Rewind, RootFailure, RunOutcome } from '../journal/event.ts'
import type { TrialArm } from '../journal/watch-fact.ts'
import { applyToChain } from './apply-to-chain.ts'
import { type Moment, failureRecord, hashOf } from './attempt-record.ts'
import { type ChainRecord, beginChain, beginWait, closeChain, endWait, keyOf } from './chain-record.ts'
import { keepOutput } from './chain-scope.ts'
import { arrive, begin } from './readiness.ts'
import { rewindChain } from './rewind-record.ts'
import { room } from './room.ts'

export type { AttemptRecord } from './attempt-record.ts'
export type { ChainRecord } from './chain-record.ts'

/**
 * Plain data, changed in place by `applyToRecord`, which is its only writer. Times are in ms since the epoch; payloads
 * are known by hash and size only.
 */
export interface RunRecord {
  readonly run: string
  readonly targets: readonly string[]
  readonly acceptedAt: number
  endedAt: number | undefined
  readonly firstSeq: number
  lastSeq: number
  status: 'running' | 'parked' | 'paused' | RunOutcome
  readonly priority: number
  /** The version of the config when it was accepted. */
  readonly config: number
  readonly arm: TrialArm | undefined
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** The run that it was forked from; how many events after the acceptance are a copy of that one's. */
  readonly origin: { readonly run: string; readonly copied: number } | undefined
  readonly inputHash: string | undefined
  failures: readonly RootFailure[]
  /** By their key in the run, in the order of the plan; called ones after. */
  readonly chains: Map<string, ChainRecord>
  /** How often a person had it retried. */
  retries: number
  /** How long it was paused, parked, or had ended before a retry (ms). */
  pausedMs: number
  /** Since when it is. */
  heldSince: number | undefined
  /** Who waits for a chain: derived from the plan. */
  readonly dependents: Map<string, string[]>
  /** Attempts, waits and called chains that it holds. */
  size: number
  /** Attempts, waits and called chains that there was no room for. */
  dropped: number
  /** Events that are still to come of the history that it was forked with. */
  copying: number
}

type Accepted = JournalEvent & { readonly type: 'run.accepted' }

/** @param event the run's acceptance, its first event. */
export function beginRecord(event: Accepted): RunRecord {
  const { origin, payload, arm } = event
  const inputHash = hashOf(payload)
  const chains = new Map<string, ChainRecord>()
  for (const { key, chain, version, needs, rule, ready = [], input, noInput } of event.plan) {
    const own = noInput === true ? undefined : input === undefined ? inputHash : hashOf(input)
    chains.set(key, beginChain({ key, chain, version, needs, rule, ready, call: undefined, inputHash: own }))
  }
  const record: RunRecord = {
    run: event.run,
    targets: event.targets,
    acceptedAt: event.at,
    endedAt: undefined,
    firstSeq: event.seq,
    lastSeq: event.seq,
    status: 'running',
    priority: event.priority,
    config: event.config,
    arm,
    attributes: event.attributes ?? {},
    origin: origin === undefined ? undefined : { run: origin.run, copied: origin.copied ?? 0 },
    inputHash,
    failures: [],
    chains,
    dependents: new Map(),
    retries: 0,
    pausedMs: 0,
    heldSince: undefined,
    size: 0,
    dropped: 0,
    copying: origin?.copied ?? 0,
  }
  for (const { key, needs } of chains.values())
    for (const edge of needs) {
      const known = record.dependents.get(edge.key)
      if (known === undefined) record.dependents.set(edge.key, [key])
      else known.push(key)
    }
  begin(record, event.at)
  return record
}

/** A run holds at most so many attempts, waits and called chains; what comes after is counted. */
const mostOfRun = 20_000

/**
 * Applies the next event of the run.
 *
 * @param most attempts, waits and called chains that the record may hold. Default 20,000.
 */
export function applyToRecord(record: RunRecord, event: JournalEvent, most = mostOfRun): void {
  record.lastSeq = event.seq
  const copied = record.copying > 0
  if (copied) record.copying--
  switch (event.type) {
    case 'run.paused':
      return hold(record, 'paused', event.at)
    case 'run.parked':
      return hold(record, 'parked', event.at)
    case 'run.resumed':
    case 'run.unparked':
      return release(record, event.at)
    case 'run.ended':
      hold(record, event.status, event.at)
      record.endedAt = event.at
      record.failures = event.failures
      for (const chain of record.chains.values()) closeChain(chain, event)
      return
    case 'run.retried':
      return retry(record, event)
    case 'chain.started':
      return chainStarted(record, event, { most, copied })
    case 'chain.ended':
      return chainEnded(record, event, copied)
    case 'chain.queued': {
      const chain = record.chains.get(event.chain)
      if (chain === undefined || !room(record, most)) return
      endWait(chain, '', event.at)
      if (event.waitsFor === '') return
      return beginWait(chain, event, '', event.waitsFor.startsWith('held:') ? 'held' : 'memo')
    }
    default:
  }
  if (!('chain' in event)) return
  const chain = record.chains.get(event.chain)
  if (chain === undefined) return
  applyToChain(chain, event, { run: record, most, copied })
}

function hold(record: RunRecord, status: RunRecord['status'], at: number): void {
  record.heldSince ??= at
  record.status = status
}

function release(record: RunRecord, at: number): void {
  if (record.heldSince !== undefined) record.pausedMs += Math.max(0, at - record.heldSince)
  record.heldSince = undefined
  record.status = 'running'
}

function retry(record: RunRecord, event: JournalEvent & { readonly type: 'run.retried' }): void {
  record.retries++
  release(record, event.at)
  record.endedAt = undefined
  record.failures = []
  for (const back of event.back) rewind(record, back, event)
  begin(record, event.at)
}

function rewind(record: RunRecord, back: Rewind, at: Moment): void {
  const chain = record.chains.get(back.chain)
  if (chain !== undefined) rewindChain(chain, back, at)
}

function chainStarted(
  record: RunRecord,
  event: JournalEvent & { readonly type: 'chain.started' },
  { most, copied }: { readonly most: number; readonly copied: boolean },
): void {
  const { at, call, payload } = event
  let chain = record.chains.get(event.chain)
  if (chain === undefined) {
    if (!room(record, most)) return
    chain = beginChain({
      key: event.chain,
      chain: event.of ?? event.chain,
      version: event.version ?? '',
      needs: [],
      rule: 'all_success',
      ready: [],
      call,
      inputHash: hashOf(payload),
    })
    record.chains.set(event.chain, chain)
  }
  chain.status = 'running'
  chain.readyAt ??= at
  endWait(chain, '', at)
  const since = chain.waits.at(-1)?.to ?? chain.readyAt
  if (since < at && room(record, most)) {
    beginWait(chain, { seq: event.seq, at: since }, '', 'gate')
    endWait(chain, '', at)
  }
  chain.startedAt = at
  if (copied) chain.copied = 'begun'
  chain.going.movedAt = at
  chain.going.movedSeq = event.seq
  const caller = call === undefined ? undefined : record.chains.get(call.chain)
  if (caller === undefined || call === undefined || !room(record, most)) return
  beginWait(caller, { seq: event.seq, at, item: call.item }, call.step, 'call')
}

function chainEnded(
  record: RunRecord,
  event: JournalEvent & { readonly type: 'chain.ended' },
  copied: boolean,
): void {
  const chain = record.chains.get(event.chain)
  if (chain === undefined) return
  const { at, call } = { ...event, call: chain.call }
  chain.status = event.status
  chain.endedAt = at
  chain.failure = event.failure === undefined ? undefined : failureRecord(event.failure)
  chain.step = event.step
  chain.memo = event.memo !== undefined
  if (copied) chain.copied = 'ended'
  chain.outputHash = hashOf(event.payload)
  chain.outputSize = event.payload?.length ?? 0
  closeChain(chain, event)
  const caller = call === undefined ? undefined : record.chains.get(call.chain)
  if (caller !== undefined && call !== undefined) {
    endWait(caller, keyOf(call.step, call.item), at)
    keepOutput(caller, call.step, chain.outputHash, call.item)
    caller.going.movedAt = at
    caller.going.movedSeq = event.seq
    return
  }
  arrive(record, chain.key, at)
}
