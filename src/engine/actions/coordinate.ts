// Coordinates the supervisor's own actions: takes them one after the other, judges them when that is due, takes them back.

import {
  freedBy,
  holds,
  judge,
  type Proposed,
  type DeedKind,
  isLive,
  refusalOf,
} from '../../../machines/action-rules.ts'
import type { ActionRecord } from '../../analysis/action-standing.ts'
import { signsOf } from '../../analysis/action-signs.ts'
import type { NecessaryAction } from '../../analysis/report-built.ts'
import type { Fact } from '../../journal/event.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Standing } from '../../reflection/standing.ts'
import { inWords } from '../../kernel/failure.ts'
import type { Look } from '../analyzer.ts'
import type { Deeds } from './deeds.ts'
import type { ActionHands } from './face.ts'
import type { AnalyzeTerms } from './terms.ts'

export interface CoordinateHost {
  readonly clock: Clock
  readonly terms: AnalyzeTerms
  readonly deeds: Deeds
  /** Chains that a trial goes on at, each with its trial. */
  readonly trials: () => ReadonlyMap<string, string>
  readonly look: () => Promise<Look>
  readonly problem: (what: string, error: unknown) => void
}

export interface Coordinator extends ActionHands {
  /** @param live whether actions were in force when the last process ended. */
  start(live: boolean): void
  stop(): void
}

type Told = Fact & { readonly type: 'action.undone' | 'action.verified' }

