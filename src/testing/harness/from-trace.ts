// Makes a test of a trace: the run goes again in the real engine, on virtual time, and from there on the test decides.

import { readFileSync } from 'node:fs'
import type { AnyChain, InputOf, OutputOf } from '../../chain/any-chain.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { decode } from '../../kernel/codec.ts'
import { type Duration, toMs } from '../../kernel/duration.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { inWords } from '../../kernel/failure.ts'
import { readTrace, type Trace } from '../../observe/trace.ts'
import { openHarness } from './create-harness.ts'
import { refuseBadHarness } from './given.ts'
import type { Harness, HarnessOptions } from './harness.ts'
import { cutBefore, turnOf } from './cut-trace.ts'
import { outcomesOf, reEnact } from './re-enact.ts'
import { isReplayed, type Rehearsed, rehearse } from './rehearse.ts'
import { replay } from './replay.ts'

/** How a trace is replayed; what else a harness takes may be given too. */
export interface TraceTestOptions<In = unknown> extends Omit<
  HarnessOptions<In>,
  'input' | 'start' | 'now' | 'occupied'
> {
  /**
   * Where to stop, and to leave the rest to the test: so long after the run was accepted, or before the first event for
   * which this is true. What the engine makes in one turn is not cut in two: of a step that starts when the one before
   * it succeeds, it stops before that success, and leaves that to the test too. The acceptance has always come, with
   * all that comes with it. Default at the end of the trace.
   */
  readonly until?: Duration | ((event: JournalEvent) => boolean)
  /**
   * Whether each event must come again as it is recorded. Else the chain, as it is now, meets the same outcomes by step
   * and attempt, the same signals and the same crashes, and what it makes of them is for the test to judge; attempts
   * of whose outcome the trace does not tell before `until` are the test's. Default true.
   */
  readonly exactly?: boolean
}

/** @throws CatenaryError BAD_TRACE, TRACE_DIVERGED, BAD_DURATION, and what `harness` throws */
export async function fromTrace<C extends AnyChain>(
  from: string | URL | Trace,
  chain: C,
  given: TraceTestOptions<InputOf<C>> = {},
): Promise<Harness<OutputOf<C>>> {
  refuseBadHarness(chain, given, {
    where: 'harness.fromTrace()',
    more: ['until', 'exactly'],
    without: ['input', 'start', 'now', 'occupied'],
    flags: ['exactly'],
  })
  const trace = traceFrom(from)
  const { until, exactly = true, ...rest } = given
  const accepted = trace.events[0] as JournalEvent & { readonly type: 'run.accepted' }
  refuseOthers(trace, accepted, [chain, ...(given.chains ?? [])])
  const { at, payload, priority, deadline, attributes, tick } = accepted
  const end = typeof until === 'function' || until === undefined ? Infinity : at + toMs(until, 'until')
  const stop = typeof until === 'function' ? turnOf(trace.events, (event) => until(event)) : Infinity
  let most = 100
  for (const one of trace.events) if ('inFlight' in one) most = Math.max(most, one.inFlight)
  const options = { concurrency: most, ...rest, now: at }
  const cut = cutBefore(trace, { stop, end })

  let driven = exactly
  let rehearsal: Rehearsed | undefined
  const opened = await openHarness(chain, options, {
    driven: () => driven,
    deaf: () => driven,
    ...(exactly
      ? { rehearsal: () => (rehearsal = rehearse(trace, trace.events.filter(isReplayed))) }
      : { call: outcomesOf(cut.trace) }),
  })
  const { t, clock, casting, begin } = opened
  const targets = accepted.targets.map((key) => targetOf(key, [chain, ...(given.chains ?? [])]))
  const target = accepted.several === true ? targets : (targets[0] ?? chain)
  const start = { id: trace.run, priority, deadline, attributes, tick }
  try {
    await begin(target, payload === undefined ? undefined : decode(payload), withoutUndefined(start))
    if (rehearsal === undefined) await reEnact(cut.trace, t, cut.at)
    else
      await replay(trace, { t, clock, casting, rehearsal }, ({ seq, at: when }) => seq >= stop || when > end)
  } catch (error) {
    await t.stop()
    throw CatenaryError.is(error) && error.code === 'STORE_CORRUPT' ? unreadable(trace.run, error) : error
  }
  rehearsal?.over()
  await clock.rest()
  driven = false
  if (end < Infinity) clock.leap(Math.max(end, clock.now()))
  return t
}

function traceFrom(from: string | URL | Trace): Trace {
  if (typeof from !== 'string' && !(from instanceof URL)) return readTrace(from, 'what was given')
  let text: string
  try {
    text = readFileSync(from, 'utf8')
  } catch (cause) {
    throw new CatenaryError(
      'BAD_TRACE',
      `${String(from)} cannot be read (${inWords(cause)}): give the path of a trace`,
      {
        cause,
      },
    )
  }
  return readTrace(text, String(from))
}

function unreadable(run: string, cause: CatenaryError): CatenaryError {
  const message = `the trace of run ${run} holds a payload that cannot be read: trace it anew`
  return new CatenaryError('BAD_TRACE', message, { cause })
}

function refuseOthers(
  { run, events }: Trace,
  { targets, origin }: JournalEvent & { readonly type: 'run.accepted' },
  chains: readonly AnyChain[],
): void {
  const bad = (problem: string): CatenaryError =>
    new CatenaryError('BAD_TRACE', `the trace of run ${run} ${problem}`)
  const missing = targets.filter((key) => chains.every(({ id }) => id !== idOf(key)))
  if (missing.length > 0)
    throw bad(
      `is of ${targets.join(', ')}, and ${missing.join(', ')} is not among the chains given (${chains.map(({ id }) => id).join(', ')})`,
    )
  if (origin !== undefined)
    throw bad(`begins with the history of run ${origin.run}, of which it is a fork: trace that one`)
  const guest = events.find(({ type }) => type === 'machine.advanced')
  if (guest !== undefined && 'chain' in guest)
    throw bad(
      `holds a machine of your own (${guest.chain}), whose actors a harness does not script: test it alone`,
    )
}

function targetOf(key: string, chains: readonly AnyChain[]): AnyChain {
  return chains.find(({ id }) => id === idOf(key)) as AnyChain
}

function idOf(key: string): string {
  return key.replace(/~.*$/, '')
}

function withoutUndefined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never
}
