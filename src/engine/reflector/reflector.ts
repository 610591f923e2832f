// The reflector of a supervisor: an actor that looks for what would be better when somebody asks, and costs nothing else.

import { Observable, ReplaySubject } from 'rxjs'
import { type Actor, type InspectionEvent, createActor, fromPromise } from 'xstate'
import { reflectorMachine } from '../../../machines/reflector.ts'
import type { StoreReader } from '../../journal/store.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { refuseUnknownOptions } from '../../kernel/known-options.ts'
import { GuardedObservable, type Problem } from '../../observe/guarded-observable.ts'
import { createPace } from '../../observe/pace.ts'
import { reasonOf } from '../reason.ts'
import { stopped } from '../refusals.ts'
import { type ReadEvidence, createEvidenceReader } from './read-evidence.ts'
import { type StandingSuggestion, type TrialStatus, standingOf, statusOf } from './standing-suggestion.ts'
import type { SuggestAtPace } from './suggest-in-turns.ts'
import type { Trials } from './trials.ts'

/** What came of `apply`: a trial, or a version of the config. */
export type Applied =
  | { readonly trial: string }
  | {
      /** The version that has it. */
      readonly config: number
    }

export interface Reflector {
  /**
   * What would be better, with its evidence, by now: a look at the journal. The first one reads its last 200,000 events,
   * later ones what came since, where that is not more. Rejects with STORE_UNAVAILABLE where the store cannot be read, and where the supervisor has
   * stopped.
   *
   * @example
   * ```ts
   * const build = chain('build').step('compile', () => 'done', { timeout: '1m' })
   * const supervisor = await createSupervisor({ chains: [build] })
   * await supervisor.run(build)
   * console.log(await supervisor.reflector.suggestions()) // []
   * await supervisor.stop()
   * ```
   */
  suggestions(): Promise<readonly StandingSuggestion[]>
  /**
   * The same now, and again every `every` of the option `reflect`; who comes later gets the last ones first. What a
   * subscriber throws goes to `logger`.
   */
  readonly suggestions$: Observable<readonly StandingSuggestion[]>
  /** The trials that go on, and those that have ended, the first first; at most the last 1,000. */
  trials(): Promise<readonly TrialStatus[]>
  /**
   * Tries a suggestion on randomised pairs of runs, and keeps it once its gain is shown; with `trial: false` puts it
   * into the config at once. Resolves once that is durable. Rejects with SUGGESTION_UNKNOWN where it is not, or no
   * longer, suggested, and with SUGGESTION_REFUSED where it cannot be applied so; the message says what to do.
   *
   * @param options.trial whether it is tried first. Default true.
   */
  apply(id: string, options?: { readonly trial?: boolean }): Promise<Applied>
  /**
   * Says no to a suggestion, with the reason; a trial of it ends. It is not applied by itself any more. Rejects with
   * SUGGESTION_UNKNOWN where nothing of the id is suggested, nor was tried, applied or dismissed.
   */
  dismiss(id: string, why?: string): Promise<void>
}

/** Whether suggestions may be applied by the reflector itself. */
export interface ReflectTerms {
  readonly policy: 'off' | 'ask' | 'auto'
  /** Between two looks (ms). */
  readonly every: number
  /** After a trial has ended, before the next one that nobody asked for (ms). */
  readonly rest: number
}

/** What only an executor can do, or has done for one. */
export interface ReflectorHands {
  apply(id: string, trial: boolean, by: 'auto' | 'person', look: Looked): Promise<Applied>
  dismiss(id: string, why: string | undefined, look: Looked): Promise<void>
  readonly trials?: Trials
}

/** The last look, and a way to look anew. */
export interface Looked {
  readonly last: () => ReadEvidence | undefined
  readonly list: () => Promise<readonly StandingSuggestion[]>
}

export interface ReflectorHost {
  readonly clock: Clock
  readonly reader: () => Pick<StoreReader, 'journal' | 'rows' | 'lastSeq'>
  readonly suggest: SuggestAtPace
  readonly terms: ReflectTerms
  readonly hands: ReflectorHands
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
  readonly problem: Problem
}

/** What looking by itself may take of the host's time. */
const share = 0.02

interface Asker {
  readonly resolve: (list: readonly StandingSuggestion[]) => void
  readonly reject: (error: unknown) => void
}