export function createCoordinator({
  clock,
  terms,
  deeds,
  trials,
  look,
  problem,
}: CoordinateHost): Coordinator {
  let over = false
  let due: Cancel | undefined
  let before: Promise<unknown> = Promise.resolve()

  /** One thing after the other: what is decided is durable before the next is. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const done = before.then(work)
    before = done.catch(() => {})
    return done
  }

  /** @param live what is in force, without what has been taken back since it was looked at. */
  const end = async (record: ActionRecord, live: Set<ActionRecord>, fact: Told): Promise<void> => {
    if (fact.type === 'action.verified') return deeds.record([fact])
    await deeds.takeBack(record, freedBy(record, [...live]), fact)
    live.delete(record)
  }

  const judged = async (record: ActionRecord, { evidence }: Look, live: Set<ActionRecord>): Promise<void> => {
    const { id } = record
    const signs = { ...signsOf(record, evidence), kept: deeds.isKept(record) }
    const judgement = judge(record, signs, clock.now())
    switch (judgement.do) {
      case 'wait':
        return
      case 'verify':
        return end(record, live, { type: 'action.verified', id, detail: judgement.detail })
      case 'undo': {
        const { why, expired } = judgement
        return end(record, live, {
          type: 'action.undone',
          id,
          why,
          ...(expired === undefined ? {} : { expired }),
        })
      }
      case 'perform':
        try {
          return await deeds.perform(record)
        } catch (error) {
          const why = `it could not be done: ${inWords(error)}`
          return end(record, live, { type: 'action.undone', id, why })
        }
    }
  }

  const refusal = (action: NecessaryAction, by: 'auto' | 'person', { report, evidence }: Look) =>
    refusalOf(proposedOf(action, report.actions), {
      by,
      policy: terms.policy(action.kind as DeedKind),
      now: clock.now(),
      deeds: [...evidence.actions.records.values()],
      trials: trials(),
      rest: terms.rest,
    })

  const take = async (action: NecessaryAction, by: 'auto' | 'person', { evidence }: Look): Promise<void> => {
    const { id, kind, place, why, deed } = action
    if (deed === undefined) return
    const now = clock.now()
    const version = evidence.records.declared.declaration?.chains.find(
      (one) => one.id === place.chain,
    )?.version
    const { cause, from, chains } = deed
    await deeds.take(
      {
        type: 'action.taken',
        id,
        kind: kind as DeedKind,
        place: { chain: place.chain, ...(place.run === undefined ? {} : { run: place.run }) },
        chains,
        cause,
        why,
        by,
        ...(version === undefined ? {} : { version }),
        ...(from === undefined ? {} : { from }),
        checkAt: now + terms.check,
        until: now + terms.hold,
      },
      evidence.actions.live(),
    )
  }

  /** Judges what is in force, then takes what may be taken by itself; all on what was just looked at. */
  const round = async (): Promise<void> => {
    const looked = await look()
    const live = liveIn(looked)
    for (const record of live) {
      if (over) return
      await judged(record, looked, live)
    }
    let next = looked
    /** What somebody else holds back already. */
    const refusedNow = new Set<string>()
    while (terms.auto && !over) {
      const seen = next
      const best = seen.report.actions.find(
        (one) => !refusedNow.has(one.id) && isNew(one, seen) && refusal(one, 'auto', seen) === undefined,
      )
      if (best === undefined) break
      try {
        await take(best, 'auto', seen)
      } catch (error) {
        if (!CatenaryError.is(error) || error.code !== 'ACTION_REFUSED') throw error
        refusedNow.add(best.id)
        continue
      }
      // what was taken may stand against the others
      next = await look()
      await perform(best.id, next)
    }
    lookAgain(next)
  }

  const perform = async (id: string, looked: Look): Promise<void> => {
    const record = looked.evidence.actions.records.get(id)
    if (record !== undefined && !holds(record.kind) && isLive(record))
      await judged(record, looked, liveIn(looked))
  }

  const lookAgain = ({ evidence }: Pick<Look, 'evidence'>): void => {
    due?.()
    due = undefined
    const live = evidence.actions.live()
    if (over || (live.length === 0 && !terms.auto)) return
    const now = clock.now()
    const soonest = live
      .flatMap(({ checkAt, until, state }) => (state === 'taken' ? [checkAt, until] : [until]))
      .filter((at) => at > now)
    again(Math.min(now + terms.every, ...soonest))
  }

  const again = (at: number): void => {
    if (over) return
    due?.()
    due = clock.at(at, () => {
      due = undefined
      inTurn(round).catch((error: unknown) => {
        if (over) return
        problem('the analyzer could not see to its actions', error)
        again(clock.now() + terms.every)
      })
    })
  }

  const find = (id: string, { report }: Look): NecessaryAction => {
    const found = report.actions.find((one) => one.id === id)
    if (found !== undefined) return found
    throw new CatenaryError(
      'ACTION_UNKNOWN',
      `nothing of the id ${JSON.stringify(id)} is to be done now: ask for the actions anew, as what was recorded since may have changed them`,
    )
  }
  const inForce = (id: string, { evidence }: Look): ActionRecord | undefined =>
    evidence.actions.live().find((record) => record.id === id)

  return {
    act: async (id) =>
      inTurn(async () => {
        const looked = await look()
        const action = find(id, looked)
        if (inForce(id, looked) !== undefined) return
        if (action.deed === undefined) throw refused(`no supervisor can do it: ${action.sentence}`)
        const why = refusal(action, 'person', looked)
        if (why !== undefined) throw refused(why)
        await take(action, 'person', looked)
        try {
          const taken = await look()
          await perform(id, taken)
          lookAgain(taken)
        } catch (error) {
          // it is in force: what could not be seen to now is seen to soon
          problem('the analyzer could not see to an action that a person has taken', error)
          again(clock.now() + terms.every)
        }
      }),
    undo: async (id, why) =>
      inTurn(async () => {
        const looked = await look()
        const record = inForce(id, looked)
        if (record === undefined)
          throw new CatenaryError(
            'ACTION_UNKNOWN',
            `no action ${JSON.stringify(id)} is in force: there is nothing to take back`,
          )
        if (record.kind === 'unblock')
          throw refused(`run ${record.place.run ?? ''} goes on already: cancel it to end it`)
        const because = `a person took it back${why === undefined ? '' : `: ${why}`}`
        await end(record, liveIn(looked), { type: 'action.undone', id, why: because })
      }),
    dismiss: async (id, why) =>
      inTurn(async () => {
        const { deed } = find(id, await look())
        if (deed === undefined) throw refused('it is not the supervisor that would do it')
        await deeds.record([
          { type: 'action.dismissed', id, cause: deed.cause, ...(why === undefined ? {} : { why }) },
        ])
      }),
    start(live) {
      if (live || terms.auto) again(clock.now() + (live ? 0 : terms.every))
    },
    stop() {
      over = true
      due?.()
    },
  }
}

function liveIn({ evidence }: Look): Set<ActionRecord> {
  return new Set(evidence.actions.live())
}

/** It is not in force, nor was it done or refused for this. */
function isNew({ id, state, deed }: NecessaryAction, { evidence }: Look): boolean {
  const live = evidence.actions.live().some((record) => record.id === id)
  return deed !== undefined && !live && (state === 'proposed' || state === 'asked')
}

function proposedOf(action: NecessaryAction, all: readonly NecessaryAction[]): Proposed {
  const { id, kind, deed, prerequisites, state } = action
  const open = new Set(
    all.flatMap((one) => (one.state === 'applied' || one.state === 'verified' ? [] : [one.id])),
  )
  return {
    id,
    kind: kind as DeedKind,
    chains: deed?.chains ?? [],
    cause: deed?.cause ?? '',
    evident: deed?.evident ?? false,
    dismissed: state === 'dismissed',
    after: prerequisites.filter((one) => open.has(one)),
  }
}

function refused(why: string): CatenaryError {
  return new CatenaryError('ACTION_REFUSED', `this action was not done: ${why}`)
}

export function placesOfTrials(standing: Pick<Standing, 'live'>): ReadonlyMap<string, string> {
  return new Map(
    standing
      .live()
      .flatMap(({ id, plan }) => (plan === undefined ? [] : [[plan.suggestion.place.chain, id]])),
  )
}
