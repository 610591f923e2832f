// Carries out one command of another process: what commits it also answers it, and what nobody here can judge is kept.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { StoreReader } from '../../journal/store.ts'
import type { Accept } from '../runs/accept.ts'
import type { ActionAct, ClientCommand, ClientReply, SuggestionAct } from './command.ts'
import { type AboutRun, fromOf, isOurs, type Starting, workOf } from './command-work.ts'
import { createMakeReady, Kept, type ReadyHost } from './make-ready.ts'
import type { Engine } from '../engine.ts'
import type { LiveRun } from '../runs/live-run.ts'
import { decodeGiven } from '../payloads.ts'
import type { ScheduleKeeper } from '../schedules/schedule-keeper.ts'
import type { ForkAt } from '../rewind/plan-fork.ts'
import { crashed } from '../refusals.ts'
import { wasReceived } from '../runs/replies.ts'
import type { Answer } from '../runs/turns.ts'

/** What carrying out asks of the engine. */
export interface CarryHost extends ReadyHost {
  readonly store: Pick<StoreReader, 'head' | 'rows'>
  readonly retry: Engine['retry']
  readonly fork: Engine['fork']
  readonly cancelDead: Engine['cancelDead']
  readonly audit: Engine['audit']
  accept(targets: readonly CompiledChain[], input: unknown, options: Accept): Promise<string>
  commit(run: LiveRun, work: () => void, answer: Answer): Promise<void>
  /** The schedule of this name; refused where there is none. */
  schedule(name: string): ScheduleKeeper
  /** Does something with a suggestion. @returns what came of it: a trial's id, or a version of the config. */
  suggestion(id: string, act: SuggestionAct, why: string | undefined): Promise<string>
  /** Does something with an action of the analyzer. */
  action(id: string, act: ActionAct, why: string | undefined): Promise<void>
  /** Answers an entry that changes nothing. */
  answer(answer: Answer): Promise<void>
  /** Tells the log of something that threw and should not have. */
  problem(run: string, what: string, error: unknown): void
  /** Whether nothing more may begin. */
  stopped(): boolean
}

/**
 * @returns carries out the command of an entry. Entries of one run must come one after another.
 */
export function createCarryOut(
  host: CarryHost,
): (id: number, command: ClientCommand | CatenaryError) => Promise<void> {
  const ready = createMakeReady(host)

  const begin = async (command: Starting, done: Answer): Promise<void> => {
    const ids = typeof command.chain === 'string' ? [command.chain] : command.chain
    const targets = ids.map((id) => host.chain(id) ?? ready.keepStart(command.run, id))
    let answered = false
    const input = decodeGiven(command.input, `input of chain "${ids.join(', ')}"`, host.maxPayload)
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
              payload: decodeGiven(command.payload, `payload of signal "${command.name}"`, host.maxPayload),
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
    const checked = await ready.made(command)
    let live = await ready.reached(command)
    // others had their turn since it was reached
    while (host.live.get(command.run) !== live || live.state.ended !== undefined)
      live = await ready.reached(command)
    const work = workOf(live, checked)
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

  /** What was delivered stays delivered, also to a run that has ended since. */
  const isDelivered = async (command: ClientCommand, error: unknown): Promise<boolean> =>
    (command.do === 'signal' || command.do === 'signal-or-start') &&
    CatenaryError.is(error) &&
    error.code === 'RUN_ENDED' &&
    wasReceived(host.store, command.run, command.id)

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
      else if (command.do === 'suggestion') {
        const run = await host.suggestion(command.run, command.act, command.reason)
        await host.answer(answerOf(id, { ok: true, run }))
      } else if (command.do === 'action') {
        await host.action(command.run, command.act, command.reason)
        await host.answer(done)
      } else if (command.do === 'fork') await fork(id, command)
      else if (command.do === 'audit')
        await host.audit({ command: command.command, of: command.run, by: command.by }, done)
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
