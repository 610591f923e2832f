// A supervisor that does not execute: it leaves commands for the process that does, and reads what came of them.

import { toTheEnd } from '../runs/to-the-end.ts'
import { createEventsAfter } from '../events-after.ts'
import { createAnalyzer } from '../analyzer.ts'
import { analyzeTerms } from '../actions/terms.ts'
import { farActions } from '../actions/far-actions.ts'
import { createFarHands } from '../reflector/apply.ts'
import { createReflector } from '../reflector/reflector.ts'
import { suggestBy } from '../reflector/suggest-by.ts'
import { reflectTerms } from '../reflector/terms.ts'
import { guardLogger } from '../guard-host.ts'
import { throwError } from 'rxjs'
import type { AnyChain } from '../../chain/any-chain.ts'
import { define } from '../../chain/definition.ts'
import type { Payload, RunTick } from '../../journal/event.ts'
import { membersOf } from '../../chain/members.ts'
import type { StoreClient } from '../../journal/store.ts'
import { systemClock } from '../../kernel/clock.ts'
import { toMs } from '../../kernel/duration.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { inWords } from '../../kernel/failure.ts'
import { newRunId } from '../../kernel/id.ts'
import { ask } from './client.ts'
import { type ClientDesk, createClientRun } from './client-run.ts'
import type { SupervisorOptions } from '../supervisor-options.ts'
import type { RunQuery, SignalOrStart, StartOptions, Target } from '../supervisor.ts'
import { deadlineAt } from '../runs/deadlines.ts'
import { createGapless } from './gapless.ts'
import { listed } from '../runs/listed-run.ts'
import { headQueryOf, refuseBadStart, refuseUnnamed } from '../options.ts'
import { encodeGiven } from '../payloads.ts'
import { createPoll } from './poll.ts'
import { withInternals } from '../internals.ts'
import { executorOnly, stopped, unregisteredChain } from '../refusals.ts'
import type { Face } from './role.ts'
import { createScheduleFace } from '../schedules/schedule-face.ts'
import { readSchedules } from '../schedules/schedule-note.ts'
import { defaultLimits } from '../services.ts'
import { waitingRuns } from '../runs/waiting.ts'

type ClientRun = ReturnType<typeof createClientRun<never>>

