// The analyzer of a supervisor: an actor that reads along when somebody asks, and costs nothing while nobody does.

import { map, Observable, ReplaySubject, type Subscription } from 'rxjs'
import { type Actor, type InspectionEvent, createActor, fromPromise } from 'xstate'
import { analyzerMachine } from '../../machines/analyzer.ts'
import { evaluate } from '../analysis/evaluate.ts'
import { type Evidence, createEvidence } from '../analysis/evidence.ts'
import type { Report } from '../analysis/report.ts'
import { type Slices, inTurns } from '../analysis/slices.ts'
import { toEvent } from '../journal/encoding.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { StoreReader } from '../journal/store.ts'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { createVitals } from '../kernel/clock-vitals.ts'
import { GuardedObservable, type Problem } from '../observe/guarded-observable.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { type Pace, createPace } from '../observe/pace.ts'
import type { ActionHands, ActionsFace } from './actions/face.ts'
import type { AnalyzeTerms } from './actions/terms.ts'
import { reasonOf } from './reason.ts'
import { stopped } from './refusals.ts'

export interface Analyzer extends ActionsFace {
  /**
   * What the journal says of all chains up to now. The first one reads the last 100,000 events; later ones what came
   * since. Rejects with STORE_UNAVAILABLE where the store cannot be read, and where the supervisor has stopped.
   *
   * @example
   * ```ts
   * const build = chain('build').step('compile', () => 'done', { timeout: '1m' })
   * const supervisor = await createSupervisor({ chains: [build] })
   * await supervisor.run(build)
   * const { verdict, health } = await supervisor.analyzer.report()
   * console.log(verdict.state, health[0]?.cause) // unknown one success of the 52 needed
   * await supervisor.stop()
   * ```
   */
  report(): Promise<Report>
  /**
   * A report now, and another whenever something has happened, at most every 2 s, and so seldom that it takes no more
   * than a fiftieth of the host's time; who comes later gets the last one first. What a subscriber throws goes to
   * `logger`.
   */
  readonly report$: Observable<Report>
}

/** In the hands of its supervisor. */
export interface StoppableAnalyzer extends Analyzer {
  stop(): void
}

export interface AnalyzerHost {
  readonly clock: Clock
  /** What can be read now. */
  readonly reader: () => Pick<StoreReader, 'journal' | 'lastSeq' | 'rows'>
  readonly events$: Observable<JournalEvent>
  readonly inspect?: ((event: InspectionEvent) => void) | undefined
  /** Of subscribers. */
  readonly problem: Problem
  readonly terms: Pick<AnalyzeTerms, 'policy' | 'coverage'>
  /** Does what is asked for; `look` makes a report and gives what it rests on. */
  readonly hands: (look: () => Promise<Look>) => ActionHands
}

/** A report, and what it rests on. */
export interface Look {
  readonly report: Report
  readonly evidence: Evidence
}

/** Events of the journal that the first report reads. */
const mostRead = 100_000
const page = 250
/** Live events that are held while a report is made; if there are more, they are read from the journal. */
const mostHeld = 10_000
/** How long what is held is taken in before the host has its turn (ms). */
const slice = 2
/** Between two reports of `report$` (ms). */
const every = 2_000
/** What following along may take of the host's time, when nobody waits for a report. */
const share = 0.02

interface Asker {
  readonly resolve: (report: Report) => void
  readonly reject: (error: unknown) => void
}

