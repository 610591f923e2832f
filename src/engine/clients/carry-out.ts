// Carries out one command of another process: what commits it also answers it, and what nobody here can judge is kept.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { decode } from '../../kernel/codec.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { StoreReader } from '../../journal/store.ts'
import type { Accept } from '../runs/accept.ts'
import type { ClientCommand, ClientReply } from './command.ts'
import {
  type AboutRun,
  fromOf,
  isOurs,
  type Ready,
  type SentEvent,
  type Starting,
  type Told,
  workOf,
} from './command-work.ts'
import type { Engine } from '../engine.ts'
import type { LiveRun } from '../runs/live-run.ts'
import { encodeGiven } from '../payloads.ts'
import type { ScheduleKeeper } from '../schedules/schedule-keeper.ts'
import type { ForkAt } from '../rewind/plan-fork.ts'
import { crashed } from '../refusals.ts'
import { wasReceived } from '../runs/replies.ts'
import { checkSignal } from '../runs/signals.ts'
import type { Answer } from '../runs/turns.ts'

/** What carrying out asks of the engine. */
export interface CarryHost {
  readonly store: Pick<StoreReader, 'head' | 'rows'>
  readonly live: ReadonlyMap<string, LiveRun>
  readonly maxPayload: number
  chain(id: string): CompiledChain | undefined
  reach(run: string): Promise<LiveRun | undefined>
  /** Lets a run that stands still leave memory. */
  forget(run: string): void
  readonly retry: Engine['retry']
  readonly fork: Engine['fork']
  readonly cancelDead: Engine['cancelDead']
  accept(targets: readonly CompiledChain[], input: unknown, options: Accept): Promise<string>
  commit(run: LiveRun, work: () => void, answer: Answer): Promise<void>
  /** The schedule of this name; refused where there is none. */
  schedule(name: string): ScheduleKeeper
  /** Answers an entry that changes nothing. */
  answer(answer: Answer): Promise<void>
  /** Tells the log of something that threw and should not have. */
  problem(run: string, what: string, error: unknown): void
  /** Whether nothing more may begin. */
  stopped(): boolean
}

/** Only another executor can judge the command: it stays where it is. */
class Kept extends CatenaryError {}

/**
 * @returns carries out the command of an entry. Entries of one run must come one after another.
 */
