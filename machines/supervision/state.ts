// What a supervisor remembers, what it hears and what it orders: all data, so that a recorded trace replays.

import type { AdminAnswer, AdminCall } from './admin.ts'
import type { ChildSpec, GroupSpec } from './spec.ts'

/**
 * `restarting`: its restart failed, or waits for its backoff. `stopped`: not running, and nothing is under way;
 * its spec is there.
 */
export type ChildStatus = 'starting' | 'running' | 'stopping' | 'restarting' | 'stopped'

export interface Child {
  readonly spec: ChildSpec
  status: ChildStatus
  /** Numbers its lives over the whole supervisor, as pids would; 0 before the first. */
  life: number
  /** It has ended, and that is still in the queue. */
  gone: boolean
  /** A restart of its group stopped it, or it never came to its turn: the next one starts it. */
  wanted: boolean
  /** It waits until its backoff is due. */
  waits: boolean
  /** Failures in a row. */
  failures: number
  /** When its life began (ms). */
  startedAt: number
}

/** Why a supervisor has ended. OTP says `shutdown` to its parent in every case. */
export type EndCause = 'stop' | 'intensity' | 'auto_shutdown' | 'start_failed'

export type Phase = 'idle' | 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped' | 'failed'

/** `normal` and `shutdown` (OTP's `{shutdown, _}` too) are ends in order; anything else is abnormal. */
export type ExitReason = string

/** One step of what the supervisor is in the middle of. */
export type Work =
  | { readonly op: 'start'; readonly child: string; readonly why: 'boot' | 'restart' }
  | {
      readonly op: 'start'
      readonly child: string
      readonly why: 'start-child' | 'restart-child'
      readonly call: string
    }
  | { readonly op: 'stop'; readonly child: string; readonly why: 'restart' | 'end' }
  | { readonly op: 'stop'; readonly child: string; readonly why: 'terminate-child'; readonly call: string }
  | { readonly op: 'stop-all' }
  | { readonly op: 'up' }
  | { readonly op: 'end'; readonly cause: EndCause }

/** Heard while it was in the middle of something: OTP's mailbox. */
export type Queued =
  | { readonly type: 'exited'; readonly child: string; readonly life: number; readonly reason: ExitReason }
  | { readonly type: 'retry'; readonly child: string }
  | { readonly type: 'admin'; readonly call: string; readonly ask: AdminCall }
  | { readonly type: 'stop' }

/** A supervisor. Changed in place by `supervise` only: a copy of 10,000 children for each event would be quadratic. */
export interface Supervision {
  readonly spec: GroupSpec
  phase: Phase
  /** By id, in start order. */
  readonly children: Map<string, Child>
  /** When restarts were tried, oldest first (ms); none older than the period. */
  restarts: number[]
  lives: number
  /** How many children are `restarting`. */
  restarting: number
  /** What is left to do, the next one last. */
  work: Work[]
  /** What it waits for; how many children, where it is `stop-all`. */
  awaiting: Work | undefined
  left: number
  queue: Queued[]
  cause: EndCause | undefined
  /** Which child could not be started, and why, where that is the cause. */
  failedStart: { readonly child: string; readonly reason: ExitReason } | undefined
}

interface Told<T extends string> {
  readonly type: T
  /** When (ms, of one clock). */
  readonly at: number
}

interface OfChild<T extends string> extends Told<T> {
  readonly child: string
  /** Which of its lives; absent: the present one. */
  readonly life?: number
}

export type SupervisionEvent =
  | Told<'start'>
  | OfChild<'started'>
  | (OfChild<'start-failed'> & { readonly reason: ExitReason })
  /** OTP's `ignore`: it need not run, and keeps its spec. */
  | OfChild<'start-ignored'>
  | (OfChild<'exited'> & { readonly reason: ExitReason })
  /** The deadline of a `shutdown` order has passed. */
  | OfChild<'deadline'>
  /** The wait of a `back-off` order is over. */
  | OfChild<'due'>
  | (Told<'admin'> & { /** Names the call in its reply. */ readonly call: string; readonly ask: AdminCall })
  | Told<'stop'>

export type SupervisionCommand =
  | {
      readonly do: 'start'
      readonly child: string
      readonly life: number
      readonly why: 'boot' | 'restart' | 'start-child' | 'restart-child'
    }
  /** Ask it to end; tell `deadline` at `until` (ms), unless that is null. */
  | { readonly do: 'shutdown'; readonly child: string; readonly life: number; readonly until: number | null }
  | { readonly do: 'kill'; readonly child: string; readonly life: number }
  /** Tell `due` after the wait that so many failures in a row ask for. */
  | { readonly do: 'back-off'; readonly child: string; readonly failures: number }
  | { readonly do: 'forget-back-off'; readonly child: string }
  /** The spec is gone. */
  | { readonly do: 'removed'; readonly child: string }
  | { readonly do: 'reply'; readonly call: string; readonly answer: AdminAnswer }
  /** All children have been started. */
  | { readonly do: 'up' }
  /** The one end of a supervisor, once no child is left. */
  | {
      readonly do: 'ended'
      readonly cause: EndCause
      readonly failedStart?: { readonly child: string; readonly reason: ExitReason }
    }

/** A supervisor that has not been started. */
export function beginSupervision(spec: GroupSpec): Supervision {
  return {
    spec,
    phase: 'idle',
    children: new Map(spec.children.map((child) => [child.id, newChild(child)])),
    restarts: [],
    lives: 0,
    restarting: 0,
    work: [],
    awaiting: undefined,
    left: 0,
    queue: [],
    cause: undefined,
    failedStart: undefined,
  }
}

export function newChild(spec: ChildSpec): Child {
  return {
    spec,
    status: 'stopped',
    life: 0,
    gone: false,
    wanted: true,
    waits: false,
    failures: 0,
    startedAt: 0,
  }
}
