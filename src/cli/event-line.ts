// One event of the journal as a line for people.

import { decode } from '../kernel/codec.ts'
import { formatMs } from '../kernel/duration.ts'
import { formatTime } from '../kernel/local-time.ts'
import type { EndCause } from '../../machines/supervision/state.ts'
import type { AttemptId, JournalEvent } from '../journal/event.ts'
import type { Failure } from '../kernel/failure.ts'
import { printable } from './printable.ts'
import { failureLine } from './show.ts'
import { awaitedText } from './step-text.ts'

/** What happened, without when and to which run. */
export function describeEvent(event: JournalEvent): string {
  switch (event.type) {
    case 'run.accepted':
      return `run of ${event.targets.join(', ')} accepted, ${counted(event.plan.length, 'chain')} in all`
    case 'run.paused':
      return 'run paused'
    case 'run.resumed':
      return 'run resumed'
    case 'run.cancel-requested':
      return `run is to be cancelled${event.reason === undefined ? '' : `: ${event.reason}`}`
    case 'run.parked':
      return `run parked as ${event.reason}: ${event.detail}`
    case 'run.retried':
      return `run retried${fromOf(event.from)}`
    case 'run.unparked':
      return 'run goes on'
    case 'run.ended':
      return `run ${event.status}`
    case 'chain.started':
      return `${event.chain} started${event.call === undefined ? '' : `, called by ${event.call.chain}/${event.call.step}`}`
    case 'chain.queued':
      return chainQueued(event)
    case 'chain.ended':
      if (event.memo !== undefined)
        return `${event.chain} ${event.status} with the output that run ${event.memo.run} had made`
      return `${event.chain} ${event.status}${event.failure === undefined ? '' : ` at ${event.step ?? '?'}: ${failureLine(event.failure)}`}${undoneText(event)}`
    case 'chain.cut-short':
      return `${event.chain} is cut short${event.failure === undefined ? ', as it is cancelled' : `: ${failureLine(event.failure)}`}`
    case 'chain.undo-requested':
      return `${event.chain} is to be undone, as its caller is`
    case 'chain.undone':
      return `${event.chain} is undone${undoneText(event)}`
    case 'call.undone':
      return `${place(event)} is undone`
    case 'compensation.retried':
      return `${event.chain} tries again to undo what it could not`
    case 'compensation.given-up':
      return `${event.chain} leaves undone what it could not undo`
    case 'attempt.queued':
      return `${attempt(event)} waits for ${event.waitsFor === 'pause' ? 'the pause to end' : awaitedText(event.waitsFor)}`
    case 'attempt.started':
      return `${attempt(event)} started`
    case 'attempt.hedged':
      return `${attempt(event)} is slow: its function is called once more`
    case 'attempt.succeeded':
      return event.memo === undefined
        ? `${attempt(event)} succeeded in ${formatMs(event.took)}`
        : `${attempt(event)} took the output that run ${event.memo.run} had made`
    case 'attempt.failed':
      return `${attempt(event)} failed after ${formatMs(event.took)}: ${failureLine(event.failure)}`
    case 'attempt.lost':
      return `${attempt(event)} was lost with its process`
    case 'attempt.settled-late':
      return `${attempt(event)} ${event.outcome} too late to count`
    case 'decision.made':
      return `${place(event)} decided${decisionOf(event)}`
    case 'decision.failed':
      return `${place(event)} could not decide: ${failureLine(event.failure)}`
    case 'timer.fired':
      return `${place(event)} is due`
    case 'signal.received':
      return `signal ${event.name} received`
    case 'signal.answered':
      return `${place(event)} ${event.failure === undefined ? 'answered' : 'could not answer'} the signal ${event.name}`
    case 'signal.consumed':
      return `${place(event)} took the signal ${event.name}`
    case 'settling.ended':
      return `${place(event)} settled`
    case 'machine.advanced':
      return `${event.chain} is in ${typeof event.value === 'string' ? event.value : JSON.stringify(event.value)} after ${event.event}`
    case 'breaker.opened':
      return `breaker ${event.breaker} opened: ${event.failures} of ${event.of} failed; nobody passes for ${formatMs(event.until - event.at)}`
    case 'breaker.half-opened':
      return `breaker ${event.breaker} half-opened: a few may try`
    case 'breaker.closed':
      return `breaker ${event.breaker} closed`
    case 'service.started':
      return `service ${event.service} started${event.start === 1 ? '' : ` for the ${event.start}. time`}`
    case 'service.ready':
      return `service ${event.service} is ready`
    case 'service.unready':
      return `service ${event.service} is not ready${because(event.failure)}`
    case 'service.exited':
      return `service ${event.service} ended${event.late === true ? ', after it was given up' : ` as ${event.reason}`}${because(event.failure)}`
    case 'service.restarting':
      return `service ${event.service} is started again${event.due === undefined ? '' : ` in ${formatMs(event.due - event.at)}`}`
    case 'action.taken':
      return `${event.kind} of ${event.chains.join(', ')}${event.by === 'auto' ? ', by itself' : ''}: ${event.why}`
    case 'action.verified':
      return `action ${event.id} has worked: ${event.detail}`
    case 'action.undone':
      return `action ${event.id} is over: ${event.why}`
    case 'group.escalated':
      return `group ${event.group} ended: ${endCause(event)}`
    case 'services.ended':
      return `all services ended: ${endCause(event)}`
    case 'suggestion.dismissed':
      return `suggestion ${event.id} was dismissed${event.why === undefined ? '' : `: ${event.why}`}`
    case 'suggestion.applied':
      return `suggestion ${event.id} was applied as version ${event.config} of the config`
    case 'trial.started':
      return `suggestion ${event.suggestion} is tried on ${Math.round(event.share * 100)} % of its runs (trial ${event.id})`
    case 'trial.widened':
      return `trial ${event.id} is widened to ${Math.round(event.share * 100)} % of its runs`
    case 'trial.switched':
      return `trial ${event.id} ${event.arm === 'off' ? 'rests' : `begins a block of time: ${event.arm}`}`
    case 'trial.ended':
      return `trial ${event.id} ended, ${event.verdict}: ${event.why}`
    default:
      return event.type
  }
}

