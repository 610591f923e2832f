// The calls that change or look at a supervisor's children from outside, and what OTP answers.

import type { ChildSpec } from './spec.ts'
import type { Supervision } from './state.ts'

export type AdminCall =
  | { readonly ask: 'start-child'; readonly spec: ChildSpec }
  | { readonly ask: 'terminate-child'; readonly child: string }
  | { readonly ask: 'restart-child'; readonly child: string }
  | { readonly ask: 'delete-child'; readonly child: string }
  | { readonly ask: 'which-children' }
  | { readonly ask: 'count-children' }
  | { readonly ask: 'child-spec'; readonly child: string }

export type AdminError =
  | 'already_started'
  | 'already_present'
  | 'not_found'
  | 'running'
  | 'restarting'
  /** The child did not start: `reason` says why. */
  | 'start_failed'
  | 'bad_combination'
  | 'max_children'
  /** A dynamic group keeps no specs of children that do not run. */
  | 'simple_one_for_one'
  /** The supervisor does not run. */
  | 'noproc'

/** A child as `which-children` tells of it. */
export interface ChildEntry {
  readonly id: string
  /** OTP's pid, `restarting` and `undefined`. */
  readonly status: 'running' | 'restarting' | 'stopped'
  readonly kind: 'worker' | 'supervisor'
}

export interface ChildCounts {
  readonly specs: number
  readonly active: number
  readonly supervisors: number
  readonly workers: number
}

export type AdminAnswer =
  | { readonly ok: true; readonly status?: 'running' | 'ignored' }
  | { readonly ok: true; readonly children: readonly ChildEntry[] }
  | { readonly ok: true; readonly counts: ChildCounts }
  | { readonly ok: true; readonly spec: ChildSpec }
  | { readonly ok: false; readonly error: AdminError; readonly reason?: string }

/** The last started first, as OTP lists them. */
export function whichChildren({ children }: Supervision): readonly ChildEntry[] {
  return [...children.values()]
    .map(({ spec, status }): ChildEntry => ({
      id: spec.id,
      status: status === 'restarting' || status === 'stopped' ? status : 'running',
      kind: spec.kind,
    }))
    .reverse()
}

/** `active` leaves out those that wait for their restart. A dynamic group has one spec, whatever it runs. */
export function countChildren({ children }: Supervision, dynamic: boolean): ChildCounts {
  let active = 0
  let supervisors = 0
  for (const { spec, status, gone } of children.values()) {
    // while one starts or stops, nothing is answered
    if (!gone && status === 'running') active++
    if (spec.kind === 'supervisor') supervisors++
  }
  return { specs: dynamic ? 1 : children.size, active, supervisors, workers: children.size - supervisors }
}