export function createCarryOut(
  host: CarryHost,
): (id: number, command: ClientCommand | CatenaryError) => Promise<void> {
  /** Runs whose start is kept: what follows it must not be refused for want of them. */
  const notBegun = new Set<string>()

  const begin = async (command: Starting, done: Answer): Promise<void> => {
    const ids = typeof command.chain === 'string' ? [command.chain] : command.chain
    const targets = ids.map((id) => {
      const chain = host.chain(id)
      if (chain !== undefined) return chain
      notBegun.add(command.run)
      throw new Kept(
        'CHAIN_UNKNOWN',
        `the executor has no chain "${id}": it begins when an executor opens the store that has it`,
      )
    })
    let answered = false
    const input = valueOf(command.input, `input of chain "${ids.join(', ')}"`)
    await host.accept(targets, input, {
      id: command.run,
      several: typeof command.chain !== 'string',
      ...(command.priority === undefined ? {} : { priority: command.priority }),
      ...(command.deadline === undefined ? {} : { deadline: command.deadline }),
      ...(command.attributes === undefined ? {} : { attributes: command.attributes }),
      ...(command.do === 'start'
        ? command.tick === undefined
          ? {}
          : { tick: command.tick }
        : {
            signal: {
              name: command.name,
              id: command.id,
              payload: valueOf(command.payload, `payload of signal "${command.name}"`),
            },
          }),
      answer: () => {
        answered = true
        return done
      },
    })
    if (answered) return
    // the run was there already
    if (command.do === 'start') return host.answer(done)
    const { run, name, id, payload } = command
    await act({ do: 'signal', run, name, id, ...(payload === undefined ? {} : { payload }) }, done)
  }

  const actOnSchedule = async (
    entry: number,
    { run, act: what, id }: ClientCommand & { readonly do: 'schedule' },
  ): Promise<void> => {
    const schedule = host.schedule(run)
    if (what !== 'trigger') {
      await schedule[what]()
      return host.answer(answerOf(entry, { ok: true, run }))
    }
    const started = await schedule.trigger(id)
    await host.answer(answerOf(entry, { ok: true, run: started }))
  }

  const act = async (command: AboutRun, done: Answer): Promise<void> => {
    const ready = await made(command)
    let live = await reached(command)
    // others had their turn since it was reached
    while (host.live.get(command.run) !== live || live.state.ended !== undefined)
      live = await reached(command)
    const work = workOf(live, ready)
    if (!host.stopped()) await host.commit(live, work, done)
  }

  const fork = async (id: number, command: ClientCommand & { readonly do: 'fork' }): Promise<void> => {
    const { run, as, seq, time } = command
    const at = seq ?? (time === undefined ? fromOf(command) : new Date(time))
    const before = host.live.has(as) || (await host.store.head(as)) !== undefined
    const done = answerOf(id, { ok: true, run: as })
    await host.fork(run, { at: at as ForkAt, id: as }, done)
    if (before) await host.answer(done)
  }

  const made = async (command: AboutRun): Promise<Ready> => {
    if (command.do === 'signal') return checked(command)
    if (command.do !== 'send') return command
    const parked = await wasParked(command.run)
    refuseUnjudged(await reached(command), parked, command)
    const decoded = valueOf(command.event, 'the event') as SentEvent | null | undefined
    if (typeof decoded?.type === 'string') return { ...command, decoded }
    throw new CatenaryError('INPUT_INVALID', 'the event has no type: send { type: ... }')
  }

  const checked = async (signal: ClientCommand & { readonly do: 'signal' }): Promise<typeof signal> => {
    const { name } = signal
    const what = `payload of signal "${name}"`
    const parked = await wasParked(signal.run)
    const live = await reached(signal)
    refuseUnjudged(live, parked, signal)
    const value = await checkSignal(live.state, live.services, {
      name,
      payload: valueOf(signal.payload, what),
      asks: signal.asks === true,
    }).catch((error: unknown) => {
      if (!CatenaryError.is(error) || error.code !== 'SIGNAL_UNKNOWN' || !isOfAnother(live)) throw error
      throw new Kept(
        'SIGNAL_UNKNOWN',
        `${error.message}; but the run began on another version of its chains, so the signal waits for an executor that has it`,
      )
    })
    const { payload: _, ...rest } = signal
    const payload = encodeGiven(value, what, host.maxPayload)
    return payload === undefined ? rest : { ...rest, payload }
  }

  const wasParked = async (run: string): Promise<boolean> =>
    !host.live.has(run) && (await host.store.head(run))?.status === 'needs-migration'

  /** A run whose machine is not here: what it waits for, and by which schema, only its own machine knows. */
  const refuseUnjudged = ({ runId, state: { parked } }: LiveRun, quiet: boolean, command: Told): void => {
    if (parked?.reason !== 'needs-migration') return
    // only where nothing of it is on its way to the store
    if (quiet) host.forget(runId)
    throw new Kept(
      'RUN_PARKED',
      `run ${runId} is parked as needs-migration, so the ${command.do} waits for an executor that has its chains: ${parked.detail}; to go on: ${parked.cure}`,
    )
  }

  /** Whether a chain of the run that has not ended is here in another version than it was accepted with. */
  const isOfAnother = ({ state }: LiveRun): boolean =>
    [...state.nodes.values()].some(
      ({ chain, version, status }) =>
        (status === 'pending' || status === 'running') && host.chain(chain)?.version !== version,
    )

  const reached = async (command: AboutRun): Promise<LiveRun> => {
    const { run } = command
    let live = await reach(command)
    // it may have left memory again before we came to it
    while (live !== undefined && host.live.get(run) !== live) live = await reach(command)
    if (live !== undefined && live.state.ended === undefined) return live
    throw new CatenaryError(
      'RUN_ENDED',
      `run ${run} has ended: it takes no ${command.do} any more; start another under another id`,
    )
  }

  const reach = async ({ run, do: what }: AboutRun): Promise<LiveRun | undefined> => {
    try {
      return await host.reach(run)
    } catch (error) {
      if (!CatenaryError.is(error) || error.code !== 'RUN_UNKNOWN' || !notBegun.has(run)) throw error
      throw new Kept(
        'CHAIN_UNKNOWN',
        `run ${run} has not begun, as the executor lacks its chain: the ${what} waits as its start does`,
      )
    }
  }

  /** What was delivered stays delivered, also to a run that has ended since. */
  const isDelivered = async (command: ClientCommand, error: unknown): Promise<boolean> =>
    (command.do === 'signal' || command.do === 'signal-or-start') &&
    CatenaryError.is(error) &&
    error.code === 'RUN_ENDED' &&
    wasReceived(host.store, command.run, command.id)

  const valueOf = (payload: string | undefined, what: string): unknown => {
    if (payload === undefined) return undefined
    if (payload.length > host.maxPayload) {
      throw new CatenaryError(
        'PAYLOAD_TOO_LARGE',
        `${what} takes ${payload.length} characters, more than maxPayload (${host.maxPayload}): keep the data elsewhere and send where it is`,
      )
    }
    try {
      return decode(payload)
    } catch (error) {
      throw new CatenaryError('INPUT_INVALID', `${what} cannot be read: encode it as JSON`, { cause: error })
    }
  }

  return async (id, command) => {
    if (host.stopped()) return
    const refuse = async (error: CatenaryError): Promise<void> => {
      const { code, message } = error
      const isKept = error instanceof Kept
      const reply: ClientReply = { ok: false, code, message, ...(isKept ? { kept: true } : {}) }
      await host.answer({ ...answerOf(id, reply), ...(isKept ? { kept: true } : {}) })
    }
    if (CatenaryError.is(command)) return refuse(command)
    const done = answerOf(id, { ok: true, run: command.run })
    try {
      if (command.do === 'start' || command.do === 'signal-or-start') await begin(command, done)
      else if (command.do === 'schedule') await actOnSchedule(id, command)
      else if (command.do === 'fork') await fork(id, command)
      else if (command.do === 'retry') await host.retry(command.run, fromOf(command), done)
      else if (command.do !== 'cancel' || !(await host.cancelDead(command.run, command.reason, done)))
        await act(command, done)
    } catch (error) {
      if (host.stopped()) return
      if (await isDelivered(command, error)) {
        await host.answer(done)
        return
      }
      if (CatenaryError.is(error)) {
        if (isOurs(error)) throw error
        await refuse(error)
        return
      }
      // taken up again by every executor, it would end each
      host.problem(command.run, `took no ${command.do} of another process`, error)
      await refuse(crashed(command.run, error))
    }
  }
}

function answerOf(id: number, reply: ClientReply): Answer {
  return { id, reply: JSON.stringify(reply) }
}
