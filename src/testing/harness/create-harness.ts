// Makes a harness: copies of the chains whose attempts a test ends, in the real engine on virtual time.

import type { AnyChain, InputOf, OutputOf } from '../../chain/any-chain.ts'
import { isEnd } from '../../engine/runs/run-result.ts'
import type { Rehearsal } from '../../engine/rehearsal.ts'
import type { Run } from '../../engine/runs/run.ts'
import type { StartOptions } from '../../engine/supervisor.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { unknownOptions } from '../../kernel/known-options.ts'
import { shown } from '../../kernel/shown.ts'
import { isObject, numberProblem, refuse } from '../given.ts'
import { follow } from '../paths/registry.ts'
import { createDrivenClock, type DrivenClock } from '../virtual-clock.ts'
import { commitFaults } from './breakable-store.ts'
import { type Cast, createCasting, type Usual } from './casting.ts'
import { compiledBy, coveredBy } from './covered-by.ts'
import type { Harness, HarnessOptions } from './harness.ts'
import type { HeldAttempt } from './held-attempt.ts'
import { type History, historyOf } from './history.ts'
import { refuseBadHarness } from './given.ts'
import { createTestHost } from './host.ts'
import { ofItem, ofStep } from './in-flight.ts'
import { createOccupant } from './occupant.ts'
import { createCast } from './scripted-chains.ts'
import { timelineText } from './timeline-text.ts'

/** Timers that may go by without anything happening to a run before it is said to stand still. */
const mostTimers = 10_000

/** See `harness`. */
export async function createHarness<C extends AnyChain>(
  chain: C,
  given: HarnessOptions<InputOf<C>> = {},
): Promise<Harness<OutputOf<C>>> {
  refuseBadHarness(chain, given)
  const { input, occupied = false, start } = given
  const { t, begin } = await openHarness(chain, given)
  if (occupied) await t.occupy()
  await begin(chain, input, start)
  return t
}

/** How a harness is put together where it is not the test alone that decides. */
export interface Wiring extends Omit<Usual, 'settle'> {
  /** Whether timers wait for whoever drives the clock. */
  readonly driven?: () => boolean
  readonly rehearsal?: () => Rehearsal
}

/** A harness before its first run. */
export interface Opened<R> {
  readonly t: Harness<R>
  readonly clock: DrivenClock
  readonly casting: Cast
  /** Starts a run, and looks at that from now on; of a list, its output is by chain. */
  readonly begin: (
    target: AnyChain | readonly AnyChain[],
    input: unknown,
    start?: StartOptions,
  ) => Promise<void>
}