export function createReflector(host: ReflectorHost): Reflector & {
  /** Begins to look by itself, where it may apply things by itself. */
  start(): void
  stop(): void
  /** A trial began or ended. */
  heard(what: 'started' | 'kept' | 'reverted'): void
} {
  const { clock, terms, hands, suggest, inspect } = host
  let over = false
  let actor: Actor<typeof reflectorMachine> | undefined
  let list: readonly StandingSuggestion[] = []
  let evidence: ReadEvidence | undefined
  let waiting: Asker[] = []
  let answering: Asker[] = []
  let due: Cancel | undefined
  let resting: Cancel | undefined
  let watchers = 0
  let reports = new ReplaySubject<readonly StandingSuggestion[]>(1)
  const pace = createPace(clock, share)
  const source = createEvidenceReader(host.reader, clock, { wanted: () => !over, pace })

  const propose = async (): Promise<void> => {
    evidence = await source.read()
    const found = evidence === undefined ? [] : await suggest(evidence, pace)
    // the executor's own standing is ahead of what was read
    const standing = hands.trials?.standing ?? source.standing
    list = standingOf(found, standing, clock.now(), hands.trials)
  }
  const publish = (): void => {
    const askers = answering
    answering = []
    for (const { resolve } of askers) resolve(list)
    if (watchers > 0) reports.next(list)
    if (terms.policy === 'auto' && actor?.getSnapshot().context.last === undefined) void applyBest()
  }
  const refuse = (error: unknown): void => {
    const askers = answering
    answering = []
    for (const { reject } of askers) reject(error)
    if (askers.length === 0) host.problem('the reflector could not look', error)
  }
  const begun = (): Actor<typeof reflectorMachine> =>
    (actor ??= createActor(
      reflectorMachine.provide({
        actors: { propose: fromPromise(propose) },
        actions: {
          begin: () => {
            answering = waiting
            waiting = []
          },
          publish,
          refuse: (_, { error }) => refuse(error),
        },
      }),
      { id: 'reflector', ...(inspect === undefined ? {} : { inspect }) },
    ).start())

  const look = async (): Promise<readonly StandingSuggestion[]> =>
    new Promise((resolve, reject) => {
      if (over) return reject(stopped())
      waiting.push({ resolve, reject })
      return begun().send({ type: 'look' })
    })
  const looked: Looked = { last: () => evidence, list: look }

  /** The first that may apply itself and can be tried now: never where an author's word, or a person, is needed. */
  const applyBest = async (): Promise<void> => {
    const seen = list
    for (const { id, class: of, patch, state } of seen) {
      if (of !== 'A' || patch === undefined || state !== 'open' || over) continue
      try {
        await hands.apply(id, true, 'auto', { last: () => evidence, list: async () => seen })
        return
      } catch {
        // what cannot be tried now is looked at again
      }
    }
  }
  const lookThenAgain = (): void => {
    look()
      .catch((error: unknown) => host.problem('the reflector could not look', error))
      .finally(lookAgain)
  }
  const lookAgain = (): void => {
    if (over || (watchers === 0 && terms.policy !== 'auto')) return
    due ??= clock.at(clock.now() + Math.max(terms.every, pace.rest), () => {
      due = undefined
      lookThenAgain()
    })
  }

  const suggestions$ = new Observable<readonly StandingSuggestion[]>((subscriber) => {
    if (over) return subscriber.complete()
    const subscription = reports.subscribe(subscriber)
    watchers++
    if (watchers === 1) {
      lookThenAgain()
    }
    return () => {
      subscription.unsubscribe()
      if (--watchers > 0) return
      reports = new ReplaySubject(1)
      if (terms.policy === 'auto') return
      due?.()
      due = undefined
    }
  })

  return {
    suggestions: look,
    suggestions$: new GuardedObservable('suggestions$', suggestions$, host.problem),
    async trials() {
      if (over) throw stopped()
      if (hands.trials === undefined) await source.read()
      const standing = hands.trials?.standing ?? source.standing
      return [...standing.trials.values()].map((record) => statusOf(record, hands.trials))
    },
    async apply(id, options) {
      if (over) throw stopped()
      refuseUnknownOptions(options, { trial: true }, 'apply')
      const { trial = true } = options ?? {}
      if (typeof (trial as unknown) !== 'boolean')
        throw new CatenaryError('BAD_OPTION', 'trial of apply is true or false')
      return hands.apply(given(id), trial, 'person', looked)
    },
    async dismiss(id, why) {
      if (over) throw stopped()
      await hands.dismiss(given(id), reasonOf(why), looked)
    },
    start: lookAgain,
    heard(what) {
      if (over) return
      begun().send({ type: `trial.${what}` })
      if (what === 'started') return
      resting?.()
      resting = clock.at(clock.now() + terms.rest, () => begun().send({ type: 'rested' }))
    },
    stop() {
      if (over) return
      over = true
      due?.()
      resting?.()
      actor?.send({ type: 'stop' })
      for (const { reject } of [...answering, ...waiting]) reject(stopped())
      reports.complete()
    },
  }
}

function given(id: unknown): string {
  if (typeof id === 'string' && id !== '') return id
  throw new CatenaryError('BAD_OPTION', 'give the id of a suggestion: a text')
}
