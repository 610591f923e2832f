// What can go wrong at a turn of a run, as data that a test can write down.

import type { CommitFault } from '../harness/breakable-store.ts'

/** What goes wrong with an attempt, with a signal, or with the run at that moment. */
export type FaultName =
  /** The process dies; `-after-effect` when the step's function has done its work, and nobody knows. */
  | 'crash'
  | 'crash-after-effect'
  /** The process dies, and so does the next one, over a commit of its recovery. */
  | 'crash-in-recovery'
  /** The attempt fails: before its function was called; after it did its work, with `OutcomeUnknown`; or for good. */
  | 'fail'
  | 'fail-after-effect'
  | 'fail-for-good'
  /** Nothing comes back of the attempt, until its time is over; or what comes back is too late. */
  | 'hang'
  | 'hang-after-effect'
  | 'late'
  /** Somebody cancels the run. */
  | 'cancel'
  | 'cancel-after-effect'
  /** Somebody pauses the run, and resumes it one turn later. */
  | 'pause'
  /** No slot is free, until the next turn that frees them. */
  | 'no-slots'
  /** The signal comes before anybody waits for it, twice, or never. */
  | 'signal-early'
  | 'signal-twice'
  | 'signal-never'
  /** Of a run that is parked, the person who looks at it gives up: without this fault it is retried, once. */
  | 'give-up'
  /** The clock is set ahead, or back, by six hours. */
  | 'clock-ahead'
  | 'clock-back'
  /** Nothing can be read of the store while this turn is taken. */
  | 'reads-fail'
  /** A commit of this turn breaks. */
  | `commit-${CommitFault}`

const faultNames: Readonly<Record<FaultName, true>> = {
  crash: true,
  'crash-after-effect': true,
  fail: true,
  'fail-after-effect': true,
  'fail-for-good': true,
  hang: true,
  'hang-after-effect': true,
  late: true,
  cancel: true,
  'cancel-after-effect': true,
  pause: true,
  'no-slots': true,
  'signal-early': true,
  'signal-twice': true,
  'signal-never': true,
  'give-up': true,
  'crash-in-recovery': true,
  'clock-ahead': true,
  'clock-back': true,
  'reads-fail': true,
  'commit-refused': true,
  'commit-unheard': true,
  'commit-dies-before': true,
  'commit-dies-after': true,
}

export const isFaultName = (given: unknown): given is FaultName =>
  typeof given === 'string' && Object.hasOwn(faultNames, given)

/**
 * One thing that goes wrong: at the `nth` turn of its kind. A turn is the end of an attempt, by the name of its step
 * (`charge`, `charge:compensation`, `extract/fetch`), a signal (`signal approval`), `time` that passes, `slots`
 * that become free, the `person` that looks at a run which is parked, or its `start`.
 */
export interface Fault {
  readonly at: string
  /** From 1. Default 1. */
  readonly nth?: number
  readonly does: FaultName
  /** Which commit of the turn, or of the recovery, breaks, from 1. Default 1. */
  readonly commit?: number
  /** Which signal comes early. */
  readonly signal?: string
}

/** A turn, as far as it says what can go wrong there. */
export interface Scene {
  readonly kind: 'start' | 'attempt' | 'signal' | 'time' | 'slots' | 'person'
  /** Whether something ends an attempt that does not end by itself. */
  readonly timed: boolean
  /** How often something was committed in it when nothing went wrong. */
  readonly commits: number
  /** Signals that have not come, and that nobody waits for yet. */
  readonly ahead: readonly string[]
}

type What = Omit<Fault, 'at' | 'nth'>

const named = (...names: readonly FaultName[]): readonly What[] => names.map((does) => ({ does }))

/** All that can go wrong at a turn, what is told most easily first. */
export function faultsAt({ kind, timed, commits, ahead }: Scene): readonly What[] {
  const commitFaults = Array.from({ length: commits }, (_, index) => index + 1).flatMap(
    (commit): readonly What[] =>
      (['refused', 'unheard', 'dies-before', 'dies-after'] as const)
        // that the first is lost with its process is a crash after the effect
        .filter((how) => kind !== 'attempt' || commit > 1 || how !== 'dies-before')
        .map((how) => ({ does: `commit-${how}`, ...(commit === 1 ? {} : { commit }) })),
  )
  if (kind === 'start') return named('no-slots')
  if (kind === 'person') return named('crash', 'give-up')
  return [
    ...named('crash'),
    ...(kind === 'attempt' ? named('crash-after-effect', 'fail', 'fail-after-effect', 'fail-for-good') : []),
    ...(kind === 'attempt' && timed ? named('hang', 'hang-after-effect', 'late') : []),
    ...(kind === 'signal' ? named('signal-twice', 'signal-never') : []),
    ...named('cancel'),
    ...(kind === 'attempt' ? named('cancel-after-effect') : []),
    ...named('pause'),
    ...(kind === 'slots' ? [] : named('no-slots')),
    ...named('crash-in-recovery', 'clock-ahead', 'clock-back', 'reads-fail'),
    { does: 'crash-in-recovery', commit: 2 },
    ...ahead.map((signal): What => ({ does: 'signal-early', signal })),
    ...commitFaults,
  ]
}

/** Which may strike again and again, until nothing is left that could help. */
export const recurring: ReadonlySet<FaultName> = new Set([
  'crash',
  'crash-after-effect',
  'fail',
  'fail-after-effect',
  'hang',
  'hang-after-effect',
])

/** Tells faults of a script apart by where they are. */
export const placeOf = ({ at, nth = 1 }: Pick<Fault, 'at' | 'nth'>): string => `${at} ${nth}`

/** As code, short. */
export function faultText({ at, nth = 1, does, commit, signal }: Fault): string {
  const parts = [
    `at: '${at}'`,
    ...(nth === 1 ? [] : [`nth: ${nth}`]),
    `does: '${does}'`,
    ...(commit === undefined ? [] : [`commit: ${commit}`]),
    ...(signal === undefined ? [] : [`signal: '${signal}'`]),
  ]
  return `{ ${parts.join(', ')} }`
}