export function createClientSupervisor(store: StoreClient, options: SupervisorOptions): Face {
  const { specs } = membersOf(options.chains, options)
  const known = new Set(specs.map(({ id }) => id))
  const clock = options.clock ?? systemClock
  const maxPayload = options.maxPayload ?? defaultLimits.maxPayload
  const timeout = toMs(options.answerWithin ?? defaultAnswerWithin, 'answerWithin')
  const poll = createPoll(clock)
  const events = createGapless(clock, () => store, { retry: false })
  const logger = guardLogger(options.logger)
  const observed = {
    clock,
    reader: () => store,
    events$: events.events$,
    problem: (what: string, error: unknown) => logger.error({ error }, `${what}: ${inWords(error)}`),
  }
  let state = 'client'

  const desk: ClientDesk = {
    store,
    clock,
    poll,
    maxPayload,
    events$: events.events$,
    async tell(command) {
      if (state === 'stopped') throw stopped()
      return ask(store, clock, command, { timeout, poll })
    },
  }
  const analyzer = createAnalyzer({
    ...observed,
    terms: analyzeTerms(options.analyze),
    hands: () => farActions(async (command) => desk.tell(command)),
  })
  const reflector = createReflector({
    clock,
    reader: () => store,
    suggest: suggestBy(options.reflect, clock),
    // what applies itself does so where the store is executed
    terms: { ...reflectTerms(options.reflect), policy: 'ask' },
    hands: createFarHands(async (command) => desk.tell(command)),
    problem: (what, error) => logger.error({ error }, `${what}: ${inWords(error)}`),
  })
  const actOnSchedule: Face['actOnSchedule'] = async (name, act, id) =>
    (await desk.tell({ do: 'schedule', run: name, act, id })).run
  const start = async (
    given: Target,
    input?: unknown,
    accepted: StartOptions & { readonly tick?: RunTick } = {},
    signal?: { readonly name: string; readonly id: string; readonly payload?: Payload },
  ): Promise<ClientRun> => {
    refuseBadStart(accepted)
    const { id: run = newRunId(clock), priority, deadline, attributes, tick } = accepted
    const targets = Array.isArray(given) ? (given as readonly AnyChain[]) : [given as AnyChain]
    const ids = targets.map((target) => {
      const id = (target as AnyChain | undefined)?.id
      if (id === undefined || !known.has(id)) throw unregisteredChain(id)
      return id
    })
    const [first] = ids
    if (first === undefined) throw new CatenaryError('BAD_OPTION', 'no chain was given to start')
    const payload = encodeGiven(input, `input of chain "${ids.join(', ')}"`, maxPayload)
    const asked = {
      run,
      chain: Array.isArray(given) ? ids : first,
      ...(payload === undefined ? {} : { input: payload }),
      ...(priority === undefined ? {} : { priority }),
      ...(deadline === undefined ? {} : { deadline: deadlineAt(deadline, clock.now()) }),
      ...(attributes === undefined ? {} : { attributes }),
    }
    if (signal !== undefined) await desk.tell({ do: 'signal-or-start', ...asked, ...signal })
    else await desk.tell({ do: 'start', ...asked, ...(tick === undefined ? {} : { tick }) })
    return createClientRun<never>(run, desk)
  }
  const signalOrStart = async (chain: AnyChain, input: unknown, asked: SignalOrStart): Promise<ClientRun> => {
    refuseUnnamed(asked)
    const { signal: name, payload, signalId = newRunId(clock), ...given } = asked
    const encoded = encodeGiven(payload, `payload of signal "${name}"`, maxPayload)
    return start(chain, input, given, {
      name,
      id: signalId,
      ...(encoded === undefined ? {} : { payload: encoded }),
    })
  }
  const stop = async (): Promise<void> => {
    if (state === 'stopped') return
    state = 'stopped'
    analyzer.stop()
    reflector.stop()
    events.stop()
    poll.stop(stopped())
    await store.close()
  }
  const supervisor: Face = {
    start: async (target: Target, input?: unknown, given?: StartOptions) => start(target, input, given),
    signalOrStart,
    ...toTheEnd(start),
    async get(id: string) {
      if (typeof id !== 'string') throw new CatenaryError('BAD_OPTION', 'give the id of a run: a text')
      const head = await store.head(id)
      return head === undefined ? undefined : createClientRun<never>(id, desk)
    },
    async list(query: RunQuery = {}) {
      return (await store.heads(headQueryOf(query))).map(listed)
    },
    waiting: async (signal, page) => waitingRuns(store, signal, page),
    config: {
      get current(): never {
        throw executorOnly('the config is read')
      },
      get version(): never {
        throw executorOnly('the config is read')
      },
      change: async () => Promise.reject(executorOnly('the config is changed')),
    },
    graph: () => specs.map(define),
    actOnSchedule,
    ...createScheduleFace({
      clock,
      schedules: async () => readSchedules(store, clock.now()),
      act: actOnSchedule,
      runOf: (id) => createClientRun<never>(id, desk),
      start: async (chain, input, given) => start(chain, input, given),
    }),
    get services(): never {
      throw executorOnly('services are reached')
    },
    healthz: () => ({ ok: state === 'client', state, services: [] }),
    get state() {
      return state
    },
    analyzer,
    reflector,
    events$: desk.events$,
    events: createEventsAfter({ ...observed, begun$: events.begun$, retry: false }),
    progress$: throwError(() => executorOnly('progress is seen')),
    actors$: throwError(() => executorOnly('actors are seen')),
    runOf: (id) => createClientRun<never>(id, desk),
    stop,
    [Symbol.asyncDispose]: stop,
  }
  return withInternals(supervisor, {
    clock,
    reader: () => store,
    executes: () => false,
    async audit({ command, of, by }) {
      await desk.tell({ do: 'audit', run: of, command, by })
    },
  })
}

/** Longer than a hand-over takes, and than an executor takes to recover. */
const defaultAnswerWithin = 30_000
