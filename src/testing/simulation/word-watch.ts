// Holds what `explain()` said of a run against what then happened: every wait ends by what it was said to wait for.

import type { Cause } from '../../engine/runs/causes.ts'
import type { Explanation } from '../../engine/runs/explain.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { ownerOf } from '../../journal/rewound.ts'
import type { Proof } from './proof.ts'
import type { RunWatch } from './run-watch.ts'
import type { SignalWatch } from './signal-watch.ts'

/** What was said of a run, as of its event `seq`. */
interface Word {
  readonly sentence: string
  readonly seq: number
  /** What has not come to its end since. */
  readonly open: Set<Cause>
  /** How many had left the concurrency group that each chain waits for. */
  readonly left: ReadonlyMap<string, number>
  /** Nothing has happened to the run since that it did by itself. */
  fresh: boolean
}

export interface WordWatch {
  see(event: JournalEvent): void
  /** It was said of the run when `seq` was its last event. */
  said(run: string, seq: number, explanation: Explanation): void
}

type Placed = Extract<JournalEvent, { readonly chain: string }>

/** What comes from outside, or from the end of what a step is part of: all that was said is void. */
const turns: ReadonlySet<JournalEvent['type']> = new Set([
  'run.cancel-requested',
  'run.retried',
  'run.parked',
  'run.unparked',
  'run.ended',
])
/** What happens to a run and moves nothing in it. */
const asides: ReadonlySet<JournalEvent['type']> = new Set([
  'run.paused',
  'signal.received',
  'signal.answered',
  'attempt.settled-late',
  'breaker.opened',
  'breaker.half-opened',
  'breaker.closed',
])
const outcomes: ReadonlySet<JournalEvent['type']> = new Set([
  'attempt.succeeded',
  'attempt.failed',
  'attempt.lost',
  'attempt.hedged',
])
/** A chain begins, ends without having begun, or has another reason to wait, which is told anew. */
const beginnings: ReadonlySet<JournalEvent['type']> = new Set([
  'chain.started',
  'chain.ended',
  'chain.queued',
])

export function createWordWatch(
  proof: Proof,
  runs: Pick<RunWatch, 'leftGroup' | 'runs'>,
  signals: Pick<SignalWatch, 'due'>,
): WordWatch {
  const words = new Map<string, Word[]>()
  /** The `seq` at which each chain of a run ended. */
  const ends = new Map<string, number>()

  const judge = (word: Word, event: JournalEvent): void => {
    const lie = (why: string) => (): string =>
      `of ${event.run} it was said after seq ${word.seq}: "${word.sentence}"; but ${why}: seq ${event.seq} ${JSON.stringify(event)}`
    if (event.type === 'run.resumed') {
      // whatever the pause has held back comes now
      if ([...word.open].some(({ kind }) => kind === 'paused')) word.fresh = false
      return drop(word, ({ kind }) => kind === 'paused')
    }
    const before = word.fresh
    if ('chain' in event) word.fresh = false
    // what it has aborted comes to rest, and what a machine of the user's own is told it may take at any time
    const aside = event.type === 'settling.ended' || event.type === 'signal.consumed'
    let told = !before || !('chain' in event) || word.open.size === 0
    if (aside)
      told ||= [...word.open].some(
        (cause) =>
          'chain' in cause && 'chain' in event && (cause.chain === event.chain || cause.chain === ''),
      )
    for (const cause of word.open) {
      if (!touches(cause, event)) {
        if (isOtherItem(cause, event)) told = true
        continue
      }
      told = true
      if (cause.kind === 'concurrency' && cause.full === true && event.type === 'chain.started') {
        const free = runs.leftGroup(event.run, event.chain) > (word.left.get(event.chain) ?? 0)
        proof.check('word', free, lie('nobody has left the group since'))
      }
      const fits = fitting(cause, event, (chain) => (ends.get(`${event.run} ${chain}`) ?? 0) > word.seq)
      proof.check('word', fits, lie(`"${cause.kind}" did not end so`))
      word.open.delete(cause)
    }
    if (!('chain' in event)) return
    const part = cutOff(event)
    if (part !== undefined) drop(word, (cause) => 'chain' in cause && cause.chain === part)
    proof.check('word', told || part !== undefined, lie('nothing was said of what moved'))
  }
  return {
    said(run, seq, { sentence, causes }) {
      for (const cause of causes) {
        const claim = (holds: boolean): void =>
          proof.check(
            'word',
            holds,
            () => `of ${run} it is said after seq ${seq}: "${sentence}"; there is no ${cause.kind}`,
          )
        if (cause.kind === 'paused') claim(runs.runs.get(run)?.paused === true)
        if (cause.kind === 'queued' && cause.waitsFor === 'pause') claim(runs.runs.get(run)?.paused === true)
        if (cause.kind === 'cancelling') claim(runs.runs.get(run)?.cancelRequested === true)
        if (cause.kind === 'parked') claim(runs.runs.get(run)?.parked === cause.reason)
        if (cause.kind === 'ended') claim(runs.runs.get(run)?.ended === cause.status)
        if ('until' in cause && 'step' in cause) {
          const due = signals.due(run, cause)
          claim(due === undefined || due === cause.until)
        }
      }
      const left = new Map(
        causes.flatMap((cause) =>
          cause.kind === 'concurrency' ? [[cause.chain, runs.leftGroup(run, cause.chain)] as const] : [],
        ),
      )
      const word: Word = { sentence, seq, open: new Set(causes.filter(isOpen)), left, fresh: true }
      const known = words.get(run)
      if (known === undefined) words.set(run, [word])
      else known.push(word)
    },
    see(event) {
      if (event.type === 'chain.ended') ends.set(`${event.run} ${event.chain}`, event.seq)
      const known = words.get(event.run)
      if (known === undefined) return
      if (turns.has(event.type)) return void words.delete(event.run)
      if (asides.has(event.type)) return
      for (const word of known) judge(word, event)
      const left = known.filter(({ open }) => open.size > 0)
      if (left.length === 0) words.delete(event.run)
      else words.set(event.run, left)
    },
  }
}

