// When the chains of a run must have ended: their own deadlines and those of whoever they work for, the earlier one.

import type { ChainSpec } from '../../definition/spec.ts'
import type { PlanNode } from '../../journal/run-plan.ts'
import { type Duration, toMs } from '../../kernel/duration.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Failure } from '../../kernel/failure.ts'

/** When a run must have ended: a date, milliseconds since the epoch, or how long after its acceptance, as in `'1h'`. */
export type Deadline = Date | number | Extract<Duration, string>

// the last moment that JavaScript can write down
const last = 8.64e15

/** Milliseconds since the epoch. */
export function deadlineAt(given: Deadline, now: number): number {
  const at = typeof given === 'string' ? now + toMs(given, 'deadline of the run') : Number(given)
  if (Number.isFinite(at) && Math.abs(at) <= last) return at
  throw new CatenaryError(
    'BAD_OPTION',
    `deadline is ${String(given)}: give a Date, milliseconds since the epoch, or a duration such as '1h'`,
  )
}

/**
 * The nodes of a plan with their deadlines. A chain's own counts from the run's acceptance; a chain that nobody asked
 * for must end by when the last of those that need it must; and none ends later than its run.
 */
export function withDeadlines(
  nodes: readonly PlanNode[],
  targets: readonly string[],
  spec: (chain: string) => ChainSpec | undefined,
  { now, run }: { readonly now: number; readonly run: number | undefined },
): readonly PlanNode[] {
  const own = (node: PlanNode): number => now + (spec(node.chain)?.deadline ?? Infinity)
  if (run === undefined && !nodes.some((node) => own(node) < Infinity)) return nodes
  const consumers = new Map<string, PlanNode[]>()
  for (const node of nodes)
    for (const { key } of node.needs) consumers.set(key, [...(consumers.get(key) ?? []), node])
  const known = new Map<string, number>()
  const dueOf = (node: PlanNode): number => {
    const before = known.get(node.key)
    if (before !== undefined) return before
    const above = targets.includes(node.key) ? [] : (consumers.get(node.key) ?? [])
    const inherited = above.length === 0 ? Infinity : Math.max(...above.map(dueOf))
    const due = Math.min(own(node), inherited, run ?? Infinity)
    known.set(node.key, due)
    return due
  }
  return nodes.map((node) => {
    const deadline = dueOf(node)
    return deadline === Infinity ? node : { ...node, deadline }
  })
}

/** The deadline of a chain that another calls: its own counts from the call. */
export function calledBy(
  { deadline }: Pick<ChainSpec, 'deadline'>,
  caller: number | undefined,
  now: number,
): number | undefined {
  const due = Math.min(now + (deadline ?? Infinity), caller ?? Infinity)
  return due === Infinity ? undefined : due
}

/** Why a chain ends that has passed its deadline. */
export function passedDeadline(chain: string, deadline: number): Failure {
  const at = new Date(deadline).toISOString()
  return { kind: 'deadline', message: `chain "${chain}" passed its deadline, ${at}`, retryable: false }
}
