// Makes a command about a run ready: reaches the run and checks what it is told; kept is what only another executor can judge.

import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { StoreReader } from '../../journal/store.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { decodeGiven, encodeGiven } from '../payloads.ts'
import type { LiveRun } from '../runs/live-run.ts'
import { checkSignal } from '../runs/signals.ts'
import type { ClientCommand } from './command.ts'
import type { AboutRun, Ready, SentEvent, Told } from './command-work.ts'

/** What making ready asks of the engine. */
export interface ReadyHost {
  readonly store: Pick<StoreReader, 'head'>
  readonly live: ReadonlyMap<string, LiveRun>
  readonly maxPayload: number
  chain(id: string): CompiledChain | undefined
  reach(run: string): Promise<LiveRun | undefined>
  /** Lets a run that stands still leave memory. */
  forget(run: string): void
}

/** Only another executor can judge the command: it stays where it is. */
export class Kept extends CatenaryError {}

export interface MakeReady {
  /** The run, alive and not ended; others may have their turn before the caller comes to it. */
  reached(command: AboutRun): Promise<LiveRun>
  made(command: AboutRun): Promise<Ready>
  /** Keeps the start of a run whose chain is not here: what follows it must not be refused for want of the run. */
  keepStart(run: string, chain: string): never
}

export function createMakeReady(host: ReadyHost): MakeReady {
  const notBegun = new Set<string>()

  const made = async (command: AboutRun): Promise<Ready> => {
    if (command.do === 'signal') return checked(command)
    if (command.do !== 'send') return command
    const parked = await wasParked(command.run)
    refuseUnjudged(await reached(command), parked, command)
    const decoded = decodeGiven(command.event, 'the event', host.maxPayload) as SentEvent | null | undefined
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
      payload: decodeGiven(signal.payload, what, host.maxPayload),
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

  return {
    made,
    reached,
    keepStart(run, chain) {
      notBegun.add(run)
      throw new Kept(
        'CHAIN_UNKNOWN',
        `the executor has no chain "${chain}": it begins when an executor opens the store that has it`,
      )
    },
  }
}