function drop({ open }: Word, which: (cause: Cause) => boolean): void {
  for (const cause of open) if (which(cause)) open.delete(cause)
}

/** Causes that say what a run waits for. */
function isOpen({ kind }: Cause): boolean {
  return kind !== 'fallback' && kind !== 'reused'
}

/** The chain of which all that was in progress is cut off. */
function cutOff(event: Placed): string | undefined {
  return event.type === 'chain.ended' ||
    event.type === 'chain.cut-short' ||
    event.type === 'chain.undo-requested'
    ? event.chain
    : undefined
}

function touches(cause: Cause, event: JournalEvent): boolean {
  switch (cause.kind) {
    case 'running':
    case 'queued':
    case 'backing-off':
    case 'sleeping':
      return inStep(cause, event)
    case 'signal':
      if (cause.chain === '') return event.type === 'signal.consumed' && event.step === cause.step
      if (cause.step === '') return 'chain' in event && event.chain === cause.chain
      return inStep(cause, event)
    case 'machine':
      return event.type === 'machine.advanced' && event.chain === cause.chain
    case 'needs':
    case 'concurrency':
    case 'service':
    case 'held':
    case 'memo':
      return beginnings.has(event.type) && 'chain' in event && event.chain === cause.chain
    case 'compensating':
      return 'chain' in event && `${event.chain}/`.startsWith(`${cause.chain}/`)
    case 'moving':
      return 'chain' in event && event.chain === cause.chain
    case 'paused':
      return event.type === 'attempt.started' && !/:(?:fallback|compensation)$/.test(event.step)
    case 'ended':
    case 'parked':
      return true
    default:
      return false
  }
}

/** The other items of an `each` wait for those that are named, or for what the chains do that these call. */
function isOtherItem(cause: Cause, event: JournalEvent): boolean {
  if (!('count' in cause)) return false
  if (event.type !== 'chain.started' || event.call?.item === undefined) {
    return touches({ ...cause, item: ('item' in event ? event.item : undefined) ?? '' }, event)
  }
  const { chain, step } = event.call
  return cause.chain === '' || `${cause.chain}/`.startsWith(`${chain}/${step}/`)
}

function inStep(
  { chain, step, item }: { readonly chain: string; readonly step: string; readonly item?: string },
  event: JournalEvent,
): boolean {
  const place = event.type === 'chain.started' ? event.call : event
  if (place === undefined || !('chain' in place) || place.chain !== chain) return false
  if (!('step' in place) || event.type === 'chain.ended') return false
  return ownerOf(place.step) === step && (item === undefined || !('item' in place) || place.item === item)
}

/** Whether the event ends what `cause` told of in the way in which it told it. */
function fitting(cause: Cause, event: JournalEvent, endedSince: (chain: string) => boolean): boolean {
  const due = (until: number | undefined): boolean =>
    event.type === 'timer.fired' && until !== undefined && event.at >= until
  // given up with its run: by a person, or as the run has its end without it
  if (event.type === 'chain.ended' && event.status === 'cancelled') return true
  const overdue = event.type === 'timer.fired' && event.step.endsWith(':deadline')
  switch (cause.kind) {
    case 'running':
      return overdue || (outcomes.has(event.type) && 'attempt' in event && event.attempt === cause.attempt)
    case 'queued':
      return (
        overdue ||
        event.type === 'attempt.started' ||
        event.type === 'attempt.queued' ||
        event.type === 'chain.started'
      )
    case 'backing-off':
    case 'sleeping':
      return overdue || due(cause.until)
    case 'signal':
      return event.type === 'signal.consumed' || due(cause.until)
    case 'machine':
      return (
        event.type === 'machine.advanced' &&
        (cause.takes.includes(event.event) || (cause.until !== undefined && event.at >= cause.until))
      )
    case 'needs':
      return cause.on.some(endedSince) || (cause.until !== undefined && event.at >= cause.until)
    case 'paused':
    case 'ended':
    case 'parked':
      return false
    default:
      return true
  }
}