function chainQueued({ chain, waitsFor }: JournalEvent & { readonly type: 'chain.queued' }): string {
  if (waitsFor === '') return `${chain} is no longer held back`
  if (!waitsFor.startsWith('held:')) return `${chain} waits for ${awaitedText(waitsFor)}`
  return `${chain} is held back, as ${waitsFor.slice('held:'.length)}`
}

const because = (failure: Failure | undefined): string =>
  failure === undefined ? '' : `: ${failureLine(failure)}`

/** Why a group or all services ended, for people. */
export function endCause({ cause, child }: { readonly cause: EndCause; readonly child?: string }): string {
  switch (cause) {
    case 'stop':
      return 'it was asked to'
    case 'intensity':
      return 'more restarts than it may try'
    case 'auto_shutdown':
      return 'what was significant in it had ended'
    case 'start_failed':
      return `${child ?? 'a child'} did not start`
  }
}

/** The line with its local time. */
export function eventLine(event: JournalEvent, now: number): string {
  return `${formatTime(event.at, now)}  ${printable(describeEvent(event))}`
}

/** How much was undone before a chain ended. */
function undoneText({ compensated, uncompensated }: Undone): string {
  const left = uncompensated === undefined ? '' : `, ${uncompensated.length} not`
  return compensated === undefined ? '' : ` (${compensated.length} undone${left})`
}

type Undone = Pick<JournalEvent & { readonly type: 'chain.ended' }, 'compensated' | 'uncompensated'>

function fromOf(from: { readonly chain: string; readonly step?: string } | undefined): string {
  if (from === undefined) return ''
  return ` from ${from.step === undefined ? `the beginning of ${from.chain}` : `${from.chain}/${from.step}`}`
}

interface Place {
  readonly chain: string
  readonly step: string
  readonly item?: string
}

function place({ chain, step, item }: Place): string {
  return `${chain}/${step}${item === undefined ? '' : `[${item}]`}`
}

function attempt(event: AttemptId): string {
  return `${place(event)}${event.attempt === 1 ? '' : `, attempt ${event.attempt},`}`
}

/** What is worth telling of a decision: recoveries, due times, how many items. */
function decisionOf({ step, payload, at }: JournalEvent & { readonly type: 'decision.made' }): string {
  if (payload === undefined) return ''
  const read = readable(payload)
  if (read === undefined) return ': what was decided cannot be read'
  const { value } = read
  if (step.endsWith(':recovery')) {
    const { next, due } = value as { readonly next: string; readonly due?: number }
    return due === undefined ? `: ${next}` : `: ${next} in ${formatMs(due - at)}`
  }
  if (step.endsWith(':due')) return `: in ${formatMs(Number(value) - at)}`
  if (step.endsWith(':items'))
    return `: ${counted((value as { keys: readonly string[] }).keys.length, 'item')}`
  return ''
}

/** One that cannot be read hides no other event: a journal is listed to find it. */
function readable(payload: string): { readonly value: unknown } | undefined {
  try {
    return { value: decode(payload) }
  } catch {
    return undefined
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
