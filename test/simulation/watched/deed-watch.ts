// Watches the actions of the analyzer in a journal: each taken once for its cause, come to its end, and nothing left of it.

import { holds, oppose } from '../../../machines/action-rules.ts'
import { rerunOf } from '../../../src/analysis/action-signs.ts'
import { ActionStanding, type ActionRecord } from '../../../src/analysis/action-standing.ts'
import { Declared } from '../../../src/journal/declared.ts'
import type { JournalEvent } from '../../../src/journal/event.ts'
import type { Proof } from '../../../src/testing/simulation/proof.ts'
import type { ConfigFold } from './config-fold.ts'
import { word } from './people.ts'
import type { WatchedShape } from './shape.ts'

export interface DeedWatch {
  see(event: JournalEvent): void
  /** A process has been there since. */
  up(since: number): void
  /** Once all is well, and long enough has passed: nothing of it is left. */
  judge(): void
  /** When the last that is in force has to be over. */
  until(): number
  /** How often something was taken. */
  readonly taken: ReadonlyMap<string, number>
}

type Of<T extends JournalEvent['type']> = JournalEvent & { readonly type: T }

/** So many looks may fail, or come late, before what is due is done. */
const patience = 4

export function createDeedWatch(
  proof: Proof,
  { policy, every, rest }: WatchedShape,
  config: ConfigFold,
): DeedWatch {
  const standing = new ActionStanding()
  /** What nobody asked for, by action and cause. */
  const causes = new Set<string>()
  /** When what a live action needs was first gone. */
  const gone = new Map<string, number>()
  const declared = new Declared()
  const taken = new Map<string, number>()
  const begun = new Set<string>()
  let since = 0
  let before: JournalEvent | undefined

  const take = (event: Of<'action.taken'>): void => {
    const { id, kind, cause, by, at, seq, chains } = event
    const where = (): string => `${kind} of ${event.place.run ?? event.place.chain} (${by}) at seq ${seq}`
    const live = standing.live()
    proof.check(
      'deed',
      live.every((one) => one.id !== id),
      () => `${where()} is taken while in force`,
    )
    proof.check(
      'opposed',
      live.every((one) => !oppose(one, event)),
      () => `${where()} works against another`,
    )
    proof.check('persons', policy[kind] !== 'off', () => `${where()}, whose policy is off`)
    if (holds(kind))
      proof.check(
        'deed',
        // where another action holds back all of them already, nothing changes
        (before?.type === 'config.changed' || chains.every((chain) => isHeldByAnother(live, event, chain))) &&
          chains.every((chain) => isHeld(event, chain)),
        () => `${where()} holds back nothing`,
      )
    taken.set(kind, (taken.get(kind) ?? 0) + 1)
    if (by !== 'auto') return
    const last = standing.records.get(id)
    proof.check('deed', !causes.has(`${id} ${cause}`), () => `${where()} is taken once more for ${cause}`)
    proof.check('persons', policy[kind] === 'auto', () => `${where()}, which is to be asked for`)
    proof.check('persons', standing.dismissed.get(id) !== cause, () => `${where()}, which was refused`)
    if (last !== undefined)
      proof.check(
        'persons',
        last.endedAt !== undefined && at >= last.endedAt + rest,
        () => `${where()}, though it ended at ${last.endedAt}, and is to rest for ${rest}`,
      )
    causes.add(`${id} ${cause}`)
  }
  const isHeld = ({ kind }: Pick<ActionRecord, 'kind'>, chain: string): boolean => {
    const { quarantined, paused } = config.current.chains[chain] ?? {}
    return kind === 'quarantine' ? quarantined !== undefined : paused === true
  }
  const isHeldByAnother = (
    live: readonly ActionRecord[],
    { id, kind }: Pick<ActionRecord, 'id' | 'kind'>,
    chain: string,
  ): boolean => live.some((one) => one.id !== id && one.kind === kind && one.chains.includes(chain))
  const end = (event: Of<'action.undone' | 'action.verified'>): void => {
    const record = standing.live().find(({ id }) => id === event.id)
    const where = `${event.type} of ${event.id} at seq ${event.seq}`
    proof.check('deed', record !== undefined, () => `${where}, which is not in force`)
    if (record === undefined || event.type === 'action.verified') return
    gone.delete(event.id)
    if (record.kind !== 'quarantine' || config.current.chains[record.place.chain]?.quarantined !== record.why)
      return proof.check('released', true, () => '')
    proof.check('released', false, () => `${where} leaves ${record.place.chain} in quarantine`)
  }
  /** Why it is to be over, as far as the journal tells. */
  const overdue = (record: ActionRecord, at: number): string | undefined => {
    const { id, kind, place, version, until, chains } = record
    if (at > Math.max(until, since) + patience * every) return 'its time is over'
    if (!holds(kind)) return undefined
    const now = declared.chain(place.chain)?.version
    const other = version !== undefined && now !== undefined && version !== now
    const freed = chains.some((chain) => !isHeld(record, chain))
    if (!other && !freed) {
      gone.delete(id)
      return undefined
    }
    const from = gone.get(id) ?? at
    gone.set(id, from)
    const late = at > Math.max(from, since) + patience * every
    return late ? (other ? 'another version is declared' : 'a person holds it back no more') : undefined
  }
  /** Chains that a person has paused. */
  const paused = new Set<string>()
  /** A change of the config comes right before what a watcher makes it for; the others are a person's. */
  const noteChange = (next: JournalEvent): void => {
    if (before?.type !== 'config.changed') return
    const was = config.at(before.version - 1)
    const is = config.at(before.version)
    for (const chain of paused) if (is?.chains[chain]?.paused === undefined) paused.delete(chain)
    const ours = next.type === 'action.taken' && holds(next.kind) ? next.chains : []
    for (const [chain, tuning] of Object.entries(is?.chains ?? {}))
      if (ours.includes(chain)) continue
      else if (tuning.paused === true && was?.chains[chain]?.paused === undefined) paused.add(chain)
  }
  /** Whatever is held back is so by an action that is in force, or by a person. */
  const judgeHolds = (at: number): void => {
    const live = standing.live()
    for (const [chain, tuning] of Object.entries(config.current.chains)) {
      const { quarantined } = tuning
      proof.check(
        'released',
        (quarantined === undefined ||
          quarantined === word ||
          live.some(
            ({ kind, why, chains }) => kind === 'quarantine' && why === quarantined && chains.includes(chain),
          )) &&
          (tuning.paused === undefined ||
            paused.has(chain) ||
            live.some(({ kind, chains }) => kind === 'pause-downstream' && chains.includes(chain))),
        () => `${chain} is held back at seq ${at} by nobody: ${JSON.stringify(tuning)}`,
      )
    }
  }
  const hold = (event: Of<'chain.started'>): void => {
    if (event.call !== undefined) return
    const { paused: isPaused, quarantined } = config.current.chains[event.chain] ?? {}
    proof.check(
      'held-back',
      isPaused === undefined && quarantined === undefined,
      () =>
        `${event.chain} of ${event.run} begins at seq ${event.seq}, though ${quarantined ?? 'it is paused'}`,
    )
  }

  return {
    taken,
    up(at) {
      since = at
    },
    see(event) {
      noteChange(event)
      // it may die before it says that it is up
      if (event.type === 'engine.started') since = event.at
      if (event.type === 'run.accepted') judgeHolds(event.seq)
      for (const record of standing.live()) {
        const why = overdue(record, event.at)
        proof.check(
          'deed',
          why === undefined,
          () => `${record.kind} of ${record.place.chain}, taken at seq ${record.seq}, goes on: ${why}`,
        )
      }
      if (event.type === 'chain.started') hold(event)
      declared.apply(event)
      if (event.type === 'action.taken') take(event)
      if (event.type === 'action.undone' || event.type === 'action.verified') end(event)
      if (event.type === 'run.accepted' && event.run.startsWith('again-')) {
        const asked = standing.live().some((record) => rerunOf(record) === event.run)
        proof.check(
          'deed',
          asked && !begun.has(event.run),
          () => `${event.run} begins, which nobody asked for`,
        )
        begun.add(event.run)
      }
      standing.apply(event)
      before = event
    },
    until: () => Math.max(0, ...standing.live().map(({ until }) => until)) + patience * every,
    judge() {
      const left = standing.live().map(({ kind, place, seq }) => `${kind} of ${place.chain}, seq ${seq}`)
      proof.check('deed', left.length === 0, () => `in force at the end: ${left.join(', ')}`)
      const held = JSON.stringify(config.current.chains)
      proof.check('released', held === '{}', () => `held back at the end: ${held}`)
    },
  }
}
