// What people and programs may ask of a simulated supervisor, and what its answers must be true of.

import type { AnyChain } from '../../chain/any-chain.ts'
import type { Run } from '../../engine/runs/run.ts'
import type { Config } from '../../supervision/config.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Asks } from './asks.ts'
import type { Host } from './host.ts'
import type { Proof } from './proof.ts'
import type { Watch } from './watch.ts'

export interface CommandsOptions {
  readonly asks: Asks
  readonly chains: ReadonlyMap<string, AnyChain>
  readonly proof: Proof
  readonly watch: Watch
  /** A start that was not answered is asked again. */
  readonly again: (start: () => void) => void
}

type From = { readonly chain: string; readonly step?: string }

export interface Commands {
  /** Runs whose start was answered. */
  readonly accepted: ReadonlySet<string>
  /** Runs that were asked for and not accepted yet. */
  readonly wanted: ReadonlySet<string>
  start(id: string, target: readonly AnyChain[], input: unknown): void
  signal(run: string, name: string, id: string): void
  /** Changes the config, and maybe takes that back. */
  configure(recipe: (draft: Config) => void, revert: boolean): void
  /** Lets the chain begin that was held back, however often that has to be asked for. */
  release(chain: string): void
  /** Signals, and waits for the reply. */
  ask(run: string, name: string, id: string): void
  /** Signals a run, which begins with that where it has not. */
  tell(id: string, target: AnyChain, input: unknown, name: string, signal: string): void
  /** Sends an event to a machine of the user's own. */
  send(run: string, type: string, id: string, to: string): void
  pause(run: string): void
  resume(run: string): void
  cancel(run: string): void
  retry(run: string, from?: From): void
  /** Begins another run with the first events of a run, so many parts in 100 of them, or right before a step. */
  fork(run: string, as: string, at: number | From): void
}

const refusals: readonly string[] = [
  'QUARANTINED',
  'RUN_ENDED',
  'RUN_PARKED',
  'RUN_UNKNOWN',
  'SIGNAL_UNKNOWN',
]

export function createCommands({ asks, proof, watch, again }: CommandsOptions): Commands {
  const accepted = new Set<string>()
  const wanted = new Set<string>()

  const accept = (id: string): void => {
    accepted.add(id)
    wanted.delete(id)
    watch.catchUp()
    const kept = watch.runs.runs.has(id)
    proof.check('accepted', kept, () => `${id} was accepted, but is not in the journal`)
  }
  const start: Commands['start'] = (id, target, input) => {
    wanted.add(id)
    asks.ask(
      `start ${id}`,
      async ({ supervisor }) => supervisor?.start(target, input, { id }),
      (error) => {
        if (error === undefined) return accept(id)
        asks.expect(error, `start ${id}`, ['QUARANTINED'])
        again(() => start(id, target, input))
      },
    )
  }
  const command = (
    id: string,
    what: string,
    act: (run: Run) => Promise<unknown>,
    { done, allowed = refusals }: { readonly done?: () => void; readonly allowed?: readonly string[] } = {},
  ): void => {
    asks.ask(
      `${what} ${id}`,
      async ({ supervisor }) => {
        const run = await supervisor?.get(id)
        if (run === undefined) throw new CatenaryError('RUN_UNKNOWN', 'not yet')
        await act(run)
      },
      (error) => {
        if (error === undefined) done?.()
        else asks.expect(error, `${what} ${id}`, allowed)
      },
    )
  }
  const release: Commands['release'] = (chain) => {
    const act = async ({ supervisor }: Host): Promise<unknown> =>
      supervisor?.config.change((draft) => void delete draft.chains[chain])
    asks.ask(`release ${chain}`, act, (error) => {
      if (error === undefined) return
      asks.expect(error, `release ${chain}`, ['EXECUTOR_ONLY'])
      again(() => release(chain))
    })
  }
  return {
    accepted,
    wanted,
    start,
    signal(run, name, id) {
      const done = (): void => {
        watch.catchUp()
        const kept = watch.signals.received(run, id)
        proof.check('accepts', kept, () => `signal ${id} of ${run} is not in the journal`)
      }
      command(run, `signal ${name} ${id}`, async (one) => one.signal(name, { id }, { id }), { done })
    },
    configure(recipe, revert) {
      const act = async ({ supervisor }: Host): Promise<void> => {
        const back = await supervisor?.config.change(recipe)
        if (revert) await back?.()
      }
      asks.ask('config', act, (error) => {
        if (error !== undefined) asks.expect(error, 'config', ['EXECUTOR_ONLY'])
      })
    },
    release,
    ask(run, name, id) {
      const act = async (one: Run): Promise<void> => {
        const reply = await one.ask<{ readonly to: string }>(name, { id }, { id, timeout: 20_000 })
        proof.check('replies', reply.to === id, () => `${id} of ${run} was replied ${JSON.stringify(reply)}`)
      }
      command(run, `ask ${name} ${id}`, act, { allowed: [...refusals, 'REPLY_ABSENT', 'REPLY_LATE'] })
    },
    tell(id, target, input, name, signal) {
      const what = `signal ${name} ${signal} or start ${id}`
      asks.ask(
        what,
        async ({ supervisor }) =>
          supervisor?.signalOrStart(target, input as never, {
            id,
            signal: name,
            payload: { id: signal },
            signalId: signal,
          }),
        (error) => {
          if (error !== undefined) return asks.expect(error, what, refusals)
          accept(id)
          proof.check('accepts', watch.signals.received(id, signal), () => `${what} is not in the journal`)
        },
      )
    },
    send(run, type, id, to) {
      const act = async (one: Run): Promise<void> =>
        (one as Run<unknown, { readonly type: string }>).send({ type }, { id, to })
      const done = (): void => {
        watch.catchUp()
        proof.check(
          'accepts',
          watch.signals.received(run, id),
          () => `event ${id} of ${run} is not in the journal`,
        )
      }
      command(run, `send ${type} ${id}`, act, { done })
    },
    pause: (run) => command(run, 'pause', async (one) => one.pause()),
    resume: (run) => command(run, 'resume', async (one) => one.resume()),
    cancel: (run) => command(run, 'cancel', async (one) => one.cancel('by chance')),
    retry(run, from) {
      let before = 0
      const retries = (): number => watch.runs.runs.get(run)?.retries ?? 0
      const done = (): void => {
        watch.catchUp()
        proof.check('retried', retries() > before, () => `${run} was not retried, as was said`)
      }
      const act = async (one: Run): Promise<void> => {
        before = retries()
        await one.retry(from === undefined ? {} : { from })
      }
      command(run, 'retry', act, { done, allowed: ['RUN_UNKNOWN', 'RUN_NOT_RETRYABLE', 'STEP_UNKNOWN'] })
    },
    fork(run, as, at) {
      const act = async (one: Run): Promise<void> => {
        const seqs = watch.seqsOf(run)
        const seq = typeof at === 'number' ? seqs[Math.floor((seqs.length * at) / 100)] : undefined
        await one.fork({ at: seq ?? at, id: as })
      }
      const allowed = ['RUN_UNKNOWN', 'RUN_NOT_RETRYABLE', 'STEP_UNKNOWN', 'BAD_OPTION']
      command(run, `fork ${as}`, act, { done: () => accept(as), allowed })
    },
  }
}
