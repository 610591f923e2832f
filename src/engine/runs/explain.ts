// Says in sentences why a run stands where it stands, from its journal alone.

import { toEvent } from '../../journal/encoding.ts'
import type { RootFailure } from '../../journal/event.ts'
import type { RunHead, StoreReader } from '../../journal/store.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { formatMs } from '../../kernel/duration.ts'
import { formatTime } from '../../kernel/local-time.ts'
import { type RunTimeline, timelineOf } from '../../observe/timeline.ts'
import { type Awaited, type Cause, causesOf } from './causes.ts'
import type { InLine } from '../gates.ts'

export interface Explanation {
  /** Such as "waiting for the signal sign-off of chain order since 10:02:07; nothing else blocks it". */
  readonly sentence: string
  /** The same as data, the most telling first. */
  readonly causes: readonly Cause[]
}

/** Reads a run's whole journal as a timeline. */
export async function readTimeline(store: StoreReader, run: string): Promise<RunTimeline> {
  const rows = await store.rows(run, 0)
  if (rows.length === 0) throw new CatenaryError('RUN_UNKNOWN', `there is no run ${run} in this store`)
  const timeline = timelineOf(rows.map(toEvent))
  if (timeline !== undefined) return timeline
  throw new CatenaryError(
    'STORE_CORRUPT',
    `run ${run} does not begin with its acceptance: restore the store from a backup`,
  )
}

/** What a run waits for by signal, as its head has it, once for each chain that does: known once nothing else moves it. */
export function awaitedOf({ signals }: Pick<RunHead, 'signals'>): readonly Awaited[] {
  const names = signals.split(',').filter((step) => step !== '')
  return names.map((step) => ({ step }))
}

/**
 * @param inLine where a chain waits for its concurrency group, for whoever knows.
 * @param awaited what its steps wait for by signal, as far as that is known.
 * @example
 * ```ts
 * const { sentence } = explain(await readTimeline(reader, run), [{ step: 'approval' }], clock.now())
 * ```
 */
export function explain(
  timeline: RunTimeline,
  awaited: readonly Awaited[],
  now: number,
  inLine?: (chain: string) => InLine | undefined,
): Explanation {
  const found = causesOf(timeline, awaited).map((cause): Cause => {
    if (cause.kind !== 'concurrency' || inLine === undefined) return cause
    const place = inLine(cause.chain)
    const { chain, since } = cause
    return place === undefined ? { kind: 'moving', chain, since } : { ...cause, ...place }
  })
  const causes = found.toSorted((a, b) => rank(a) - rank(b))
  const telling = causes.filter(({ kind }) => !asides.has(kind))
  const sentences = telling.map((cause) => say(cause, now))
  const [only] = telling
  if (telling.length === 1 && only !== undefined && waitsAlone.has(only.kind))
    sentences[0] += '; nothing else blocks it'
  for (const cause of causes) if (asides.has(cause.kind)) sentences.push(say(cause, now))
  return { sentence: sentences.join('; ') || 'about to start', causes }
}

const order: readonly Cause['kind'][] = [
  'ended',
  'parked',
  'paused',
  'cancelling',
  'compensating',
  'signal',
  'machine',
  'service',
  'held',
  'concurrency',
  'memo',
  'queued',
  'backing-off',
  'sleeping',
  'running',
  'moving',
  'needs',
  'fallback',
  'reused',
]
/** Said after what the run waits for: they tell of it, and block nothing. */
const asides: ReadonlySet<Cause['kind']> = new Set(['needs', 'fallback', 'reused'])
const waitsAlone: ReadonlySet<Cause['kind']> = new Set([
  'paused',
  'signal',
  'machine',
  'service',
  'held',
  'concurrency',
  'memo',
  'queued',
  'backing-off',
  'sleeping',
])

const rank = ({ kind }: Cause): number => order.indexOf(kind)