/** Makes all of a harness but its run. */
export async function openHarness<C extends AnyChain>(
  chain: C,
  given: HarnessOptions<InputOf<C>>,
  { driven, rehearsal, ...usual }: Wiring = {},
): Promise<Opened<OutputOf<C>>> {
  const {
    input,
    steps,
    needs,
    hold = false,
    chains = [],
    occupied: _,
    now = 0,
    seed = 1,
    start,
    ...rest
  } = given
  const { id } = chain
  const clock = createDrivenClock({ now, seed })
  let stopped = false
  const refuseStopped = (): void => {
    if (stopped) throw new CatenaryError('SUPERVISOR_STOPPED', 'this harness was stopped: make another')
  }
  const settle = async (): Promise<void> => (driven?.() === true ? clock.rest() : clock.settle())
  const casting = createCasting(
    id,
    { hold, ...(steps === undefined ? {} : { steps }), ...(needs === undefined ? {} : { needs }) },
    clock,
    { ...usual, settle },
  )
  const copyOf = createCast(casting)
  const target = copyOf(chain)
  const others = chains.map(copyOf)
  const { concurrency = 100 } = rest
  const occupant = createOccupant(concurrency)
  const host = await createTestHost(
    [target, ...others, occupant.chain],
    clock,
    { schedules: false, ...rest, concurrency },
    rehearsal?.(),
  )
  const refuseDead = (): void => {
    refuseStopped()
    if (host.dead)
      throw new CatenaryError(
        'SUPERVISOR_STOPPED',
        'the process has died: `await t.crash()` makes the next one',
      )
  }
  const copies = compiledBy([target, ...others])
  const originals = compiledBy([chain, ...chains])

  const runs: string[] = []
  let full = false
  let run: Run
  let folded:
    | { readonly of: string; readonly at: number; readonly last: number; readonly history: History }
    | undefined
  const historyBy = (of: string): History => {
    const all = host.events(of)
    const [at, last] = [clock.now(), all.at(-1)?.seq ?? 0]
    if (folded?.of !== of || folded.at !== at || folded.last !== last)
      folded = { of, at, last, history: historyOf(all, (one) => copies.get(one), at) }
    return folded.history
  }
  const events = (): readonly JournalEvent[] => host.events(run.id)
  const unfollow = follow(() => runs.flatMap((of) => coveredBy(historyBy(of), originals, needs)))

  const begin: Opened<unknown>['begin'] = async (of, from, asked) => {
    const copiedOf = (one: AnyChain): AnyChain => (one === chain ? target : copyOf(one))
    const wanted = Array.isArray(of) ? (of as readonly AnyChain[]).map(copiedOf) : copiedOf(of as AnyChain)
    await untilDeath(
      host.supervisor.start(wanted, from, asked as never).then((started) => {
        run = started
        runs.push(run.id)
      }),
    )
  }
  const occupy = async (): Promise<void> => {
    refuseDead()
    if (full) return
    occupant.hold()
    await untilDeath(
      host.supervisor.start(occupant.chain, undefined as never).then(() => {
        full = true
      }),
    )
  }
  const inFlight = async (step?: string): Promise<readonly HeldAttempt[]> => {
    refuseStopped()
    if (step !== undefined && typeof step !== 'string')
      throw new CatenaryError('BAD_OPTION', `the name of a step is ${shown(step)}: give a text`)
    await settle()
    refuseDead()
    return step === undefined ? casting.held() : ofStep(casting.held(), step, id)
  }
  /** What is asked of a process that dies has no answer. */
  const untilDeath = async (asked: Promise<unknown>): Promise<void> => {
    const { death } = host
    asked.catch(() => {})
    await settle()
    await Promise.race([asked, death])
    await settle()
  }
  const stand = async (): Promise<string> => {
    const { sentence } = await run.explain()
    return `${sentence}; its machine is in ${t.states.join(', ') || 'no state'}`
  }

  const t: Harness<OutputOf<C>> = {
    chain,
    chains: [chain, ...chains],
    clock,
    get supervisor() {
      return host.supervisor
    },
    get run() {
      return run as Run<OutputOf<C>>
    },
    get states() {
      return t.history().chains.get(id)?.states ?? []
    },
    attempts: inFlight,
    async attempt(step, ...wanted) {
      const all = await inFlight(step)
      const found = wanted.length === 0 ? all[0] : ofItem(all, wanted[0], (of) => host.events(of))
      if (found !== undefined) return found
      const of = wanted.length === 0 ? '' : ` for item ${shown(wanted[0])}`
      throw new CatenaryError('ATTEMPT_ABSENT', `no attempt of "${step}"${of} is in flight: ${await stand()}`)
    },
    async advance(by) {
      refuseStopped()
      if (by !== undefined) return clock.advance(by)
      await settle()
      const before = events().length
      for (let timers = 0; timers < mostTimers && events().length === before; timers++)
        if (!(await clock.next())) return
      await settle()
    },
    async signal(name, payload) {
      refuseDead()
      await untilDeath(run.signal(name, payload))
    },
    async cancel(reason) {
      refuseDead()
      await untilDeath(run.cancel(reason))
    },
    async crash(how = {}) {
      refuseStopped()
      const { during } = isObject(how) ? how : {}
      refuse([
        unknownOptions(how, { during: true }, 'crash()'),
        numberProblem(during, 'during', { least: 1, whole: true }),
      ])
      await settle()
      casting.lose()
      if (during !== undefined) {
        await host.dieTwice(during)
        casting.lose()
      }
      await host.restart()
      run = (await host.supervisor.get(run.id)) as Run
      await settle()
    },
    breakCommit(how, nth = 1) {
      refuse([
        commitFaults.includes(how)
          ? undefined
          : `breakCommit() knows no ${shown(how)}: give one of ${commitFaults.join(', ')}`,
        numberProblem(nth, 'which commit breaks', { least: 1, whole: true }),
      ])
      host.breakCommit(how, nth)
    },
    get store() {
      return host.store
    },
    get commits() {
      return host.commits
    },
    occupy,
    async free() {
      full = false
      occupant.release()
      await settle()
    },
    again: async (...from) => {
      refuseDead()
      await begin(chain, from.length === 0 ? input : from[0], start)
    },
    async end() {
      refuseStopped()
      await settle()
      refuseDead()
      if (!isEnd(await run.status()))
        throw new CatenaryError('RUN_UNFINISHED', `the run has not ended: ${await stand()}`)
      const result = await run.settled()
      return {
        status: result.status,
        output: result.status === 'succeeded' ? (result.output as OutputOf<C>) : undefined,
        failures: 'failures' in result ? result.failures : [],
      }
    },
    timeline: () => timelineText(events(), id),
    events,
    history: () => historyBy(run.id),
    async stop() {
      stopped = true
      unfollow()
      casting.lose()
      await host.stop()
    },
    [Symbol.asyncDispose]: async () => t.stop(),
  }
  return { t, clock, casting, begin }
}
