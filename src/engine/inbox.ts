// Carries out what other processes left in the store's inbox, each entry in the commit that also answers it.

import type { CompiledChain } from '../definition/compiled-chain.ts'
import type { Store } from '../journal/store.ts'
import { decode } from '../kernel/codec.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type ClientCommand, type ClientReply, readCommand } from './command.ts'
import type { Accept } from './accept.ts'
import type { LiveRun } from './live-run.ts'
import { encodeGiven } from './payloads.ts'
import { checkSignal } from './signals.ts'
import type { Answer } from './turns.ts'

/** What the inbox asks of the engine. */
export interface InboxHost {
  readonly store: Pick<Store, 'inbox'>
  readonly clock: Clock
  readonly live: ReadonlyMap<string, LiveRun>
  readonly maxPayload: number
  chain(id: string): CompiledChain | undefined
  reach(run: string): Promise<LiveRun | undefined>
  accept(targets: readonly CompiledChain[], input: unknown, options: Accept): Promise<string>
  commit(run: LiveRun, work: () => void, answer: Answer): Promise<void>
  /** Answers an entry that changes nothing. */
  answer(answer: Answer): Promise<void>
  failed(error: unknown): void
}

export interface Inbox {
  /** Carries out what is there, then looks again and again. */
  start(): void
  /** Begins nothing more; what was not begun is the next executor's. */
  stop(): void
}

/** Looks so often while commands come, and at least so often where none comes (ms). */
const often = 200
const seldom = 1_000
const page = 256

export function createInbox(host: InboxHost): Inbox {
  const { clock } = host
  /** Begun and not yet durable: the store still shows them. */
  const inHand = new Set<number>()
  const lanes = new Map<string, Promise<void>>()
  let stopped = false
  let wait = often
  let cancel: Cancel | undefined

  const look = async (): Promise<void> => {
    try {
      const entries = (await host.store.inbox(page)).filter(({ id }) => !inHand.has(id))
      if (stopped) return
      wait = entries.length > 0 ? often : Math.min(seldom, wait + often)
      for (const { id, body } of entries) enqueue(id, commandIn(body))
    } catch (error) {
      if (!stopped) host.failed(error)
    }
    if (!stopped) cancel = clock.at(clock.now() + wait, () => void look())
  }

  /** Entries for one run go in their order; one that never ends, as by a schema without an answer, holds up no other run. */
  const enqueue = (id: number, command: ClientCommand | CatenaryError): void => {
    inHand.add(id)
    const lane = 'run' in command ? command.run : ''
    const before = lanes.get(lane) ?? Promise.resolve()
    const done = before
      .then(async () => carryOut(id, command))
      .catch((error: unknown) => {
        if (!stopped) host.failed(error)
      })
      .finally(() => {
        inHand.delete(id)
        if (lanes.get(lane) === done) lanes.delete(lane)
      })
    lanes.set(lane, done)
  }

  const carryOut = async (id: number, command: ClientCommand | CatenaryError): Promise<void> => {
    if (stopped) return
    const refuse = async (error: CatenaryError): Promise<void> =>
      host.answer(answerOf(id, { ok: false, code: error.code, message: error.message }))
    if (CatenaryError.is(command)) return refuse(command)
    const done = answerOf(id, { ok: true, run: command.run })
    try {
      if (command.do === 'start') await begin(command, done)
      else await act(command, done)
    } catch (error) {
      if (stopped) return
      if (!CatenaryError.is(error) || !refusals.has(error.code)) throw error
      await refuse(error)
    }
  }

  const begin = async (command: ClientCommand & { readonly do: 'start' }, done: Answer): Promise<void> => {
    const chain = host.chain(command.chain)
    if (chain === undefined) {
      throw new CatenaryError(
        'CHAIN_UNKNOWN',
        `the executor has no chain "${command.chain}": start it where that chain is registered`,
      )
    }
    let answered = false
    await host.accept([chain], valueOf(command.input, `input of chain "${command.chain}"`), {
      id: command.run,
      ...(command.priority === undefined ? {} : { priority: command.priority }),
      ...(command.attributes === undefined ? {} : { attributes: command.attributes }),
      answer: () => {
        answered = true
        return done
      },
    })
    // the run was there already
    if (!answered) await host.answer(done)
  }

  const act = async (command: Exclude<ClientCommand, { do: 'start' }>, done: Answer): Promise<void> => {
    const ready = command.do === 'signal' ? await checked(command) : command
    let live = await reached(command)
    // others had their turn since it was reached
    while (host.live.get(command.run) !== live || live.state.ended !== undefined)
      live = await reached(command)
    const target = live
    if (!stopped) await host.commit(target, () => apply(target, ready), done)
  }

  const checked = async (signal: ClientCommand & { readonly do: 'signal' }): Promise<typeof signal> => {
    const { name } = signal
    const what = `payload of signal "${name}"`
    const { state, services } = await reached(signal)
    const value = await checkSignal(state, services, { name, payload: valueOf(signal.payload, what) })
    const { payload: _, ...rest } = signal
    const payload = encodeGiven(value, what, host.maxPayload)
    return payload === undefined ? rest : { ...rest, payload }
  }

  const reached = async (command: Exclude<ClientCommand, { do: 'start' }>): Promise<LiveRun> => {
    const { run } = command
    let live = await host.reach(run)
    // it may have left memory again before we came to it
    while (live !== undefined && host.live.get(run) !== live) live = await host.reach(run)
    if (live !== undefined && live.state.ended === undefined) return live
    throw new CatenaryError('RUN_ENDED', `run ${run} has ended: it takes no ${command.do} any more`)
  }

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

  return {
    start: () => void look(),
    stop() {
      stopped = true
      cancel?.()
    },
  }
}

/** What is the sender's mistake; anything else is ours, and the engine's to deal with. */
const refusals: ReadonlySet<CatenaryError['code']> = new Set([
  'BAD_DEFINITION',
  'BAD_OPTION',
  'CHAIN_UNKNOWN',
  'INPUT_INVALID',
  'PAYLOAD_NOT_SERIALISABLE',
  'PAYLOAD_TOO_LARGE',
  'RUN_ENDED',
  'RUN_UNKNOWN',
  'SIGNAL_INVALID',
  'SIGNAL_UNKNOWN',
])

function commandIn(body: string): ClientCommand | CatenaryError {
  try {
    return readCommand(body)
  } catch (error) {
    if (CatenaryError.is(error)) return error
    throw error
  }
}

function answerOf(id: number, reply: ClientReply): Answer {
  return { id, reply: JSON.stringify(reply) }
}

function apply(live: LiveRun, command: Exclude<ClientCommand, { do: 'start' }>): void {
  switch (command.do) {
    case 'signal':
      return live.signal(command.name, command.id, command.payload)
    case 'cancel':
      return live.cancel(command.reason)
    case 'pause':
      return live.pause()
    case 'resume':
      return live.resume()
  }
}