function say(cause: Cause, now: number): string {
  const since = `since ${formatTime(cause.since, now)}`
  switch (cause.kind) {
    case 'ended':
      return `ended as ${cause.status} at ${formatTime(cause.since, now)}${(cause.failures ?? []).map(sayFailure).join('')}`
    case 'parked':
      return `parked as ${cause.reason} ${since}: ${cause.detail}; to go on: ${cause.cure}`
    case 'paused':
      return `paused ${since}, until someone resumes it`
    case 'cancelling':
      return `being cancelled ${since}`
    case 'compensating':
      return `chain ${cause.chain} undoes what it began ${since}`
    case 'running':
      return `${where(cause)} ${cause.count > 1 ? 'have' : 'has'} been running ${since} (${attempts(cause)})`
    case 'queued':
      return queued(cause, since)
    case 'backing-off': {
      const failed = `attempt ${cause.attempt} failed${cause.failure === undefined ? '' : ` with "${cause.failure}"`}`
      return `${where(cause)} ${cause.count > 1 ? 'back' : 'backs'} off ${until(cause.until, now)}, as ${failed}`
    }
    case 'sleeping':
      return `${where(cause)} sleeps ${until(cause.until, now)}`
    case 'signal': {
      const signal = cause.step === '' ? 'a signal' : `the signal "${cause.step}"`
      const limit = cause.until === undefined ? '' : `, at most until ${formatTime(cause.until, now)}`
      return `waiting for ${signal}${cause.chain === '' ? '' : ` of chain ${cause.chain}`} ${since}${limit}`
    }
    case 'machine': {
      const state = stateInWords(cause.state)
      const delay = cause.until === undefined ? [] : [`its delay ${until(cause.until, now)}`]
      const takes = [...cause.takes, ...delay].join(' or ') || 'an event'
      return `the machine of chain ${cause.chain} is in "${state}" ${since}, waiting for ${takes}`
    }
    case 'fallback': {
      const because = cause.failure === undefined ? '' : `, as its attempts failed with "${cause.failure}"`
      return `the fallback of step ${cause.step} of chain ${cause.chain} stepped in${because}`
    }
    case 'moving':
      return `chain ${cause.chain} is about to go on`
    case 'needs': {
      const limit = cause.until === undefined ? '' : `, at most until ${formatTime(cause.until, now)}`
      return `chain ${cause.chain} waits for ${listed(cause.on)}${limit}`
    }
    case 'service':
      return `chain ${cause.chain} waits ${since} until ${cause.on.length > 1 ? 'the services' : 'the service'} ${listed(cause.on)} ${cause.on.length > 1 ? 'are' : 'is'} ready`
    case 'held':
      return `chain ${cause.chain} is held back by the config ${since}, as ${cause.why}`
    case 'memo':
      return `chain ${cause.chain} waits ${since} for ${sameWork(cause.waitsFor)}`
    case 'reused':
      return `${cause.step === undefined ? '' : `step ${cause.step} of `}chain ${cause.chain} took the output that run ${cause.run} made at ${formatTime(cause.since, now)}`
    case 'concurrency':
      return turnOf(cause, since)
  }
}

function queued(cause: Extract<Cause, { readonly kind: 'queued' }>, since: string): string {
  const { waitsFor } = cause
  if (waitsFor === 'pause')
    return `${where(cause)} ${cause.count > 1 ? 'are' : 'is'} held back by the pause ${since}`
  if (waitsFor === 'nothing') return `${where(cause)} ${cause.count > 1 ? 'are' : 'is'} about to begin`
  if (waitsFor === 'recovery')
    return `${where(cause)} ${cause.count > 1 ? 'are' : 'is'} about to begin again, as attempt ${cause.attempt} was lost with its process`
  const waits = `${where(cause)} ${cause.count > 1 ? 'wait' : 'waits'}`
  if (waitsFor === 'turn') return `${waits} for ${cause.count > 1 ? 'their' : 'its'} turn ${since}`
  if (waitsFor === 'retry-budget')
    return `${waits} for the retry budget ${since}, as there were as many retries of late as may be`
  if (waitsFor.startsWith('limiter:'))
    return `${waits} for limiter "${waitsFor.slice('limiter:'.length)}" ${since}`
  if (waitsFor.startsWith('memo')) return `${waits} ${since} for ${sameWork(waitsFor)}`
  return `${waits} for a free slot ${since}, as every slot is taken`
}

function turnOf(
  { chain, group, ahead, full }: Extract<Cause, { readonly kind: 'concurrency' }>,
  since: string,
): string {
  if (group === undefined || ahead === undefined)
    return `chain ${chain} has all that it needs, and waits for its turn`
  const place = ahead === 0 ? 'as the next' : `${ahead} ahead`
  const why =
    full === true
      ? 'as many executions of it as may run at once do'
      : 'nobody is let in before all runs are back'
  return `chain ${chain} waits for its concurrency group${group === '' ? '' : ` "${group}"`}, ${place}, ${since}: ${why}`
}

/** What a memo waits for: who is at work on it may have changed since it began to wait. */
function sameWork(waitsFor: string): string {
  const run = waitsFor.slice('memo:'.length)
  return run === '' ? 'the output of the same work' : `the output of the same work, which run ${run} was at`
}

function until(at: number, now: number): string {
  const left = at > now ? `${formatMs(at - now)} from now` : 'which has passed'
  return `until ${formatTime(at, now)} (${left})`
}

function where({ chain, step, item, count }: Extract<Cause, { readonly count: number }>): string {
  if (count > 1) return `${count} items of step ${step} of chain ${chain}`
  return `${item === undefined ? '' : `item ${item} of `}step ${step} of chain ${chain}`
}

function attempts({ attempt, count }: Extract<Cause, { readonly kind: 'running' }>): string {
  return count > 1 ? `the longest in attempt ${attempt}` : `attempt ${attempt}`
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

function sayFailure({ chain, step, failure, blocked }: RootFailure): string {
  const what = step === undefined || step === '' ? `chain ${chain}` : `step ${step} of chain ${chain}`
  const held = blocked.length === 0 ? '' : `, which blocked ${blocked.join(', ')}`
  return `; ${what} failed with "${failure.message}"${held}`
}

/** A state value of XState as people say it: `fulfilling.parcel.packing, fulfilling.invoice.sent`. */
export function stateInWords(value: unknown, path = ''): string {
  const before = path === '' ? '' : `${path}.`
  if (typeof value === 'string') return before + value
  return Object.entries(value ?? {})
    .map(([key, inside]) => {
      const empty = typeof inside === 'object' && Object.keys(inside as object).length === 0
      return empty ? before + key : stateInWords(inside, before + key)
    })
    .join(', ')
}