export function createAnalyzer({
  clock,
  reader,
  events$,
  inspect,
  problem,
  terms,
  hands,
}: AnalyzerHost): StoppableAnalyzer {
  let evidence: Evidence | undefined
  let last: Report | undefined
  let over = false
  let actor: Actor<typeof analyzerMachine> | undefined
  let waiting: Asker[] = []
  let answering: Asker[] = []
  let held: JournalEvent[] = []
  /** Nothing was left out behind what is held. */
  let whole = true
  /** A report is being made. */
  let making = false
  /** What is held is about to be taken in. */
  let taking = false
  let feed: Subscription | undefined
  let due: Cancel | undefined
  let resting: Cancel | undefined
  const vitals = createVitals()
  const pace = createPace(clock, share)
  const wanted = (): boolean => !over

  const pause = async (): Promise<void> => new Promise((resolve) => clock.soon(resolve))

  const collect = async (): Promise<void> => {
    const lastSeq = await reader().lastSeq()
    // what is further back than a first report would read is not caught up with
    if (evidence === undefined || lastSeq - evidence.journal.seq > mostRead) {
      const after = Math.max(0, lastSeq - mostRead)
      const begun = createEvidence({ after })
      // what was declared before is told there
      const rows = after === 0 ? [] : await reader().rows('', 0)
      for (const row of rows) if (row.seq <= after) begun.recall(toEvent(row))
      evidence = begun
    }
    const live = held
    held = []
    whole = true
    if ((live[0]?.seq ?? Infinity) <= evidence.journal.seq + 1) {
      for (let at = 0; at < live.length; at += page) {
        const events = live.slice(at, at + page)
        const along = evidence
        pace.spend(() => events.forEach((event) => along.apply(event)))
        await pause()
      }
    }
    // what was not held, or did not fit
    for (let full = true; full && wanted();) {
      const along = evidence
      const rows = await pace.spend(async () => reader().journal({ after: along.journal.seq, limit: page }))
      pace.spend(() => rows.forEach((row) => along.apply(toEvent(row))))
      full = rows.length === page
      await pause()
    }
  }

  /** Takes in what is held as it comes, in slices, unless a report is being made: that would wait for all of it else. */
  const take = (): void => {
    taking = false
    if (over || making || evidence === undefined || (held[0]?.seq ?? Infinity) > evidence.journal.seq + 1)
      return
    const along = evidence
    const until = clock.monotonic() + slice
    pace.spend(() => {
      do for (const event of held.splice(0, page)) along.apply(event)
      while (held.length >= page && clock.monotonic() < until)
    })
    if (held.length >= page) takeSoon()
  }
  const takeSoon = (): void => {
    if (taking || making) return
    taking = true
    if (pace.rest === 0) clock.soon(take)
    else resting = clock.at(clock.now() + pace.rest, take)
  }

  const measure = async (): Promise<void> => {
    if (evidence === undefined) return
    const now = clock.now()
    const { policy, coverage } = terms
    const asking = { now, vitals: vitals.read(now), since: last, policy, coverage }
    last = await inTurns(paced(evaluate(evidence, asking), pace), clock, wanted)
  }

  const publish = (): void => {
    making = false
    if (held.length >= page) takeSoon()
    const askers = answering
    answering = []
    if (last === undefined) return
    for (const { resolve } of askers) resolve(last)
    if (feed !== undefined) reports.next(last)
  }

  const refuse = (error: unknown): void => {
    making = false
    // whoever was in the middle of something is read anew
    evidence = undefined
    const askers = answering
    answering = []
    for (const { reject } of askers) reject(error)
  }

  const ask = (): void => {
    actor ??= createActor(
      analyzerMachine.provide({
        actors: { collect: fromPromise(collect), evaluate: fromPromise(measure) },
        actions: {
          begin: () => {
            making = true
            answering = waiting
            waiting = []
          },
          publish,
          refuse: (_, { error }) => refuse(error),
        },
      }),
      { id: 'analyzer', ...(inspect === undefined ? {} : { inspect }) },
    ).start()
    actor.send({ type: 'ask' })
  }

  const askSoon = (): void => {
    due ??= clock.at(clock.now() + Math.max(every, pace.rest), () => {
      due = undefined
      ask()
    })
  }

  let reports = new ReplaySubject<Report>(1)
  let watchers = 0
  const report$ = new Observable<Report>((subscriber) => {
    if (over) return subscriber.complete()
    const subscription = reports.subscribe(subscriber)
    watchers++
    feed ??= events$.subscribe({
      next(event) {
        // behind a gap nothing is held: it is read from the journal
        whole &&= held.length < mostHeld
        if (whole) held.push(event)
        if (held.length >= page) takeSoon()
        askSoon()
      },
      // what cannot be followed is read when somebody asks
      error: () => {},
    })
    if (watchers === 1) ask()
    return () => {
      subscription.unsubscribe()
      if (--watchers > 0) return
      feed?.unsubscribe()
      feed = undefined
      due?.()
      due = undefined
      held = []
      whole = true
      reports = new ReplaySubject<Report>(1)
    }
  })

  const report = async (): Promise<Report> =>
    new Promise((resolve, reject) => {
      if (over) return reject(stopped())
      waiting.push({ resolve, reject })
      return ask()
    })
  const hand = hands(async () => {
    const made = await report()
    if (evidence === undefined) throw stopped()
    return { report: made, evidence }
  })
  const open = (): void => {
    if (over) throw stopped()
  }

  return {
    report,
    actions: async () => (await report()).actions,
    actions$: new GuardedObservable('actions$', report$.pipe(map(({ actions }) => actions)), problem),
    async act(id) {
      open()
      await hand.act(given(id))
    },
    async undo(id, why) {
      open()
      await hand.undo(given(id), reasonOf(why))
    },
    async dismiss(id, why) {
      open()
      await hand.dismiss(given(id), reasonOf(why))
    },
    report$: new GuardedObservable('report$', report$, problem),
    stop() {
      if (over) return
      over = true
      due?.()
      resting?.()
      feed?.unsubscribe()
      vitals.stop()
      actor?.send({ type: 'stop' })
      for (const { reject } of [...answering, ...waiting]) reject(stopped())
      reports.complete()
    },
  }
}

/** The same work, with what it takes counted. */
function* paced<T>(work: Slices<T>, pace: Pace): Slices<T> {
  for (;;) {
    const { done, value } = pace.spend(() => work.next())
    if (done === true) return value
    yield
  }
}

function given(id: unknown): string {
  if (typeof id === 'string' && id !== '') return id
  throw new CatenaryError('BAD_OPTION', 'give the id of an action, as the report names it: a text')
}
