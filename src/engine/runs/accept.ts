// Accepts runs: plans, takes the run in, and resolves once its acceptance is durable.

import { type AttributeKinds, problemsOfAttributes } from '../../definition/attributes.ts'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import type { Payload, RunTick } from '../../journal/event.ts'
import { acceptRun } from '../../journal/run-state.ts'
import type { StoreReader } from '../../journal/store.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Config } from '../../supervision/config.ts'
import type { ChainSpec } from '../../definition/spec.ts'
import { type Deadline, deadlineAt, withDeadlines } from './deadlines.ts'
import { newRunId } from '../../kernel/id.ts'
import type { Engine } from '../engine.ts'
import type { Nursery } from '../nursery.ts'
import { type Plan, planRun, withoutDropped } from './plan.ts'
import { encodeGiven } from '../payloads.ts'
import { servicesRun } from '../service-facts.ts'
import type { Services } from '../services.ts'
import { checkSignal } from './signals.ts'
import type { Answer } from './turns.ts'

export interface Accept {
  readonly id?: string
  readonly priority?: number
  /** A list of chains was asked for. Default false. */
  readonly several?: boolean
  readonly deadline?: Deadline
  readonly tick?: RunTick
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
  /** Delivered with the acceptance, where this begins a new run. */
  readonly signal?: { readonly name: string; readonly id: string; readonly payload: unknown }
  /** Told where this begins a new run. */
  readonly begun?: () => void
  /** Asked for where this begins a new run: the inbox entry that its acceptance answers. */
  readonly answer?: () => Answer
}

export interface AcceptHost {
  readonly store: Pick<StoreReader, 'head'>
  readonly services: Services
  readonly chains: ReadonlyMap<string, CompiledChain>
  readonly nursery: Nursery
  readonly commit: Engine['commit']
  /** Throws where no run may begin. */
  readonly refuseUnlessOpen: () => void
}

/** @returns a function that gives the id of the run that was begun, or of the one that had the id already. */
export function createAccept({
  store,
  services,
  chains,
  nursery,
  commit,
  refuseUnlessOpen,
}: AcceptHost): Engine['accept'] {
  const { clock, config, limits } = services
  const accepting = new Map<string, Promise<string>>()

  const checked = async (
    run: string,
    { targets, nodes }: Plan,
    signal: NonNullable<Accept['signal']>,
  ): Promise<{ name: string; id: string; payload: Payload | undefined }> => {
    const fact = { type: 'run.accepted', targets, plan: nodes, priority: 0, config: config.version } as const
    const value = await checkSignal(acceptRun({ ...fact, seq: 0, at: clock.now(), run }), services, signal)
    const payload = encodeGiven(value, `payload of signal "${signal.name}"`, limits.maxPayload)
    return { name: signal.name, id: signal.id, payload }
  }
  const begin = async (
    run: string,
    targets: readonly CompiledChain[],
    input: unknown,
    given: Accept,
  ): Promise<string> => {
    for (const { spec } of targets) refuseQuarantined(config.current, spec.id)
    const planned = await planRun(targets, input, { chains, clock, ...limits })
    const signal = given.signal && (await checked(run, planned, given.signal))
    refuseUnlessOpen()
    const arm = services.trials.draw(planned.targets, planned.nodes)
    const plan = config.drops(arm)
      ? {
          ...planned,
          nodes: withoutDropped(planned.nodes, (chain, name) => config.dropped(chain, name, arm)),
        }
      : planned
    const now = clock.now()
    const deadline = given.deadline === undefined ? undefined : deadlineAt(given.deadline, now)
    const of = (chain: string): ChainSpec | undefined => chains.get(chain)?.spec
    const fact = {
      type: 'run.accepted' as const,
      targets: plan.targets,
      ...(given.several === true ? { several: true as const } : {}),
      plan: withDeadlines(plan.nodes, plan.targets, of, { now, run: deadline }),
      priority: given.priority ?? Math.max(...targets.map(({ spec }) => spec.priority)),
      config: config.version,
      ...(deadline === undefined ? {} : { deadline }),
      ...(given.tick === undefined ? {} : { tick: given.tick }),
      ...(given.attributes === undefined ? {} : { attributes: given.attributes }),
      ...(arm === undefined ? {} : { arm }),
      ...(plan.input === undefined ? {} : { payload: plan.input }),
    }
    const created = nursery.adopt(acceptRun({ ...fact, seq: 0, at: now, run }))
    const first = (): void => {
      created.record(fact)
      const poisoned = services.poisons.parkingOf(created.state)
      if (poisoned === undefined) created.begin()
      else created.record(poisoned)
      if (signal !== undefined) created.signal(signal.name, signal.id, signal.payload)
    }
    given.begun?.()
    await commit(created, first, given.answer?.())
    return run
  }

  return async (targets, input, given) => {
    refuseUnlessOpen()
    refuseBadOptions(targets, given)
    const { id } = given
    if (id === undefined) return begin(newRunId(clock), targets, input, given)
    refuseBadId(id)
    const pending = accepting.get(id)
    if (pending !== undefined) return pending
    const accepted = (async () => {
      if (nursery.live.has(id) || (await store.head(id)) !== undefined) return id
      return begin(id, targets, input, given)
    })()
    accepting.set(id, accepted)
    try {
      return await accepted
    } finally {
      accepting.delete(id)
    }
  }
}

/** Of a quarantined chain no new run is begun; runs that need it wait for it. */
function refuseQuarantined({ chains }: Readonly<Config>, id: string): void {
  const why = chains[id]?.quarantined
  if (why === undefined) return
  throw new CatenaryError(
    'QUARANTINED',
    `chain "${id}" is quarantined: ${why}; delete "quarantined" of it from the config to start it again`,
  )
}

/** What the store and every head would have to carry: a mistake here must not reach them. */
export function refuseBadOptions(
  targets: readonly Pick<CompiledChain, 'spec'>[],
  { priority, deadline, attributes }: Pick<Accept, 'priority' | 'deadline' | 'attributes'>,
): void {
  if (deadline !== undefined) deadlineAt(deadline, 0)
  if (priority !== undefined && !Number.isFinite(priority))
    throw new CatenaryError('BAD_OPTION', `priority is ${String(priority)}: give a finite number`)
  if (attributes === undefined) return
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    throw new CatenaryError('BAD_OPTION', 'attributes is no object: give { name: value }')
  const problems = problemsOfAttributes(attributes, declaredBy(targets))
  if (problems.length > 0) throw new CatenaryError('BAD_OPTION', problems.join('; '))
}

/** What several chains declare, a run of all of them may have; undefined where one of them takes any. */
function declaredBy(targets: readonly Pick<CompiledChain, 'spec'>[]): AttributeKinds | undefined {
  const all = targets.map(({ spec }) => spec.attributes)
  return all.includes(undefined) ? undefined : Object.assign({}, ...all)
}

export function refuseBadId(id: string): void {
  const fits = typeof id === 'string' && id.length > 0 && id.length <= 200 && id !== servicesRun
  if (fits && id.isWellFormed() && !id.includes('\0')) return
  throw new CatenaryError(
    'BAD_OPTION',
    'a run id is a text of 1 to 200 characters, without NUL or half characters',
  )
}
