// What is done at a turn: what is meant to happen, or a fault.

import { NonRetryable, OutcomeUnknown } from '../../kernel/failure.ts'
import type { HeldAttempt } from '../harness/held-attempt.ts'
import type { CommitFault } from '../harness/breakable-store.ts'
import type { Fault } from './fault.ts'
import type { Hands } from './hands.ts'
import type { Payload, Setting } from './setting.ts'

const sixHours = 6 * 3_600_000

/** What a story remembers of what it has done. */
export interface Memory {
  /** Attempts of which nothing comes back. */
  readonly silent: Set<HeldAttempt>
  /** Those of them whose function goes on, and ends too late. */
  readonly late: Set<HeldAttempt>
  /** Signals that have come. */
  readonly sent: Set<string>
  /** Signals that never come again. */
  readonly gone: Set<string>
  /** What the author's functions are called for. */
  readonly called: (attempt: HeldAttempt) => void
  readonly ended: () => boolean
  /** A person has looked at the run that was parked. */
  looked: boolean
  /** No slot is free. */
  full: boolean
}

export type Turn =
  | { readonly kind: 'attempt'; readonly attempt: HeldAttempt }
  | { readonly kind: 'signal'; readonly name: string; readonly payload: Payload }
  | { readonly kind: 'time' }
  /** The slots that none could have become free. */
  | { readonly kind: 'slots' }
  | { readonly kind: 'person' }

/** What happens where nothing goes wrong. */
export async function act(turn: Turn, hands: Hands, memory: Memory): Promise<void> {
  if (turn.kind === 'person') {
    memory.looked = true
    return hands.do('await t.run.retry()', async () => {
      await hands.t.run.retry()
      await hands.t.clock.settle()
    })
  }
  if (turn.kind === 'slots') {
    memory.full = false
    return hands.do('await t.free()', () => hands.t.free())
  }
  if (turn.kind === 'time') return hands.do('await t.advance()', () => hands.t.advance())
  if (turn.kind === 'signal') return signal(turn.name, turn.payload, hands, memory)
  memory.called(turn.attempt)
  return hands.with(turn.attempt, 'real()', (attempt) => attempt.real())
}

/** Does what goes wrong there, and what is meant to happen, as far as it still does. */
export async function actWrongly(
  turn: Turn,
  { does, commit = 1, signal: early = '' }: Fault,
  of: { readonly hands: Hands; readonly memory: Memory; readonly setting: Setting },
): Promise<void> {
  const { hands, memory, setting } = of
  const { t } = hands
  const attempt = turn.kind === 'attempt' ? turn.attempt : undefined
  const work = async (): Promise<void> => {
    if (attempt === undefined) return
    memory.called(attempt)
    await hands.with(attempt, 'work()', (one) => one.work())
  }
  const failWith = async (code: string, error: unknown): Promise<void> => {
    if (attempt !== undefined && !attempt.over)
      await hands.with(attempt, `fail(${code})`, (one) => one.fail(error))
  }
  switch (does) {
    case 'crash':
      return hands.crash()
    case 'crash-after-effect':
      await work()
      return hands.crash()
    case 'crash-in-recovery':
      await work()
      return hands.crash(commit)
    case 'clock-ahead':
    case 'clock-back': {
      const by = does === 'clock-ahead' ? sixHours : -sixHours
      await hands.do(`t.clock.jump(${by})`, () => t.clock.jump(by))
      return act(turn, hands, memory)
    }
    case 'reads-fail': {
      const { store } = t
      await hands.do('t.store.failReads()', () => store.failReads())
      await act(turn, hands, memory)
      await hands.do('t.store.failReads(false)', () => store.failReads(false))
      return t.supervisor.state === 'failed' ? hands.crash() : undefined
    }
    case 'fail':
      return failWith(`'connection refused'`, 'connection refused')
    case 'fail-after-effect':
      await work()
      return failWith(`new OutcomeUnknown('no answer came')`, new OutcomeUnknown('no answer came'))
    case 'fail-for-good':
      return failWith(`new NonRetryable('refused')`, new NonRetryable('refused'))
    case 'hang-after-effect':
      await work()
      if (attempt !== undefined) memory.silent.add(attempt)
      return
    case 'late':
      if (attempt === undefined) return
      memory.late.add(attempt)
      memory.silent.add(attempt)
      return hands.with(attempt, 'ignoreAbort()', (one) => one.ignoreAbort())
    case 'hang':
      if (attempt !== undefined) memory.silent.add(attempt)
      return
    case 'cancel-after-effect':
      await work()
      return hands.do('await t.cancel()', () => t.cancel())
    case 'cancel':
      return hands.do('await t.cancel()', () => t.cancel())
    case 'pause':
      await hands.do('await t.run.pause()', () => t.run.pause())
      await act(turn, hands, memory)
      if (!memory.ended()) await hands.do('await t.run.resume()', () => t.run.resume())
      return
    case 'no-slots':
      await hands.do('await t.occupy()', () => t.occupy())
      memory.full = true
      return act(turn, hands, memory)
    case 'give-up':
      memory.looked = true
      return hands.do('await t.cancel()', () => t.cancel())
    case 'signal-early': {
      const payload = setting.payloads.get(early)
      if (payload !== undefined) await signal(early, payload, hands, memory)
      return act(turn, hands, memory)
    }
    case 'signal-twice':
      await act(turn, hands, memory)
      return memory.ended() ? undefined : act(turn, hands, memory)
    case 'signal-never':
      if (turn.kind === 'signal') memory.gone.add(turn.name)
      return
    default: {
      const how = does.slice('commit-'.length) as CommitFault
      const nth = commit === 1 ? '' : `, ${commit}`
      await hands.do(`t.breakCommit('${how}'${nth})`, () => t.breakCommit(how, commit))
      await act(turn, hands, memory)
      return hands.crash()
    }
  }
}

async function signal(name: string, { value, code }: Payload, hands: Hands, memory: Memory): Promise<void> {
  memory.sent.add(name)
  const given = code === '' ? '' : `, ${code}`
  return hands.do(`await t.signal('${name}'${given})`, () => hands.t.signal(name, value))
}
