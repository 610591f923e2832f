// What a supervisor is told about itself and its children, in OTP's words, and which combinations it refuses.

import type { Strategy } from './strategies.ts'

/**
 * `permanent`: always started again. `transient`: only after an abnormal end. `temporary`: never, and its spec goes.
 */
export type Restart = 'permanent' | 'transient' | 'temporary'

/** Milliseconds between the request to stop and the kill; or none at all; or no limit. */
export type Shutdown = number | 'brutal_kill' | 'infinity'

/** Which ends of significant children end their supervisor. */
export type AutoShutdown = 'never' | 'any_significant' | 'all_significant'

export interface ChildSpec {
  readonly id: string
  readonly restart: Restart
  readonly shutdown: Shutdown
  readonly significant: boolean
  readonly kind: 'worker' | 'supervisor'
  /** Restarts are spaced; counted anew once the child was well for `resetAfter` ms. Absent: OTP, at once. */
  readonly backoff?: { readonly resetAfter: number }
}

export interface GroupSpec {
  readonly strategy: Strategy
  /** More than so many restarts within `period` ms end the supervisor. */
  readonly intensity: number
  readonly period: number
  readonly autoShutdown: AutoShutdown
  /** A group restart also starts children that had ended or were terminated: OTP to the letter. */
  readonly reviveStopped: boolean
  /** Most children at once; more are refused. */
  readonly maxChildren?: number
  /** In start order. None under `simple_one_for_one`: its children come by `start-child`. */
  readonly children: readonly ChildSpec[]
}

/** Why a supervisor of this kind cannot have such a child; undefined where it can. */
export function badCombination(
  { autoShutdown }: Pick<GroupSpec, 'autoShutdown'>,
  { restart, significant }: Pick<ChildSpec, 'restart' | 'significant'>,
): string | undefined {
  if (!significant) return undefined
  if (restart === 'permanent')
    return 'it is significant and permanent, so its end would never count: make it transient or temporary'
  if (autoShutdown === 'never')
    return "it is significant, and its group's autoShutdown is never: give the group any_significant or all_significant"
  return undefined
}
