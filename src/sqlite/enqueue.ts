// Starts and signals of runs from within the host's own transaction: they are asked for if and only if it commits.

import type { AnyChain, InputOf } from '../chain/any-chain.ts'
import type { HostDatabase } from '../definition/host-database.ts'
import { refuseBadName } from '../engine/given-texts.ts'
import { refuseBadId, refuseBadOptions } from '../engine/runs/accept.ts'
import type { ClientCommand } from '../engine/clients/command.ts'
import type { StartOptions } from '../engine/supervisor.ts'
import { deadlineAt } from '../engine/runs/deadlines.ts'
import { encodeGiven } from '../engine/payloads.ts'
import { defaultLimits } from '../engine/services.ts'
import { validate } from '../execution/validate.ts'
import { systemClock } from '../kernel/clock.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { newRunId } from '../kernel/id.ts'
import { storeFailure } from './failure.ts'
import { postThrough } from './host-rows.ts'
import { refuseOtherFile } from './schema.ts'

export interface EnqueueOptions extends StartOptions {
  /** Largest input, in characters of its encoding; at most the supervisor's. Default 1,048,576. */
  readonly maxPayload?: number
}

export interface EnqueueSignalOptions {
  /** The same id is delivered once to a run. Default a new one. */
  readonly id?: string
  /** Largest payload, in characters of its encoding; at most the supervisor's. Default 1,048,576. */
  readonly maxPayload?: number
}

type InputArguments<C> =
  undefined extends InputOf<C>
    ? [input?: InputOf<C>, options?: EnqueueOptions]
    : [input: InputOf<C>, options?: EnqueueOptions]

/**
 * Asks for a run with the host's own connection to the store's file, in the transaction that is open on it: where that
 * is rolled back nothing was asked for, and once it is committed the run is started exactly once, by the executor that
 * is live or the next one. Without an open transaction it is one of its own. Works in any process, and in a
 * `transact` step with the step's own `db`.
 *
 * Throws `INPUT_INVALID` where the input does not fit the chain's schema, which must be synchronous
 * (`TRANSACT_ASYNC`), and `STORE_UNAVAILABLE`, `STORE_READONLY` or `STORE_CORRUPT` where the connection is not to a
 * store of this release, or may not write.
 *
 * @param db a connection of node:sqlite, or one like it, to the file that is the supervisor's `store`.
 * @returns the id of the run to be.
 * @example
 * ```ts
 * const ship = chain<{ order: string }>('ship').step('send', ({ input }) => input.order)
 * const supervisor = await createSupervisor({ chains: [ship], store: 'orders.db' })
 * const db = new DatabaseSync('orders.db')
 * db.exec('BEGIN IMMEDIATE')
 * const run = enqueue(db, ship, { order: 'o-1' }, { id: 'ship-o-1' })
 * db.exec('COMMIT')
 * await supervisor.stop()
 * ```
 */
export function enqueue<C extends AnyChain>(
  db: HostDatabase,
  chain: C,
  ...[input, options = {}]: InputArguments<C>
): string {
  if ((chain as Partial<AnyChain> | undefined)?.spec === undefined)
    throw new CatenaryError('BAD_OPTION', 'what is to be started is no chain: give what chain(id) made')
  const { id = newRunId(systemClock), maxPayload = defaultLimits.maxPayload, ...rest } = options
  refuseBadOptions([chain], rest)
  refuseBadId(id)
  const what = `input of chain "${chain.id}"`
  const { input: schema } = chain.spec
  if (schema !== undefined) {
    let refusal: CatenaryError | undefined = new CatenaryError(
      'TRANSACT_ASYNC',
      `the schema for the ${what} is asynchronous: check by it before the transaction, and start() the run after it`,
    )
    // what the executor gets is the input itself: it is made what the schema returns there
    validate(schema, input, what, (outcome) => {
      refusal = outcome.ok ? undefined : new CatenaryError('INPUT_INVALID', outcome.failure.message)
    })
    if (refusal !== undefined) throw refusal
  }
  const payload = encodeGiven(input, what, maxPayload)
  post(db, {
    do: 'start',
    run: id,
    chain: chain.id,
    ...(payload === undefined ? {} : { input: payload }),
    ...(rest.priority === undefined ? {} : { priority: rest.priority }),
    ...(rest.deadline === undefined ? {} : { deadline: deadlineAt(rest.deadline, systemClock.now()) }),
    ...(rest.attributes === undefined ? {} : { attributes: rest.attributes }),
  })
  return id
}

/**
 * Sends a signal to a run as `enqueue` asks for one: in the host's open transaction, delivered exactly once after it
 * commits. The payload is judged by the schema of the `wait` when it is delivered.
 *
 * @param run the run's id.
 * @returns the signal's id.
 * @example
 * ```ts
 * await (await createSupervisor({ chains: [report], store: 'orders.db' })).stop()
 * enqueueSignal(new DatabaseSync('orders.db'), 'ship-o-1', 'approval', { by: 'ada' })
 * ```
 */
export function enqueueSignal(
  db: HostDatabase,
  run: string,
  name: string,
  payload?: unknown,
  options: EnqueueSignalOptions = {},
): string {
  const { id = newRunId(systemClock), maxPayload = defaultLimits.maxPayload } = options
  refuseBadId(run)
  refuseBadName(name, 'the name of a signal')
  refuseBadName(id, 'the id of a signal')
  const encoded = encodeGiven(payload, `payload of signal "${name}"`, maxPayload)
  post(db, { do: 'signal', run, name, id, ...(encoded === undefined ? {} : { payload: encoded }) })
  return id
}

function post(db: HostDatabase, command: ClientCommand): void {
  const body = JSON.stringify(command)
  const at = systemClock.now()
  const through = postThrough(db)
  if (through !== undefined) return void through(body, at)
  try {
    refuseOtherFile(db)
    // a temporary table of the connection may have the name
    db.prepare('INSERT INTO main.inbox (at, body) VALUES (?, ?)').run(at, body)
  } catch (error) {
    throw storeFailure(error, "this connection's file")
  }
}
