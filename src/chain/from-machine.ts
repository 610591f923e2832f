// `fromMachine(id, machine)`: brings a user's own XState machine, as it is, to where chains are durable.

import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  EventFromLogic,
  InputFrom,
  OutputFrom,
  SnapshotFrom,
} from 'xstate'
import { toMs } from '../kernel/duration.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type KnownOptions, refuseUnknownOptions } from '../kernel/known-options.ts'
import type { GuestSpec } from '../definition/guest.ts'
import type { ChainOptions } from './create-chain.ts'
import { deprecation, objective } from '../definition/objective.ts'
import { problemsOfGuest } from './guest-problems.ts'
import { MachineChain } from './machine-chain.ts'
import { concurrent } from './concurrency.ts'
import { chainMemo, poisonAfter } from './memo-options.ts'
import { scheduled } from './schedule.ts'

export interface MachineOptions<M extends AnyStateMachine, In, N> extends Omit<ChainOptions, 'output'> {
  /** Say a new one when functions change so that live runs must not go on with them. Default the machine's, or `'1'`. */
  readonly version?: string
  /** What the machine gets as its input. Default the chain's own input. */
  readonly input?: (scope: { readonly input: In; readonly needs: N }) => InputFrom<M>
  /** Asked when the machine is done: why the chain has failed all the same; undefined where it has succeeded. */
  readonly failed?: (snapshot: SnapshotFrom<M>) => string | undefined
  /**
   * Names of actors, or ids of inline ones, that may be lost: they start again after a restore and nothing of them
   * is journalled. A run in which one is active stays in memory. Default none.
   */
  readonly volatile?: readonly string[]
}

const known: KnownOptions<MachineOptions<AnyStateMachine, unknown, unknown>> = {
  input: true,
  failed: true,
  volatile: true,
  version: true,
  description: true,
  owner: true,
  tags: true,
  priority: true,
  deadline: true,
  concurrency: true,
  attributes: true,
  schedule: true,
  memo: true,
  poison: true,
  slo: true,
  deprecated: true,
}

/**
 * A chain of a user's own XState machine, unmodified. Its output is the machine's; the promises named in
 * `setup({ actors })` are attempts, its delays and its state survive the process.
 *
 * @example
 * ```ts
 * const door = setup({ types: { events: {} as { type: 'OPEN' } } }).createMachine({
 *   initial: 'closed',
 *   states: { closed: { on: { OPEN: 'open' } }, open: { type: 'final' } },
 *   output: 'came in',
 * })
 * const enter = fromMachine('enter', door)
 * const supervisor = await createSupervisor({ chains: [enter] })
 * const run = await supervisor.start(enter)
 * await run.send({ type: 'OPEN' })
 * console.log(await run.result())
 * ```
 */
export function fromMachine<M extends AnyStateMachine, In = InputFrom<M>, N = unknown>(
  id: string,
  machine: M,
  options: MachineOptions<M, In, N> = {},
): MachineChain<In, OutputFrom<M>, EventFromLogic<M>> {
  refuseUnknownOptions(options, known, `fromMachine("${id}")`)
  const {
    version,
    tags = [],
    priority = 0,
    deadline,
    concurrency,
    schedule,
    memo,
    poison,
    slo,
    deprecated,
    input,
    failed,
    volatile = [],
    ...rest
  } = options
  if (typeof (machine as { provide?: unknown } | undefined)?.provide !== 'function') {
    throw new CatenaryError(
      'BAD_DEFINITION',
      `fromMachine("${id}") was given no state machine: make one with setup(...).createMachine(...) of XState 5`,
    )
  }
  const problems = problemsOfGuest(machine, volatile)
  if (problems.length > 0) {
    throw new CatenaryError(
      'BAD_DEFINITION',
      `the machine of chain "${id}" cannot be durable as it is:${problems.map((one) => `\n  - ${one}`).join('')}`,
    )
  }
  const guest: GuestSpec = {
    machine,
    volatile,
    ...(input === undefined ? {} : { input: input as NonNullable<GuestSpec['input']> }),
    ...(failed === undefined
      ? {}
      : { failed: failed as (snapshot: AnyMachineSnapshot) => string | undefined }),
  }
  return new MachineChain({
    ...rest,
    ...(memo === undefined ? {} : { memo: chainMemo(id, memo) }),
    ...(poison === undefined ? {} : { poison: poisonAfter(poison, `poison of chain "${id}"`) }),
    ...objective(id, slo),
    ...deprecation(id, deprecated),
    ...scheduled(id, schedule),
    id,
    version: version ?? machine.version ?? '1',
    tags,
    priority,
    ...(deadline === undefined ? {} : { deadline: toMs(deadline, `deadline of chain "${id}"`) }),
    ...concurrent(concurrency),
    needs: [],
    follows: [],
    rule: 'all_success',
    entries: [],
    guest,
  })
}
