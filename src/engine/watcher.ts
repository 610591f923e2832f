// Watchers from within the process: told of all that is committed before anything follows from it, and never able to harm.

import type { JournalEvent } from '../journal/event.ts'
import { toEvent } from '../journal/encoding.ts'
import type { StoreReader } from '../journal/store.ts'
import type { AttemptPlace } from '../execution/attempt.ts'
import { inWords } from '../kernel/failure.ts'
import type { Healthz } from './supervisor.ts'
import type { Logger } from './services.ts'

/** What a supervisor does at the moment. */
export interface Load {
  /** Attempts in flight. */
  readonly inFlight: number
  /** Runs in memory: not those that sleep or wait. */
  readonly runs: number
}

/** What a watcher may ask of the supervisor that it watches. */
export interface Watched {
  readonly healthz: () => Healthz
  readonly load: () => Load
  /** A run's committed events after `seq`, in order. */
  readonly history: (run: string, after: number) => Promise<readonly JournalEvent[]>
  /** Tells the host's logger that the watcher could not do something. */
  readonly problem: (what: string, error: unknown) => void
}

/** Can watch supervisors. Telemetry is made of these: `createTelemetry()`, `createPrometheus()`. */
export interface Watcher {
  /** Called once for each supervisor, before it takes its store; `watched` may be asked once this has returned. */
  attach(watched: Watched): Watching
}

/** Watches one supervisor. What it throws is told to the logger, once for each of its functions, and then ignored. */
export interface Watching {
  /** Committed events of one run, in the order of the journal, before any effect that follows from them. */
  told(events: readonly JournalEvent[]): void
  /** Whether it misses how a run began that is about to come back into memory. Default never. */
  lacks?(run: string): boolean
  /** All events of a run that it lacks, before the run goes on. */
  recalled?(events: readonly JournalEvent[]): void
  /** Calls the function of an attempt, once, and returns or throws what it does. Default it is called as it is. */
  around?(place: AttemptPlace, call: () => unknown): unknown
  /** The supervisor has ended, by its stop or because its store failed. */
  detach?(): void
}

type Around = NonNullable<Watching['around']>

/** All who watch a supervisor as one. */
export interface Watch {
  readonly told: (events: readonly JournalEvent[]) => void
  readonly recall: (run: string) => Promise<void> | undefined
  readonly around: Around | undefined
  readonly detach: () => void
}

/** @returns nothing where nobody watches, so that nothing is paid for. */
export function createWatch(
  watchers: readonly Watcher[],
  watched: Pick<Watched, 'healthz' | 'load'> & {
    readonly store: Pick<StoreReader, 'rows'>
    readonly logger: Logger
  },
): Watch | undefined {
  if (watchers.length === 0) return undefined
  const { store, logger, healthz, load } = watched
  const seen = new Set<string>()
  const problem = (what: string, error: unknown): void => {
    if (seen.has(what)) return
    seen.add(what)
    logger.warn({ error }, `a watcher ${what}, and is told of once: ${inWords(error)}`)
  }
  const guarded = <T>(name: string, call: () => T): T | undefined => {
    try {
      return call()
    } catch (error) {
      problem(`threw in ${name}()`, error)
      return undefined
    }
  }
  const history: Watched['history'] = async (run, after) => (await store.rows(run, after)).map(toEvent)
  const all = watchers.flatMap(
    (watcher) => guarded('attach', () => watcher.attach({ healthz, load, history, problem })) ?? [],
  )
  const lacking = (run: string): readonly Watching[] =>
    all.filter((one) => guarded('lacks', () => one.lacks?.(run)) === true)
  const recall = async (run: string): Promise<void> => {
    try {
      const events = await history(run, 0)
      for (const one of lacking(run)) guarded('recalled', () => one.recalled?.(events))
    } catch (error) {
      problem('could not read how a run began', error)
    }
  }
  const arounds = all.flatMap((one) => (one.around === undefined ? [] : [aroundOf(one, problem)]))
  return {
    told(events) {
      if (events.length > 0) for (const one of all) guarded('told', () => one.told(events))
    },
    recall: (run) => (lacking(run).length > 0 ? recall(run) : undefined),
    around: arounds.length === 0 ? undefined : arounds.reduce(within),
    detach() {
      for (const one of all) guarded('detach', () => one.detach?.())
    },
  }
}

function within(outer: Around, inner: Around): Around {
  return (place, call) => outer(place, () => inner(place, call))
}

/** The function is called exactly once, whatever the watcher does, and what it returns or throws is the answer. */
function aroundOf(watching: Watching, problem: Watched['problem']): Around {
  return (place, call) => {
    let answer: { readonly value: unknown } | { readonly thrown: unknown } | undefined
    const once = (): unknown => {
      if (answer === undefined) {
        try {
          answer = { value: call() }
        } catch (error) {
          answer = { thrown: error }
        }
      }
      if ('thrown' in answer) throw answer.thrown
      return answer.value
    }
    try {
      watching.around?.(place, once)
    } catch (error) {
      if (answer === undefined || !('thrown' in answer) || answer.thrown !== error)
        problem('threw in around()', error)
    }
    return once()
  }
}
